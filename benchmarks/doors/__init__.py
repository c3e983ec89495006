"""The doors under the clock, each beside a peer or beside itself; `python -m benchmarks.doors`."""

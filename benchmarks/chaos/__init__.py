"""The chaos run: what breaks, when, and what is left of the mail; `python -m benchmarks.chaos`."""

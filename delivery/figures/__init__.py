"""The roll-up of the delivery log: counted once for each change, read by every figure and picture."""

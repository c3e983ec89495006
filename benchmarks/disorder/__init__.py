"""The parts of the chaos run: what breaks, when, and what is left of the mail."""

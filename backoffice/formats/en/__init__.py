"""English, day first and 24 hours."""

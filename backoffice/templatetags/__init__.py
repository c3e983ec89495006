"""What templates of the consoles load."""

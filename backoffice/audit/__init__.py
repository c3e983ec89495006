"""The audit log of the consoles: what writes it, and its words."""

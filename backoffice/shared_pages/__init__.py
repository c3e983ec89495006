"""Pages that both consoles have."""

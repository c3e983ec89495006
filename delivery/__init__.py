"""The outbox: what was accepted, what became of it, and the work in between."""

"""The commands of people and the audit log."""

"""Who may do what and who did what: people and the audit log."""

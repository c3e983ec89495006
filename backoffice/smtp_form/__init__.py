"""The form of an SMTP server, its buttons, and what a check found."""

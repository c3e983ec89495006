"""What an SMTP server is, how it is reached and how it is checked."""

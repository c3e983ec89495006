"""The SMTP client: connection, session, submission of one message, and what replies mean."""

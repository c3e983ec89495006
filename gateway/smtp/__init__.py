"""The door that every mail program knows: SMTP submission (RFC 6409), carried by aiosmtpd."""

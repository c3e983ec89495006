"""Real servers on loopback: SMTP, DNS, OAuth 2.0, PostgreSQL, their certificates and ports."""

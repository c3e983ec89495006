"""Real parts for the tests: people, an SMTP server on a socket, a DNS server, a broker, a database, a browser."""

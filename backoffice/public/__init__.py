"""Pages without sign-in: the records of a domain behind a link, and health."""

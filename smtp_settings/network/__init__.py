"""Where connections may go: the address policy, DNS and TLS."""

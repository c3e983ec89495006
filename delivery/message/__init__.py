"""What a message is: what must hold of it, and the bytes that travel."""

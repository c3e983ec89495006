"""Mailboxes and the threads between them."""

"""Signing in by OAuth 2.0: where tokens come from, how they are asked for and kept, and what SMTP makes of them."""

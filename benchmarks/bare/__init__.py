"""The least that takes a message over HTTP for good: a Django view that checks a key and inserts one row."""

"""Sending: a run over the queue of one server, its connections and what it makes of replies."""

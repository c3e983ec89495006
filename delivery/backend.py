"""Django's e-mail backend that puts mail into the outbox."""

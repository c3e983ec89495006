"""The rows of the outbox: enqueued, leased in batches, recorded, recovered, released, forgotten."""

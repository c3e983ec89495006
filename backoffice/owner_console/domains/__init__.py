"""Domain requests as the owner sees them: queue, page, actions, records, links."""

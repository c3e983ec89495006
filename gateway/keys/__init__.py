"""Who comes to a door with a key: whether it opens, and what its people are told of it."""

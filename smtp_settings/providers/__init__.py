"""Known mail providers, and how the settings of an address are discovered."""

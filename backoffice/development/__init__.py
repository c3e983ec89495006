"""The whole product on one machine, for development: its processes, its mail catcher, its demo data."""

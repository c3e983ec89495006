"""Words for people: the sentences that are stored, and what a name may be."""

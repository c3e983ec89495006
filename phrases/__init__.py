"""Words for people: sentences as they are stored (`phrase`, `field`), and what a name may be (`names`)."""

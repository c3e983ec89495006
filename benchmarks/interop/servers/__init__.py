"""The mail servers of the lab, one file each, and what they need beside them."""

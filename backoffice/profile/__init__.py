"""What people do for themselves: name, address, sessions, language and time zone, and what e-mails tell them."""

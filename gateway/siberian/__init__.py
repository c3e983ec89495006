"""Carry over what an installation of Siberian CMS has: SMTP settings, white-labels, applications and their owners."""

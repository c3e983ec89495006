"""Codes with which a person who signed in at the site arrives at the host of a white-label's console."""

from django.db import models


class HandOverCode(models.Model):
    """A code that was not used yet. What it says is in the code itself, signed; here is only that it may be used once.

    `hash` is SHA-256 of the code.
    """

    hash = models.CharField(max_length=64, primary_key=True)
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)

"""A key, and a message."""

from django.db import models


class Key(models.Model):
    """The secret is found by its first characters, and compared by its hash."""

    prefix = models.CharField(max_length=20, unique=True)
    sha256 = models.CharField(max_length=64)


class Message(models.Model):
    key = models.ForeignKey(Key, on_delete=models.PROTECT)
    accepted_at = models.DateTimeField(auto_now_add=True)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=998)
    content = models.BinaryField()

"""Mailboxes and the threads between them."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "messages"
    label = "inbox"  # django.contrib.messages owns the label "messages"
    default_auto_field = "django.db.models.BigAutoField"

"""Whom receivers see mail to be from."""

from django import template

from smtp_settings.models import SmtpServer
from whitelabel.routing import sender_of

register = template.Library()


@register.filter
def shown_sender(server: SmtpServer) -> str:
    """Return the sender of a server as `route_for` lets receivers see it: without a name that is somebody else's."""
    return str(sender_of(server))

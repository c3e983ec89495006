"""Who made a link to the records of a domain, as each console says it."""

from django import template

from messages.models import Mailbox
from people.roles import roles_of
from whitelabel.correspondence import name_of
from whitelabel.models import RecordsLink

register = template.Library()


@register.filter
def maker_for(link: RecordsLink, console_name: str) -> str:
    """Return who made `link`; to a white-label, the platform's people are known by its support name only."""
    if link.made_by is None:
        return "somebody"
    if console_name != "owner" and roles_of(link.made_by):
        return name_of(Mailbox.platform())
    return str(link.made_by)

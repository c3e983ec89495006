"""Lead from where somebody hesitates to what explains it, in the console where they are."""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

register = template.Library()


@register.inclusion_tag("console/help_link.html", takes_context=True)
def help_link(context: dict[str, Any], page: str, anchor: str, words: str) -> dict[str, str]:
    """Show a link to a heading of a page of Help, "" its own guide; nothing where the console has no such page."""
    console = getattr(context["request"], "console", None)
    try:
        address = reverse(f"{console.name}:{'_'.join(filter(None, ('help', page)))}") if console else ""
    except NoReverseMatch:
        address = ""
    return {"address": f"{address}#{anchor}".rstrip("#") if address else "", "words": words}

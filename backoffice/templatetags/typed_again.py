"""What was typed into a page before its session ended, given back to its forms (`backoffice.console.interrupted`)."""

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from backoffice.console import interrupted
from people.models import User

register = template.Library()
SHOWN = "_shows_typed_again"  # of a request: once a page


@register.simple_tag(takes_context=True)
def typed_again(context: template.RequestContext) -> SafeString | str:
    """Render for whom the page is made, and what they had typed on it before they had to sign in again."""
    request = context.get("request")
    if request is None or not isinstance(getattr(request, "user", None), User) or getattr(request, SHOWN, False):
        return ""
    setattr(request, SHOWN, True)
    kept = interrupted.take(request)
    shown = {"typed_by": interrupted.token_of(request.user), "kept": kept}
    return render_to_string("console/typed_again.html", shown)

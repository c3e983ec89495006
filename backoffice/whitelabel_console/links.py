"""A link from an e-mail says which white-label it is about, for people who are admins of several."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from backoffice.whitelabel_console.scope import SESSION_KEY, administered_by
from whitelabel.correspondence import LINK_PARAMETER


def follow_link(request: HttpRequest) -> HttpResponse | None:
    """Choose the white-label that a link from an e-mail names, if it is one of the person's; answer with the page."""
    if request.method != "GET" or LINK_PARAMETER not in request.GET:
        return None
    named, rest = request.GET[LINK_PARAMETER], request.GET.copy()
    if named.isdecimal() and administered_by(request.user).filter(pk=named).exists():
        request.session[SESSION_KEY] = int(named)
    del rest[LINK_PARAMETER]
    return HttpResponseRedirect(f"{request.path}?{rest.urlencode()}" if rest else request.path)

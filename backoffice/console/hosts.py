"""The hosts of consoles: the site's own, where everybody signs in, and those of white-labels."""

import re
from urllib.parse import urlsplit

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.request import split_domain_port, validate_host

from whitelabel.models import WhiteLabel

LEAVES = re.compile(r"/accounts/console/([^/?#]+)/")


def white_label_at(host: str) -> WhiteLabel | None:
    """Return the white-label whose console is at `host`, None where there is none or nobody would be answered."""
    if host == urlsplit(settings.SITE_URL).hostname or not validate_host(host, settings.ALLOWED_HOSTS):
        return None
    return WhiteLabel.objects.filter(console_host=host, archived_at=None).first()


def bound_for(request: HttpRequest) -> WhiteLabel | None:
    """Return the white-label to whose console somebody goes back after the sign-in, None where it is the site."""
    pending = request.session.get(LOGIN_SESSION_KEY) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
    wanted = _posted(request, "next") or request.GET.get("next") or (pending or {}).get("redirect_url") or ""
    found = LEAVES.match(wanted)
    return white_label_at(found[1]) if found else None


def _posted(request: HttpRequest, name: str) -> str:
    """Return a field of the body, "" of one that is no form: error pages, which have a brand too, answer those."""
    try:
        return str(request.POST.get(name, ""))
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        return ""


def host_of(request: HttpRequest) -> str:
    """Return the host that was asked, without its port."""
    return split_domain_port(request.get_host())[0]


def url_at(host: str, path: str) -> str:
    """Return the address of `path` at a console's host, which is reached like the site."""
    site = urlsplit(settings.SITE_URL)
    return f"{site.scheme}://{host}:{site.port}{path}" if site.port else f"{site.scheme}://{host}{path}"

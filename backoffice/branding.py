"""Names and colours of the two consoles."""

from django.http import HttpRequest


def site_title(request: HttpRequest) -> str:
    return "Backoffice"


def colours(request: HttpRequest) -> dict[str, dict[str, str]]:
    return {}

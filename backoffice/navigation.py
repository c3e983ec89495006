"""The side menus. Titles are marked safe by Unfold: never user text."""

from typing import Any

from django.http import HttpRequest


def of_owner(request: HttpRequest) -> list[dict[str, Any]]:
    return []


def of_white_label(request: HttpRequest) -> list[dict[str, Any]]:
    return []

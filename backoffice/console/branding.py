"""Names and colours: the owner's console is neutral, the white-label's wears its brand. The site decides."""

from dataclasses import asdict, dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from backoffice.console.hosts import bound_for, host_of, white_label_at
from backoffice.console.scope import current_white_label, white_labels_of
from notifications.brand import Brand
from people.roles import Right, may
from whitelabel.models import WhiteLabel

GREYS = {
    "50": "#f8fafc", "100": "#f1f5f9", "200": "#e2e8f0", "300": "#cbd5e1", "400": "#94a3b8", "500": "#5b6b82",
    "600": "#475569", "700": "#334155", "800": "#1e293b", "900": "#111a2c", "950": "#0a1020",
}  # fmt: skip
FONT = {
    "subtle-light": "var(--color-base-500)",
    "subtle-dark": "var(--color-base-400)",
    "default-light": "var(--color-base-600)",
    "default-dark": "var(--color-base-300)",
    "important-light": "var(--color-base-900)",
    "important-dark": "var(--color-base-100)",
}

Colours = dict[str, dict[str, str]]


@dataclass(frozen=True)
class PageBrand(Brand):
    """What a page shows at its head."""

    @property
    def colours(self) -> Colours:
        return {"base": GREYS, "primary": self.palette, "font": FONT}

    @property
    def palette_address(self) -> str:
        """Return where the colours are as a stylesheet: in the page they would be an inline style."""
        return reverse("palette", args=[self.colour.removeprefix("#").lower()])


PLATFORM = PageBrand()


def brand_of(white_label: WhiteLabel | None) -> PageBrand:
    return PLATFORM if white_label is None else PageBrand(**asdict(white_label.brand))


def of_host(request: HttpRequest) -> PageBrand:
    """Return the brand for somebody who is not signed in: of the console's host where they are or come from."""
    return brand_of(white_label_at(host_of(request)) or bound_for(request))


def owner_title(request: HttpRequest) -> str:
    return PLATFORM.name


def owner_palette(request: HttpRequest) -> str:
    return PLATFORM.palette_address


def white_label_title(request: HttpRequest) -> str:
    return _current(request).name


def white_label_palette(request: HttpRequest) -> str:
    return _current(request).palette_address


def no_colours(request: HttpRequest) -> Colours:
    """Return none for the inline style that Unfold would make of them."""
    return {}


def outside_the_consoles(request: HttpRequest) -> dict[str, object]:
    """Give the pages of sign-in and account the look of the consoles, whose own context goes before this one."""

    @cache
    def brand() -> PageBrand:
        return _of_person(request)

    return {
        "site_title": lambda: brand().name,
        "site_symbol": settings.UNFOLD["SITE_SYMBOL"],
        "site_favicons": [{"rel": "icon", "type": "image/svg+xml", "href": static("backoffice/icon.svg")}],
        "styles": lambda: [*(static(path) for path in settings.CONSOLE_STYLES), brand().palette_address],
        "scripts": [static(path) for path in settings.CONSOLE_SCRIPTS],
    }


def _of_person(request: HttpRequest) -> PageBrand:
    """Return the brand for an account page: the white-label's, unless a platform owner reads it."""
    if not request.user.is_authenticated:
        return of_host(request)
    if may(request.user, Right.SEE) or not white_labels_of(request.user).exists():
        return PLATFORM
    return brand_of(current_white_label(request))


def _current(request: HttpRequest) -> PageBrand:
    return brand_of(current_white_label(request)) if request.user.is_authenticated else of_host(request)

"""The colours of a brand as a stylesheet of its own: pages need no inline style for them."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from backoffice.console.branding import PageBrand

AGE_SECONDS = 24 * 3600
COLOUR = re.compile(r"[0-9a-f]{6}")


@require_safe
@cache_control(public=True, max_age=AGE_SECONDS)
def palette_css(request: HttpRequest, brand: str) -> HttpResponse:
    """Return the palette of the colour whose six hexadecimal digits `brand` is; it knows no session."""
    if not COLOUR.fullmatch(brand):
        raise Http404
    colours = PageBrand(colour=f"#{brand}").colours
    weights = ((f"{name}-{weight}", value) for name, values in colours.items() for weight, value in values.items())
    lines = "".join(f"    --color-{name}: {value};\n" for name, value in weights)
    return HttpResponse(f":root {{\n{lines}}}\n", content_type="text/css; charset=utf-8")

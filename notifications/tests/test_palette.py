"""Brand colours: whatever a white-label chooses, text stays readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.palette import DARK_SURFACE, WHITE, Rgb, contrast, palette

READABLE = 4.5  # WCAG 2.2, 1.4.3
any_colour = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def as_rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert contrast((0, 0, 0), WHITE) == pytest.approx(21)


@given(any_colour)
def test_white_text_is_readable_on_every_button(brand: str) -> None:
    weights = palette(brand)
    assert all(contrast(as_rgb(weights[weight]), WHITE) >= READABLE for weight in ("600", "700", "800"))


@given(any_colour)
def test_links_are_readable_in_the_dark_theme(brand: str) -> None:
    weights = palette(brand)
    assert all(contrast(as_rgb(weights[weight]), DARK_SURFACE) >= READABLE for weight in ("400", "500"))


@given(any_colour)
def test_badges_are_readable(brand: str) -> None:
    weights = palette(brand)
    assert contrast(as_rgb(weights["700"]), as_rgb(weights["100"])) >= READABLE


def test_a_readable_brand_colour_is_kept_as_it_is() -> None:
    assert palette("#4f46e5")["600"] == "#4f46e5"


@pytest.mark.parametrize("brand", ["red", "#fff", "#12345g", "", "#4f46e5;}"])
def test_what_is_no_colour_is_refused(brand: str) -> None:
    with pytest.raises(ValueError, match="No colour"):
        palette(brand)

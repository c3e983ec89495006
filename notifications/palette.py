"""Make a readable palette of one brand colour: eleven OKLCH weights, text contrast as the WCAG measures it."""

import math
import re
from functools import cache

Rgb = tuple[float, float, float]

WHITE: Rgb = (1.0, 1.0, 1.0)
DARK_SURFACE: Rgb = (31 / 255, 41 / 255, 55 / 255)  # the lightest surface of the dark theme
CONTRAST_MIN = 4.9  # a little above the 4.5 of WCAG 2.2, 1.4.3, for tinted surfaces
TINTS = {50: (0.98, 0.12), 100: (0.955, 0.25), 200: (0.915, 0.4), 300: (0.855, 0.65), 400: (0.78, 0.9)}
SHADES = {700: 0.88, 800: 0.77, 900: 0.66, 950: 0.5}
STEP = 0.005


@cache
def palette(brand: str) -> dict[str, str]:
    """Return weight to `#rrggbb` for the colour `brand` (`#rrggbb`).

    White text is readable on 600 and darker, 600 is readable on white, 500 on the dark theme.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", brand):
        raise ValueError(f"No colour: {brand}")
    lightness, chroma, hue = _oklch(_rgb(brand))
    solid = _darkened(min(max(lightness, 0.42), 0.62), chroma, hue)
    bright = _brightened(max(solid, 0.62), chroma, hue)
    weights = {weight: _inside(light, chroma * part, hue) for weight, (light, part) in TINTS.items()}
    weights[500], weights[600] = _inside(bright, chroma, hue), _inside(solid, chroma, hue)
    weights |= {weight: _inside(solid * part, chroma * part, hue) for weight, part in SHADES.items()}
    return {str(weight): _hex(colour) for weight, colour in sorted(weights.items())}


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _darkened(lightness: float, chroma: float, hue: float) -> float:
    while contrast(_inside(lightness, chroma, hue), WHITE) < CONTRAST_MIN:
        lightness -= STEP
    return lightness


def _brightened(lightness: float, chroma: float, hue: float) -> float:
    while contrast(_inside(lightness, chroma, hue), DARK_SURFACE) < CONTRAST_MIN:
        lightness += STEP
    return lightness


def _inside(lightness: float, chroma: float, hue: float) -> Rgb:
    """Return the colour as sRGB; its chroma gives way where the screen cannot show it."""
    colour = _srgb(lightness, chroma, hue)
    while chroma > 0 and not all(-0.0005 <= part <= 1.0005 for part in colour):
        chroma -= STEP
        colour = _srgb(lightness, max(chroma, 0), hue)
    red, green, blue = (min(max(part, 0.0), 1.0) for part in colour)
    return red, green, blue


def _rgb(text: str) -> Rgb:
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _to_linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _from_linear(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_to_linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklch(colour: Rgb) -> tuple[float, float, float]:
    """Return lightness 0 to 1, chroma, and hue in radians (the OKLab colour space)."""
    red, green, blue = (_to_linear(part) for part in colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _srgb(lightness: float, chroma: float, hue: float) -> Rgb:
    """Return the colour as sRGB, with parts outside 0 to 1 where the screen cannot show it."""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _from_linear(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _from_linear(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _from_linear(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )

"""Whether everybody can use a page: axe-core's rules, the width of a phone, the keyboard (WCAG 2.2, level AA)."""

from collections.abc import Iterator
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from testing.browser import NARROW, WIDE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OFF_BY_DEFAULT = ("target-size", "label-content-name-mismatch")
OF_LOOKS = [  # the rules that another width or scheme may break
    *("aria-hidden-focus", "button-name", "color-contrast", "label", "landmark-unique", "link-in-text-block"),
    *("link-name", "nested-interactive", "region", "scrollable-region-focusable", "target-size"),
]
ALL: dict[str, object] = {"runOnly": TAGS, "rules": {rule: {"enabled": True} for rule in OFF_BY_DEFAULT}}
OUTPUT: dict[str, object] = {"resultTypes": ["violations"], "elementRef": False, "preload": False, "iframes": False}
AXE = """(options) => axe.run(options).then(
    (found) => found.violations.flatMap(
        ({ id, nodes }) => nodes.map((node) => [id, node.target.join(" "), node.failureSummary])
    )
)"""
OWN_SCRIPT = (Path(__file__).parent / "accessibility.js").read_text()
UNFOLDED = "document.querySelectorAll('details').forEach((each) => each.setAttribute('open', ''))"
DRAWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


def prepare(page: Page) -> None:
    """Give every page that is loaded the scripts that look at it."""
    page.add_init_script(AXE_SCRIPT)
    page.add_init_script(OWN_SCRIPT)
    page.emulate_media(reduced_motion="reduce")


def faults(page: Page, path: str) -> Iterator[str]:
    """Load a page once, unfold what it folds, and yield "PATH, LOOK: rule: element: why" for what is wrong with it.

    It is looked at wide and light, then as a phone shows it in the dark.
    """
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.goto(path)
    page.evaluate(UNFOLDED)
    for wrong in (*_by_axe(page, ALL), *_by_script(page, "ringless", "mouseOnly")):
        yield f"{path}, wide and light: {wrong}"
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark")
    page.evaluate(DRAWN)
    for wrong in (*_by_axe(page, {"runOnly": OF_LOOKS}), *_by_script(page, "wide", "mouseOnly")):
        yield f"{path}, narrow and dark: {wrong}"


def _by_axe(page: Page, rules: dict[str, object]) -> Iterator[str]:
    for rule, element, why in page.evaluate(AXE, rules | OUTPUT):
        yield f"{rule}: {element}: {' '.join(why.split())}"


def _by_script(page: Page, *checks: str) -> Iterator[str]:
    for check in checks:
        for why, element in page.evaluate(f"accessibility.{check}()"):
            yield f"{check}: {element}: {why}"

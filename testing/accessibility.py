"""Whether everybody can use a page: axe-core's rules, the width of a phone, the keyboard (WCAG 2.2, level AA)."""

from collections.abc import Iterator
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Error, Page

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
DOWNLOAD = "Download is starting"
DRAWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


def prepare(page: Page) -> None:
    """Give every page that is loaded the scripts that look at it."""
    page.add_init_script(AXE_SCRIPT)
    page.add_init_script(OWN_SCRIPT)
    page.emulate_media(reduced_motion="reduce")


def is_page(page: Page, path: str) -> bool:
    """Go to `path`, wide and light, and return whether it is a whole page, and not a part, a file or elsewhere."""
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    try:
        answer = page.goto(path)
    except Error as error:
        if DOWNLOAD in error.message:
            return False
        raise
    return answer is not None and answer.url.endswith(path) and answer.status == 200 and "<html" in answer.text()


def faults(page: Page, what: str) -> Iterator[str]:
    """Unfold what the page folds, and yield "WHAT, LOOK: rule: element: why" for what is wrong with it.

    It is looked at wide and light, as it is, then as a phone shows it in the dark.
    """
    page.evaluate(UNFOLDED)
    for wrong in (*_by_axe(page, ALL), *_by_script(page, "ringless", "mouseOnly")):
        yield f"{what}, wide and light: {wrong}"
    yield from faults_on_a_phone(page, what)


def faults_on_a_phone(page: Page, what: str) -> Iterator[str]:
    """Yield as `faults` does what is wrong with the page as a phone shows it in the dark."""
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark")
    page.evaluate(DRAWN)
    for wrong in (*_by_axe(page, {"runOnly": OF_LOOKS}), *_by_script(page, "wide", "mouseOnly")):
        yield f"{what}, narrow and dark: {wrong}"


def faults_of_what_is_open(page: Page, what: str) -> Iterator[str]:
    """Yield what is wrong with what lies open over a page; nothing moves the focus, which would close it."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(DRAWN)
        for wrong in (*_by_axe(page, ALL), *_by_script(page, "wide", "mouseOnly")):
            yield f"{what}, {scheme}: {wrong}"


def _by_axe(page: Page, rules: dict[str, object]) -> Iterator[str]:
    for rule, element, why in page.evaluate(AXE, rules | OUTPUT):
        yield f"{rule}: {element}: {' '.join(why.split())}"


def _by_script(page: Page, *checks: str) -> Iterator[str]:
    for check in checks:
        for why, element in page.evaluate(f"accessibility.{check}()"):
            yield f"{check}: {element}: {why}"

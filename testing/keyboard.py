"""A visitor without a mouse: what they reach with Tab, they press and fill, and they see where they are."""

from playwright.sync_api import Locator, Page, expect

from testing.browser import labelled

FAR = 150  # presses of Tab that no page needs
IS_HERE = "(element) => element.contains(document.activeElement)"
IS_COVERED = """(element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const above = document.elementFromPoint(left + width / 2, top + height / 2);
    return !(element.contains(above) || above?.contains(element));
}"""


class Keyboard:
    """Raises `AssertionError` for what Tab does not reach, or reaches where it cannot be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go_to(self, target: Locator) -> None:
        expect(target).to_be_visible()
        for _ in range(FAR):
            if target.evaluate(IS_HERE):
                expect(target).to_be_in_viewport()
                assert not target.evaluate(IS_COVERED), f"{target} has the focus under something else"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no key leads to {target}")

    def press(self, target: Locator, key: str = "Enter") -> None:
        self.go_to(target)
        self.page.keyboard.press(key)

    def press_button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        self.press(self.page.get_by_role("link", name=name).first)

    def write(self, typed: dict[str, str], part: Page | Locator | None = None) -> None:
        """Type into fields, by the beginnings of their labels."""
        for label, value in typed.items():
            self.go_to(labelled(part or self.page, label))
            self.page.keyboard.press("ControlOrMeta+A")
            self.page.keyboard.insert_text(value)

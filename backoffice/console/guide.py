"""A page of `docs/` as the consoles show it: Markdown of the project, never anybody's text."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

NOT_IN_ANCHOR = re.compile(r"[^a-z0-9 -]")
TO_PAGE = re.compile(r"([a-z-]+)\.md(#.*)?\Z")

AddressOf = Callable[[str], str]  # of a page by its name, "" where the console does not have it


@dataclass(frozen=True)
class Guide:
    """`name` is that of the file, `title` is what menus call it."""

    name: str
    title: str

    def render(self, address_of: AddressOf) -> SafeString:
        """Return the page as HTML without its first heading; links to pages that are not shown are only words."""
        reader = MarkdownIt("commonmark", {"html": False}).enable("table")
        reader.add_render_rule("table_open", lambda *_: '<div class="scroller"><table>')
        reader.add_render_rule("table_close", lambda *_: "</table></div>")
        tokens = reader.parse(self.text)
        for at, token in enumerate(tokens):
            if token.type == "heading_open":
                token.attrSet("id", anchor_of(tokens[at + 1].content))
            for inline in token.children or ():
                _point(inline, address_of)
        return mark_safe(reader.renderer.render(tokens[3:], reader.options, {}))  # noqa: S308

    @property
    def text(self) -> str:
        return str((settings.DOCS / f"{self.name}.md").read_text())

    @property
    def anchors(self) -> Sequence[str]:
        """Return what its headings are called in addresses, as GitHub calls them."""
        tokens = MarkdownIt("commonmark").parse(self.text)
        headings = (tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open")
        return [anchor_of(heading) for heading in headings]


OWNER = Guide("owner", "I own the platform")
WHITE_LABEL = Guide("white-label", "I run a white-label")
SERVER = Guide("server", "I run the server")
GLOSSARY = Guide("glossary", "Glossary")


@cache
def anchor_of(heading: str) -> str:
    return NOT_IN_ANCHOR.sub("", heading.lower()).replace(" ", "-")


def _point(token: Token, address_of: AddressOf) -> None:
    """Let a link lead to the page of the console, and a picture come from its static files."""
    if token.type == "image":
        token.attrSet("src", static(f"docs/{str(token.attrs['src']).removeprefix('images/')}"))
    elif token.type == "link_open" and (page := TO_PAGE.match(str(token.attrs["href"]))):
        address = address_of(page[1])
        token.attrs = {"href": address + (page[2] or "")} if address else {}

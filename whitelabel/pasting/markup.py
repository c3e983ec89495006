"""Take off what stands around the text of a paste: HTML tags, marks of quotes, bullets, emphasis, link brackets."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from whitelabel.pasting.words import label_of

EMPHASIS = "Marks of emphasis were taken off."
LINK = "Link brackets were taken off."
DECODED = "The text was written as quoted-printable (RFC 2045, 6.7) and was decoded."
INVISIBLE = dict.fromkeys(
    [0xAD, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
)
BLANKS = {0xA0: " ", 0x2007: " ", 0x202F: " ", 0x3000: " ", 0x2003: " ", 0x2002: " "}
UNSEEN = "Invisible characters were taken out."
_TAG = re.compile(
    r"</?(?:html|body|table|thead|tbody|tr|t[dh]|div|p|br|li|[uo]l|dl|d[td]|span|code|pre|input|textarea|button|section"
    r"|h[1-6]|strong|b|em|i|u|font|label|article|small|kbd|blockquote|a|wbr|mark|samp|var|tt|abbr|q|s|del|ins|su[bp]"
    r"|img|svg|path|use)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    "html body table thead tbody tr div p li ul ol dl dt dd pre section article h1 h2 h3 h4 h5 h6 blockquote hr".split()
)
_FIELDS = frozenset({"text", "", "hidden", "url", "search"})
_WIDE_GAP = re.compile(r"([ \t]{40})[ \t]+")
_CLOSED = re.compile(r"</([A-Za-z][\w-]{1,40})>")
_QUOTE = re.compile(r"\A(?:\s{0,8}(?:>|&gt;))+ ?")
_STAMP = re.compile(r"\[[^\[\]]{0,20}\d{1,2}:\d{2}[^\[\]]{0,20}\]\s*(?:[^:\t]{1,30}:\s(?=.*\S))?")
_BULLET = re.compile(r"\s*(?:[-*•·‣◦▪●○–—►▶➤→✓✔☐☑✅]|\(?\d{1,2}[.)]|\(?[a-z]\)|\[[ xX]?\])\s+")
_BOLD = re.compile(r"\*\*|__(?=[A-Z])|(?<=[:a-z])__(?=\s|$)|~~")
_STAR = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,300}?)(?<=[^\s*])\*(?![\w*])")
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]\n]{1,300})\]\((?:https?://|mailto:)[^()\s]{0,300}\)")
_AUTO_LINK = re.compile(r"<(?:https?://|mailto:)[^<>|\s]{1,300}\|([^<>|]{1,300})>")
_LINK_BEHIND = re.compile(r"(?<=\S)\s?[<\[](?:https?://|mailto:)[^<>\[\]\s]{1,300}[>\]]")
_LINK_ALONE = re.compile(r"<(?:mailto:|https?://)([^<>\s/]{1,300})/?>")
_SOFT_BREAK = re.compile(r"=[ \t]{0,9}\n")
_QUOTED_PRINTABLE = re.compile(r"=([0-9A-F]{2})")


@dataclass(frozen=True)
class Line:
    """A line as it was pasted, its text without marks, the parts between backticks, and what was changed."""

    raw: str
    text: str
    ticked: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


def line_of(raw: str) -> Line:
    """Return a line without the marks around its text; what is no mark for sure stays."""
    seen = raw if raw.isascii() else raw.translate(INVISIBLE)
    text = _WIDE_GAP.sub(r"\1", _QUOTE.sub("", seen, count=1).translate(BLANKS))
    text = _STAMP.sub("", text, count=1) if text.startswith("[") else text
    if (bullet := _BULLET.match(text)) and not _is_wildcard(text):
        text = text[bullet.end() :]
    unmarked = text.replace("`", "") if text.count("`") % 2 == 0 else text
    plain = _STAR.sub(r"\1", _BOLD.sub("", unmarked))
    repairs = [UNSEEN] * (seen != raw) + [EMPHASIS] * (plain != text)
    if "<" in plain or "](" in plain or "[" in plain:
        unlinked = _LINK_ALONE.sub(r"\1", _LINK_BEHIND.sub("", _AUTO_LINK.sub(r"\1", _MARKDOWN_LINK.sub(r"\1", plain))))
        repairs += [LINK] if unlinked != plain else []
        plain = unlinked
    ticked = tuple(part.strip() for part in text.split("`")[1::2]) if text.count("`") % 2 == 0 else ()
    return Line(raw, plain, ticked, tuple(repairs))


def _is_wildcard(text: str) -> bool:
    """Return whether a line begins with the name "*" of a zone file, not with a bullet."""
    words = text.split(None, 3)
    return words[0] == "*" and len(words) > 2 and (words[1].upper() == "IN" or words[1].isdigit())


def is_html(text: str) -> bool:
    return "<" in text and (_TAG.search(text) is not None or _CLOSED.search(text) is not None)


def html_text(text: str) -> str:
    """Return the text that a browser shows of HTML source: a line for each row or block, tabs between cells."""
    page = _Page({name.lower() for name in _CLOSED.findall(text)} - {"script", "style"})
    page.feed(text)
    page.close()
    return "".join(page.parts)


class _Page(HTMLParser):
    """Tags of XML that are closed become labels, others stay as text: "<your domain>" is a placeholder."""

    def __init__(self, closed: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.closed = closed
        self.parts: list[str] = []
        self.in_cell = self.in_row = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.in_row = tag == "tr" or (self.in_row and tag != "table")
        if tag in {"td", "th"}:
            self.in_cell = True
        elif tag == "br":
            self.parts.append(" " if self.in_cell else "\n")
        elif tag in _BLOCKS:
            self.parts.append(" " if self.in_cell and tag != "tr" else "\n")
        elif tag == "input" and (values.get("type") or "").lower() in _FIELDS:
            self.parts.append(f" {values.get('value') or ''} ")
        elif not _TAG.fullmatch(f"<{tag}>"):
            label = f"\n{tag}: " if label_of(tag) else "\n"
            self.parts.append(label if tag in self.closed else self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self.in_row = self.in_row and tag not in {"tr", "table"}
        if tag in {"td", "th"}:
            self.in_cell = False
            self.parts.append("\t")
        elif tag in _BLOCKS:
            self.in_cell = self.in_cell and tag not in {"tr", "table"}
            self.parts.append(" " if self.in_cell else "\n")
        elif not _TAG.fullmatch(f"<{tag}>"):
            self.parts.append("\n" if tag in self.closed else f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.parts.append(" ".join(data.split("\n")))
        elif not self.in_row or data.strip():
            self.parts.append(data)

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        pass


def is_quoted_printable(text: str) -> bool:
    return "=3D" in text


def decoded(text: str) -> str:
    """Return quoted-printable text as it was meant (RFC 2045 6.7), as UTF-8 where it is that."""
    whole = _SOFT_BREAK.sub("", text)
    octets = _QUOTED_PRINTABLE.sub(lambda match: chr(int(match[1], 16)), whole)
    try:
        return octets.encode("latin-1").decode()
    except ValueError:
        return octets

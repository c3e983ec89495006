"""Read mailboxes as people and programs type them (RFC 5322 3.4), in time that grows with their length alone.

Text stays text: an encoded word is not decoded, a comment is no name. What is no mailbox is a `ValueError`.
"""

import re

PHRASE = re.compile(r'(?:"(?:[^"\\]|\\.)*+"|[^"<>]++)*+\Z')  # words and quoted strings; a lone backslash is a letter
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
QUOTED_PAIR = re.compile(r"\\(.)")
ITEM = re.compile(r'((?:"(?:[^"\\]|\\.)*+"|<[^<>"]*+(?:"(?:[^"\\]|\\.)*+"[^<>"]*+)*+>|[^",<]++)*+)(?:,|\Z)')
EMPTY_GROUP = re.compile(r"[^:;,<>@\"]++:\s*+;\Z")  # such as "undisclosed-recipients:;" (RFC 5322 3.4)


def mailbox(text: str) -> tuple[str, str]:
    """Return the display name, possibly "", and the address, which nobody has judged yet."""
    text = text.strip()
    if not text.endswith(">"):
        return "", text
    phrase, bracket, address = text[:-1].rpartition("<")
    if not bracket or not PHRASE.match(phrase):
        raise ValueError(f"{text[:100]!r} is no mailbox")
    return QUOTED.sub(lambda quoted: QUOTED_PAIR.sub(r"\1", quoted[1]), phrase).strip(), address.strip()


def mailboxes(text: str) -> list[tuple[str, str]]:
    """Return the names and addresses of a list with commas; an empty group is an empty list."""
    if EMPTY_GROUP.match(text.strip()):
        return []
    people, at = list[tuple[str, str]](), 0
    while at < len(text):
        item = ITEM.match(text, at)
        if item is None:
            raise ValueError(f"{text[at : at + 100]!r} is no mailbox")
        if item[1].strip():
            people.append(mailbox(item[1]))
        at = item.end()
    return people

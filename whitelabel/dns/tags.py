"""Tag lists as DKIM writes them: `v=DKIM1; k=rsa; p=...` (RFC 6376 3.2)."""

import re

_TAG = re.compile(r"\s*([A-Za-z]\w*)\s*=\s*([!-:<-~]*(?:\s+[!-:<-~]+)*)\s*", re.ASCII)


def tags_of(text: str) -> dict[str, str]:
    """Return the tags in order, {} where it is no tag list: names are case-sensitive, and none is there twice."""
    parts = text.split(";")
    if not parts[-1].strip():
        parts.pop()
    matches = [match for part in parts if (match := _TAG.fullmatch(part))]
    tags = {match[1]: match[2] for match in matches}
    return tags if len(tags) == len(parts) else {}

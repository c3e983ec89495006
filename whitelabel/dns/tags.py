"""Tag lists as DKIM and DMARC write them: `v=DKIM1; k=rsa; p=...` (RFC 6376 3.2)."""


def tags_of(text: str) -> dict[str, str]:
    """Return the tags in order; a tag that is there twice makes the list invalid, and gives {}."""
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    tags = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return tags if len(tags) == len(pairs) and all(separator for _, separator, _ in pairs) else {}

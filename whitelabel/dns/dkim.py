"""DKIM key records (RFC 6376 3.6.1): two of them are the same where a verifier takes them for the same."""

from whitelabel.dns.tags import tags_of

KEY_LABEL = "._domainkey."
DEFAULTS = {"v": "DKIM1", "k": "rsa", "s": "*", "h": ""}


def is_key_name(name: str) -> bool:
    return KEY_LABEL in name


def signing_domain(name: str) -> str:
    """Return the domain that the key at `name` signs for (d=)."""
    return name.rpartition(KEY_LABEL)[2]


def is_key(text: str) -> bool:
    return "p" in _key(text)


def same_key(expected: str, published: str) -> bool:
    """Return whether both say the same key; order, blanks, notes, flags and defaults make no difference to it."""
    key = _key(expected)
    return bool(key.get("p")) and key == _key(published)


def _key(text: str) -> dict[str, str]:
    """Return what a verifier uses of a key record, {} where it is none."""
    tags = tags_of(text)
    if "p" not in tags or ("v" in tags and (next(iter(tags)) != "v" or tags["v"] != "DKIM1")):
        return {}
    key = {name: "".join(tags.get(name, default).split()) for name, default in DEFAULTS.items()}
    return key | {"p": "".join(tags["p"].split())}

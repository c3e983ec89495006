"""How long an e-mail address may be, in octets as servers count them (RFC 5321 4.5.3.1, RFC 6531 3.3)."""

from django.core.exceptions import ValidationError

LOCAL_PART_MAX_OCTETS = 64
DOMAIN_MAX_OCTETS = 255
ADDRESS_MAX_OCTETS = 254  # a path has 256, with its angle brackets


def too_long(address: str) -> str:
    """Return in a sentence which part of `address` is too long, "" where none is."""
    local, _, domain = (part.encode("utf-8", "surrogatepass") for part in address.rpartition("@"))
    for what, octets, most in (
        ("part before the @", local, LOCAL_PART_MAX_OCTETS),
        ("domain", domain, DOMAIN_MAX_OCTETS),
        ("address", local + b"@" + domain, ADDRESS_MAX_OCTETS),
    ):
        if len(octets) > most:
            return f"The {what} has {len(octets)} octets; at most {most} are allowed."
    return ""


def within_limits(address: str) -> None:
    """Refuse an address that no server has to take."""
    if why := too_long(address):
        raise ValidationError(why)

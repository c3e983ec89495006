"""DKIM keys for the zones: real ones, as values and as the strings of a zone file."""

import base64
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

STRING_MAX_CHARS = 255  # of a TXT record (RFC 1035 3.3.14)


def words() -> Mapping[str, str]:
    """Return what stands for keys in the scenarios: `…_record` is a value, `…_txt` its form in a zone file."""
    key, other, long = (_public_key(bits) for bits in (2048, 2048, 4096))
    records = {name: f"v=DKIM1; k=rsa; p={public}" for name, public in (("key", key), ("long", long))}
    return {
        "key": key,
        "key_record": records["key"],
        "key_txt": strings(records["key"]),
        "bare_key_txt": strings(f"p={key}"),
        "other_txt": strings(f"v=DKIM1; k=rsa; p={other}"),
        "long_record": records["long"],
        "long_txt": strings(records["long"]),
        "cut_txt": strings(records["long"][:STRING_MAX_CHARS]),
    }


def strings(value: str) -> str:
    return " ".join(f'"{value[at : at + STRING_MAX_CHARS]}"' for at in range(0, len(value), STRING_MAX_CHARS))


def _public_key(bits: int) -> str:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=bits).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

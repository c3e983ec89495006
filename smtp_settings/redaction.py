"""Take secrets out of what servers say, in every form in which a sign-in can echo them.

A form is looked for by its pieces of twelve characters, blanks and line ends left aside: each look-up costs the same,
so that time grows with the length of the text alone, and a form that a server breaks or shortens is found all the same.
"""

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

MASK = "[secret]"
TEXT_MAX_CHARS = 500
RAW_MAX_CHARS = 4096
UTF8_MAX_BYTES = 4
PIECE_CHARS = 12  # no twelve characters of a password are an innocent part of a reply; fewer may be
FORM_MIN_CHARS = 4  # the hexadecimal form of a letter is in every other word
CORE_MIN_CHARS = 6
LONG_CHARS = 64
GROUP_CHARS = 4  # what base64 makes of three bytes

# Control, zero-width and direction characters; then, with those, what Unicode calls a blank.
INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
LEFT_ASIDE_OF_LINES = " \n\\"
LEFT_ASIDE = re.compile(rf"\s|{INVISIBLE.pattern}")
# In small letters, in the one alphabet of base64, without blanks and without the backslashes of JSON.
BARE = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ-_", "abcdefghijklmnopqrstuvwxyz+/", LEFT_ASIDE_OF_LINES)
LINE_BEGINNING = re.compile(r"\n(?:\d{3}[ -])?(?:\d\.\d{1,3}\.\d{1,3} )?")  # with the codes that each line may repeat
BASE64 = "[A-Za-z0-9+/=_%-]"  # in a URL as well
BASE64_RUN = re.compile(rf"{BASE64}+(?:{LINE_BEGINNING.pattern}{BASE64}+)*")
STRETCHES = re.compile(rb"\x00+|\x01+")


class Redactor:
    """Knows the secrets of one session; its own repr shows nothing of them."""

    def __init__(self, username: str = "", *secrets: str) -> None:
        forms = {form for secret in secrets if secret for form in _forms(username, secret)}
        forms = {LEFT_ASIDE.sub("", form).translate(BARE) for form in forms} - {""}
        self._short = [form for form in forms if len(form) < PIECE_CHARS]
        self._pieces = {piece for form in forms for piece in _pieces_of(form)}

    def __repr__(self) -> str:
        return "<Redactor>"

    def clean(self, raw: bytes | str) -> str:
        """Return `raw` as one readable line without secrets and control characters, of at most 500 characters.

        Of a text beyond 4,096 characters the rest is left aside, and before it what may be the beginning of a secret.
        """
        if isinstance(raw, bytes):
            raw = raw[: (RAW_MAX_CHARS + 1) * UTF8_MAX_BYTES].decode("utf-8", "replace")
        text = _lines_of(raw[:RAW_MAX_CHARS])
        views = [text] if "\n" not in text else [text, LINE_BEGINNING.sub(lambda codes: "\n" * len(codes[0]), text)]
        spans = [span for view in views for span in self._find(view)]
        end = _last_places(views[-1]) if len(raw) > RAW_MAX_CHARS else len(text)
        text = _masked(text, spans, end) if spans else text[:end]
        return text.replace("\n", " ").strip()[:TEXT_MAX_CHARS]

    def _find(self, text: str) -> list[tuple[int, int]]:
        """Return where in `text` something of a secret stands, whatever blanks are between."""
        bare = text.translate(BARE)
        pieces = self._pieces
        found = [(at, at + PIECE_CHARS) for at in range(len(bare)) if bare[at : at + PIECE_CHARS] in pieces]
        for form in self._short:
            if form in bare:
                starts = re.finditer(f"(?={re.escape(form)})", bare)
                found += [(match.start(), match.start() + len(form)) for match in starts]
        if not found:
            return []
        places = _places(text)
        return [(places[begin], places[end - 1] + 1) for begin, end in found]


def _lines_of(text: str) -> str:
    """Return `text` with one blank for blanks and invisible characters in a row, and no line empty."""
    if not text.isprintable():
        text = INVISIBLE.sub(" ", text)
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def _places(text: str) -> list[int]:
    """Return where in `text` each character of its bare form stands."""
    return [at for at, char in enumerate(text) if char not in LEFT_ASIDE_OF_LINES]


def _last_places(text: str) -> int:
    """Return where in a text that was cut the end begins that may be less than a piece of a secret, and a group."""
    return next(iter(_places(text)[-PIECE_CHARS - GROUP_CHARS :]), 0)


def _masked(text: str, spans: list[tuple[int, int]], end: int) -> str:
    """Return `text` up to `end` with `spans` masked, and each run of base64 that one of them touches."""
    hidden = bytearray(len(text))
    for begin, stop in spans:
        hidden[begin:stop] = b"\1" * (stop - begin)
    for run in BASE64_RUN.finditer(text):
        if hidden.find(1, run.start(), run.end()) >= 0:
            hidden[run.start() : run.end()] = b"\1" * (run.end() - run.start())
    stretches = STRETCHES.finditer(hidden[:end])
    return "".join(MASK if hidden[part.start()] else text[part.start() : part.end()] for part in stretches)


def _pieces_of(form: str) -> Iterator[str]:
    return (form[at : at + PIECE_CHARS] for at in range(len(form) - PIECE_CHARS + 1))


def _forms(username: str, secret: str) -> set[str]:
    """Return raw, reversed, quoted, hexadecimal, base64, SASL PLAIN (RFC 4616) and XOAUTH2 forms of the secret."""
    forms = {secret[::-1], html.escape(secret), json.dumps(secret)[1:-1], secret.encode().hex()} | _cores(secret)
    if len(secret) < PIECE_CHARS:  # too short for cores in each shift
        wholes = (secret, f"\0{username}\0{secret}", f"{username}\0{username}\0{secret}", f"{username}:{secret}")
        forms |= {_base64(whole).rstrip("=") for whole in (*wholes, xoauth2(username, secret))}
    quotable = (secret, *forms) if len(secret) <= LONG_CHARS else (secret,)  # long ones have pieces without a quote
    forms |= {quoted for form in quotable for quoted in (quote(form, safe=""), quote(form), quote_plus(form))}
    return {secret} | {form for form in forms if len(form) >= FORM_MIN_CHARS}


def _cores(secret: str) -> set[str]:
    """Return what base64 makes of the secret wherever in a longer text it stands: three shifts.

    Where it begins and ends within a group of three bytes, that group depends on its neighbours and is left out.
    """
    raw = secret.encode()
    inner = [raw[skip : skip + (len(raw) - skip) // 3 * 3] for skip in (0, 1, 2)]
    cores = {base64.b64encode(part).decode() for part in inner}
    return {core for core in cores if len(core) >= CORE_MIN_CHARS}


def xoauth2(username: str, token: str) -> str:
    """Return what a client says to sign in by XOAUTH2, before it is put into base64."""
    return f"user={username}\x01auth=Bearer {token}\x01\x01"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()

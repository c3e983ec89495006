"""Clean what was pasted into a form, of characters that nobody types and nobody sees; and say so."""

import unicodedata
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

SECRETS = ("password", "client_secret")


def clean(data: Mapping[str, Any], names: Iterable[str]) -> tuple[Any, list[str]]:
    """Return a copy of a form's data with the fields `names` cleaned, and a sentence for each that matters."""
    cleaned: Any = copy(data)
    remarks = []
    for name in names:
        typed = data.get(name)
        if isinstance(typed, str) and (plain := plain_text(typed)) != typed:
            cleaned[name] = plain
            known = typed.strip() if name not in SECRETS else typed  # that other fields are stripped surprises nobody
            remarks += [_remark(name, known)] if plain and plain != known else []
    return cleaned, remarks


def plain_text(text: str) -> str:
    """Return `text` without invisible characters and blanks at its ends, special blanks replaced by plain ones."""
    seen = (char for char in text if not _is_invisible(char))
    return "".join(" " if _is_special_blank(char) else char for char in seen).strip()


def _remark(name: str, typed: str) -> str:
    removed = [
        "invisible characters" if any(map(_is_invisible, typed)) else "",
        "blanks at its ends" if typed.strip() != typed else "",
    ]
    what, field = " and ".join(filter(None, removed)), name.replace("_", " ")
    sentences = [f"We removed {what} from the {field} that you pasted." if what else ""]
    if any(map(_is_special_blank, typed.strip())):
        sentences.append(f"We replaced special blanks in the {field} by plain ones.")
    return " ".join(filter(None, sentences))


def _is_invisible(char: str) -> bool:
    """Return whether it is a format character (Cf), such as a zero-width space or a byte order mark."""
    return unicodedata.category(char) == "Cf"


def _is_special_blank(char: str) -> bool:
    return char != " " and unicodedata.category(char) == "Zs"

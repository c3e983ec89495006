"""A sentence for people as it is stored: message id, parameters and count, put into words when it is shown.

    sent = Phrase("%(who)s sent %(count)s link.", {"who": "Alice"}, count=3, plural="%(who)s sent %(count)s links.")
    sent.as_json()  # what a row keeps, whatever language its readers have
    str(sent)       # "Alice sent 3 links.", or the reader's language where a catalogue has the sentence

Message ids are gettext's: the English sentence, marked with `gettext_noop` where it stands, so that `makemessages`
finds it. Placeholders are named, `%(name)s`; what a parameter holds is text and never a placeholder. A template
escapes a phrase like any other value.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from django.utils.formats import localize
from django.utils.translation import gettext, ngettext

PLACEHOLDER = re.compile(r"%(?:\((?P<name>\w+)\)[sd]|%)")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL's jsonb refuses
NESTED_MAX = 5

Parameter = Union[str, int, float, bool, None, "Phrase"]


@dataclass(frozen=True)
class Phrase:
    """A sentence: `count` chooses between `message` and `plural` and is a parameter of its own name.

    Raises `TypeError` for a parameter that is neither plain nor a phrase, lazy translations among them, and
    `ValueError` for a number that JSON does not know. Characters that no database keeps become U+FFFD.
    """

    message: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict, hash=False)
    count: int | None = None
    plural: str = ""

    def __post_init__(self) -> None:
        storable = {name: _storable(value) for name, value in self.parameters.items()}
        object.__setattr__(self, "parameters", storable)

    def __str__(self) -> str:
        """Return the sentence in the language that is active now; the message id where a parameter is missing."""
        if not self.message:
            return ""  # gettext has its catalogue's header there
        text = gettext(self.message)
        if self.count is not None:
            text = ngettext(self.message, self.plural or self.message, self.count)
        values = {"count": self.count, **self.parameters}
        try:
            return PLACEHOLDER.sub(lambda match: _in_words(values[match["name"]]) if match["name"] else "%", text)
        except KeyError:
            return self.message

    def as_json(self) -> dict[str, Any]:
        """Return what is stored: a dictionary of plain values, without what is empty."""
        parameters = {
            name: value.as_json() if isinstance(value, Phrase) else value for name, value in self.parameters.items()
        }
        parts = {"message": self.message, "plural": self.plural, "parameters": parameters, "count": self.count}
        return {name: part for name, part in parts.items() if name == "message" or part not in ("", {}, None)}

    @classmethod
    def from_json(cls, stored: object, *, depth: int = 0) -> "Phrase":
        """Return the phrase that was stored. Never raises: what cannot be one is left out."""
        if not isinstance(stored, Mapping) or depth > NESTED_MAX:
            return cls("")
        message, plural, count = stored.get("message"), stored.get("plural"), stored.get("count")
        parameters = stored.get("parameters")
        return cls(
            message if isinstance(message, str) else "",
            {
                str(name): cls.from_json(value, depth=depth + 1) if isinstance(value, Mapping) else value
                for name, value in (parameters if isinstance(parameters, Mapping) else {}).items()
                if _is_plain(value) or isinstance(value, Mapping)
            },
            count if isinstance(count, int) and not isinstance(count, bool) else None,
            plural if isinstance(plural, str) else "",
        )


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _storable(value: Parameter) -> Parameter:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} has no form in JSON.")
    if not (_is_plain(value) or isinstance(value, Phrase)):
        raise TypeError(f"A parameter of a phrase is plain or a phrase, not a {type(value).__name__}.")
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else value


def _in_words(value: Parameter) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(localize(value)) if isinstance(value, int | float) else str(value)

"""What a part of a message is: a media type and its parameters (RFC 2045 5.1)."""

import re
from dataclasses import dataclass

from smtp_settings.header_fields import parameter_field

MAX_CHARS = 1000
WORD = r"[!#$%&'*+.^_`{|}~0-9A-Za-z-]+"
ATTRIBUTE = r"[!#$&+.^_`{|}~0-9A-Za-z-]+"  # RFC 2231 7: what is beyond ASCII is typed as it is
NAME = re.compile(rf"{WORD}/{WORD}")
PARAMETER = re.compile(rf'\s*+;\s*+(?:(?P<name>{ATTRIBUTE})=(?:(?P<token>{WORD})|"(?P<quoted>(?:[^"\\]|\\.)*+)"))?')
LITERALLY = ("message", "multipart")  # the types that hold messages and parts: never encoded (RFC 2045 6.4)


@dataclass(frozen=True)
class MediaType:
    name: str
    parameters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, text: str) -> "MediaType":
        """Read a type such as `text/calendar; method=REQUEST`; raises `ValueError`."""
        name, parameters = NAME.match(text), []
        at = name.end() if name and len(text) <= MAX_CHARS else -1
        while 0 <= at < len(text):
            parameter = PARAMETER.match(text, at)
            if parameter and parameter["name"]:
                quoted = re.sub(r"\\(.)", r"\1", parameter["quoted"] or "")
                parameters.append((parameter["name"], parameter["token"] or quoted))
            at = parameter.end() if parameter else -1
        if name is None or at < 0:
            raise ValueError(f"{text[:70]!r} is no media type such as image/png")
        return cls(name[0], tuple(parameters))

    @property
    def main(self) -> str:
        """The type without its subtype, in lower case."""
        return self.name.partition("/")[0].lower()

    @property
    def is_literal(self) -> bool:
        return self.main in LITERALLY

    def parameter(self, name: str) -> str:
        return next((value for key, value in self.parameters if key.lower() == name), "")

    def with_parameter(self, name: str, value: str) -> "MediaType":
        """Return the type with this parameter, in place of any of that name."""
        others = tuple((key, text) for key, text in self.parameters if key.lower() != name)
        return MediaType(self.name, (*others, (name, value)))

    @property
    def field(self) -> str:
        return parameter_field("Content-Type", self.name, self.parameters)

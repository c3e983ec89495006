"""Read what MAIL and RCPT say, as clients write it (RFC 5321 4.1.1.2, 4.1.1.3)."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from delivery.message import validation

PATH = r'<(?P<path>(?:"(?:[^"\\]|\\.)*+"|[^<>"])*+)>|(?P<bare>[^\s<>]++)'
MAIL = re.compile(rf"FROM[ \t]*:[ \t]*(?:{PATH})(?P<parameters>(?:[ \t]+\S+)*)\Z", re.IGNORECASE)
RCPT = re.compile(rf"TO[ \t]*:[ \t]*(?:{PATH})(?P<parameters>(?:[ \t]+\S+)*)\Z", re.IGNORECASE)
SIZE = re.compile(r"\d{1,20}\Z", re.ASCII)


class Refused(Exception):
    """The command is refused; `args` are the reply."""


@dataclass(frozen=True)
class Mail:
    """`size` is what the client announced, 0 where it did not; `null` says that the path is `<>`."""

    null: bool
    size: int
    smtputf8: bool


def mail(argument: str | None) -> Mail:
    """Return what MAIL says. Whom it names is no business of the route's, but for `<>`. Raises `Refused`."""
    said = MAIL.match((argument or "").strip())
    if said is None:
        raise Refused("501 5.5.4 Syntax: MAIL FROM:<address>")
    parameters = _parameters(said["parameters"])
    parameters.pop("AUTH", None)  # RFC 4954 5: who said it first counts for nothing here
    size, body, smtputf8 = parameters.pop("SIZE", "0"), parameters.pop("BODY", "7BIT"), parameters.pop("SMTPUTF8", None)
    if not SIZE.match(size) or body.upper() not in ("7BIT", "8BITMIME") or smtputf8:
        raise Refused("501 5.5.4 A parameter of MAIL has a value that it cannot have")
    _refuse_unknown(parameters)
    return Mail(null=said["path"] is not None and not said["path"].strip(), size=int(size), smtputf8=smtputf8 == "")


def recipient(argument: str | None, *, smtputf8: bool) -> str:
    """Return the address that RCPT names, as it is sent to. Raises `Refused`."""
    said = RCPT.match((argument or "").strip())
    if said is None:
        raise Refused("501 5.5.4 Syntax: RCPT TO:<address>")
    _refuse_unknown(_parameters(said["parameters"]))
    path = (said["path"] if said["path"] is not None else said["bare"]).strip()
    if path.startswith("@"):  # a source route, which is ignored (RFC 5321 C)
        path = path.partition(":")[2]
    try:
        address = validation.address(path, "to").address if "<" not in path else ""
    except ValidationError as error:
        raise Refused(f"553 5.1.3 {_one_line(error.messages[0])}") from None
    if not address:
        raise Refused("553 5.1.3 This is not an e-mail address")
    if not address.isascii() and not smtputf8:
        raise Refused("553 5.6.7 This address needs the parameter SMTPUTF8 at MAIL")
    return address


def _parameters(text: str) -> dict[str, str]:
    """Return parameters by their name in upper case, "" for one without a value."""
    parameters = dict[str, str]()
    for word in text.split():
        name, equals, value = word.partition("=")
        if name.upper() in parameters or (equals and not value):
            raise Refused("501 5.5.4 A parameter is there twice, or without its value")
        parameters[name.upper()] = value
    return parameters


def _refuse_unknown(parameters: dict[str, str]) -> None:
    if parameters:
        raise Refused("555 5.5.4 A parameter is not known here")


def _one_line(text: str) -> str:
    return " ".join(text.encode("ascii", "replace").decode().split())[:400]

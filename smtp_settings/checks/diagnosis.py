"""Say in plain words what went wrong with a server, at which field of the form, and what to do about it."""

import re
from dataclasses import dataclass

from smtp_settings.choices import Phase
from smtp_settings.models import SmtpServer

SPEAKS_TLS = "speaks_tls"  # found by the TLS probe; the other kinds are those of `SessionFailed`


@dataclass(frozen=True)
class Failure:
    """Where and how a session ended; `text` is redacted, `names` are those on a certificate that did not pass."""

    phase: Phase
    kind: str
    text: str = ""
    code: int | None = None
    enhanced: str = ""
    field: str = ""
    names: str = ""
    offers: frozenset[str] = frozenset()

    @property
    def reply(self) -> str:
        words = f"{self.code or ''} {self.text}".strip()
        return f"“{words}”"


@dataclass(frozen=True)
class Diagnosis:
    """`field` is a field of the form, "" where none is at fault; `name` and `source` are those of the row."""

    sentence: str
    field: str
    fix: str = ""
    name: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Applies where all that is given fits; `text` and `host` are patterns, `codes` and `enhanced` are beginnings.

    Sentences may name {host}, {port}, {username}, {sender}, {names} of the certificate, {reply}, which is what the
    server said in quotation marks with its code, and {text}, which is the same without them.
    """

    name: str
    source: str
    sentence: str
    field: str = ""
    fix: str = ""
    phases: tuple[Phase, ...] = ()
    kinds: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    enhanced: tuple[str, ...] = ()
    text: str = ""
    host: str = ""
    policy: str = ""
    security: str = ""
    offers: str = ""
    named: bool = False

    def applies(self, failure: Failure, server: SmtpServer) -> bool:
        return (
            (not self.phases or failure.phase in self.phases)
            and (not self.kinds or failure.kind in self.kinds)
            and (not self.codes or str(failure.code or "").startswith(self.codes))
            and (not self.enhanced or failure.enhanced.startswith(self.enhanced))
            and (not self.offers or self.offers in failure.offers)
            and (not self.named or bool(failure.names))
            and self.policy in ("", server.policy)
            and self.security in ("", server.security)
            and re.search(self.text, failure.text, re.IGNORECASE) is not None
            and re.search(self.host, server.host, re.IGNORECASE) is not None
        )

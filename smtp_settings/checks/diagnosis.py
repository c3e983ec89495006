"""Say in plain words what went wrong with a server, at which field of the form, and what to do about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from smtp_settings.choices import Fault, Phase
from smtp_settings.models import SmtpServer
from smtp_settings.transport.refusals import fault_of

# Found by the TLS probe; the other kinds are those of `SessionFailed`.
SPEAKS_TLS, SPEAKS_CLEAR_TEXT = "speaks_tls", "speaks_clear_text"


@dataclass(frozen=True)
class Failure:
    """Where and how a session ended; `text` is redacted, `names` are those on a certificate that did not pass.

    `offers` are what the server offers by EHLO, `sign_ins` the mechanisms by which it lets people sign in.
    """

    phase: Phase
    kind: str
    text: str = ""
    code: int | None = None
    enhanced: str = ""
    field: str = ""
    names: str = ""
    offers: frozenset[str] = frozenset()
    sign_ins: Sequence[str] = ()

    @cached_property
    def fault(self) -> Fault | None:
        """Whose fault a refusal is; None where the server has said nothing."""
        return fault_of(self.phase, self.code, self.enhanced, self.text) if self.code else None

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

    `faults` are those of the table of refusals, `sign_in` is a pattern of one of the mechanisms that the server offers.
    Sentences may name {host}, {port}, {username}, {sender}, {names} of the certificate, {sign_ins}, {ehlo}, which is
    the name by which we greet, {reply}, which is what the server said in quotation marks with its code, and {text},
    which is the same without them.
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
    faults: tuple[Fault, ...] = ()
    text: str = ""
    host: str = ""
    policy: str = ""
    security: str = ""
    auth: str = ""
    offers: str = ""
    sign_in: str = ""
    named: bool = False

    def applies(self, failure: Failure, server: SmtpServer) -> bool:
        return (
            (not self.phases or failure.phase in self.phases)
            and (not self.kinds or failure.kind in self.kinds)
            and (not self.codes or str(failure.code or "").startswith(self.codes))
            and (not self.enhanced or failure.enhanced.startswith(self.enhanced))
            and (not self.faults or failure.fault in self.faults)
            and (not self.offers or self.offers in failure.offers)
            and (not self.sign_in or any(re.fullmatch(self.sign_in, name) for name in failure.sign_ins))
            and (not self.named or bool(failure.names))
            and self.policy in ("", server.policy)
            and self.security in ("", server.security)
            and self.auth in ("", server.auth)
            and re.search(self.text, failure.text, re.IGNORECASE) is not None
            and re.search(self.host, server.host, re.IGNORECASE) is not None
        )

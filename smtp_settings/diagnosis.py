"""Say in plain words what went wrong with a server, at which field of the form, and what to do about it. One table.

The first row that applies wins. Sentences may name {host}, {port}, {username}, {sender} and {reply}, which is what the
server said: redacted, in quotation marks, with its code.
"""

import re
from dataclasses import dataclass

from smtp_settings.choices import Phase, Policy, Security
from smtp_settings.models import SmtpServer
from smtp_settings.network import UNREACHABLE

SPEAKS_TLS = "speaks_tls"  # found out by a second look; the other kinds are those of `SessionFailed`
CLEAR_PASSWORD = "clear_password"  # noqa: S105


@dataclass(frozen=True)
class Failure:
    """Where and how a session ended; `text` is redacted."""

    phase: Phase
    kind: str
    text: str = ""
    code: int | None = None
    enhanced: str = ""
    field: str = ""

    @property
    def reply(self) -> str:
        words = f"{self.code or ''} {self.text}".strip()
        return f"“{words}”"


@dataclass(frozen=True)
class Diagnosis:
    """`field` is a field of the form, "" where none is at fault."""

    sentence: str
    field: str
    fix: str = ""


@dataclass(frozen=True)
class Row:
    """Applies where all that is given fits; `text` and `host` are patterns, `codes` and `enhanced` are beginnings."""

    sentence: str
    field: str
    fix: str = ""
    phases: tuple[Phase, ...] = ()
    kinds: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    enhanced: tuple[str, ...] = ()
    text: str = ""
    host: str = ""
    policy: str = ""
    security: str = ""

    def applies(self, failure: Failure, server: SmtpServer) -> bool:
        return (
            (not self.phases or failure.phase in self.phases)
            and (not self.kinds or failure.kind in self.kinds)
            and (not self.codes or str(failure.code or "").startswith(self.codes))
            and (not self.enhanced or failure.enhanced.startswith(self.enhanced))
            and re.search(self.text, failure.text, re.IGNORECASE) is not None
            and re.search(self.host, server.host, re.IGNORECASE) is not None
            and self.policy in ("", server.policy)
            and self.security in ("", server.security)
        )


_AUTH = (Phase.AUTH,)
_MAIL = (Phase.MAIL,)
_REACH = (Phase.RESOLVE, Phase.CONNECT)
_PORTS = "Compare host and port with your provider's instructions: usually 587 with STARTTLS, or 465 with implicit TLS."
_OTHER_SENDER = "Use an address that this account may send from, or let your provider verify it first."
_LATER = "This is usually temporary: try again in some minutes."

TABLE = (
    # Where the server is
    Row("{reply_text}", "", kinds=("resolve", "forbidden")),
    Row(UNREACHABLE, "host", phases=(Phase.CONNECT,), kinds=("refused", "timeout"), policy=Policy.WHITE_LABEL),
    Row(
        "{host} is there, but nothing answers at port {port}.",
        "port", _PORTS, (Phase.CONNECT,), ("refused",),
    ),
    Row(
        "{host} did not answer at port {port} in time.",
        "port", "Perhaps a firewall on the way drops this port; hosting companies often block 25. " + _PORTS,
        (Phase.CONNECT,), ("timeout",),
    ),
    # How the connection is secured
    Row(
        "Port {port} of {host} expects TLS from the first byte on.",
        "security", "Choose implicit TLS.", kinds=(SPEAKS_TLS,),
    ),
    Row(
        "The server's certificate is not for {host}.",
        "host", "Type the host name that your provider gives in its instructions: the certificate must name it.",
        kinds=("certificate",), text="mismatch|doesn't match|not valid for",
    ),
    Row(
        "The server's certificate has expired.",
        "host", "Whoever runs the server must renew it; until then no mail is sent there.",
        kinds=("certificate",), text="expired",
    ),
    Row(
        "The server's certificate is not valid yet.",
        "host", "Whoever runs the server must look at the dates of its certificate.",
        kinds=("certificate",), text="not yet valid",
    ),
    Row(
        "The server's certificate was issued by nobody who is trusted here.",
        "host", "Ask whoever runs the server for a certificate of a public authority and for its full chain. The "
        "installation may trust an authority of its own: SMTP_CA_FILE.",
        kinds=("certificate",), text="self.signed|issuer|unable to get|verify the first", policy=Policy.PLATFORM,
    ),
    Row(
        "The server's certificate was issued by nobody who is trusted here.",
        "host", "Ask your provider for a certificate of a public authority and for its full chain.",
        kinds=("certificate",), text="self.signed|issuer|unable to get|verify the first",
    ),
    Row("The server's certificate cannot be trusted: {reply}", "host", kinds=("certificate",)),
    Row(
        "The server speaks only versions of TLS that are no longer safe.",
        "security", "It must offer TLS 1.2 or newer; ask your provider for such a server.",
        kinds=("tls",), text="unsupported.protocol|protocol.version|no.protocols",
    ),
    Row(
        "Port {port} of {host} does not begin with TLS.",
        "security", "Choose STARTTLS; it is usual at port 587.",
        phases=(Phase.CONNECT,), kinds=("tls",), security=Security.IMPLICIT_TLS,
    ),
    Row("The connection could not be secured: {reply}", "security", _PORTS, kinds=("tls",)),
    Row(
        "The server does not offer STARTTLS at port {port}.",
        "security", "Choose implicit TLS with its port (usually 465), or ask your provider for the right port.",
        kinds=("starttls_missing",),
    ),
    Row("The server could not start TLS: {reply}", "security", _LATER, (Phase.TLS,), ("reply",)),
    Row(
        "A password is never sent without encryption.",
        "security", "Choose STARTTLS or implicit TLS. Without them, only servers in a network that the installation "
        "lists in SMTP_ALLOWED_CIDRS may be signed in to.",
        kinds=(CLEAR_PASSWORD,),
    ),
    # Whether it speaks SMTP with us
    Row("The server takes no connections just now: {reply}", "host", _LATER, _REACH, ("reply",), ("4",)),
    Row(
        "The server refuses to talk to this installation: {reply}",
        "host", "Ask your provider to allow the address that this installation connects from.", _REACH, ("reply",),
    ),
    Row("What answers at {host}, port {port}, is not an SMTP server.", "port", _PORTS, _REACH, ("protocol",)),
    Row("The server hung up without a greeting.", "port", _PORTS, _REACH, ("closed",)),
    Row(
        "The server did not accept our greeting: {reply}",
        "host", "Ask your provider whether this installation may use the server.", (Phase.EHLO,), ("reply",),
    ),
    # Signing in
    Row("{reply_text}", "password", kinds=("secret",)),
    Row(
        "The server offers no sign-in by username and password.",
        "auth", "Microsoft 365: switch on “Authenticated SMTP” for the mailbox, or use another provider.",
        kinds=("auth_missing",), host=r"(office365|outlook)\.com$",
    ),
    Row(
        "The server offers no sign-in by username and password at port {port}.",
        "auth", "Choose “No sign-in” if it knows you by your address; otherwise try port 587 with STARTTLS.",
        kinds=("auth_missing",),
    ),
    Row(
        "Google wants an app password, not the password of the account: {reply}",
        "password", "Make one at myaccount.google.com/apppasswords (two-step verification must be on), and paste it.",
        _AUTH, ("auth_rejected",), ("534", "535"), host=r"(gmail|google|googlemail)\.com$",
    ),
    Row(
        "Microsoft 365 has switched off sign-in by password for this mailbox: {reply}",
        "auth", "An administrator can switch on “Authenticated SMTP” for the mailbox; otherwise use another provider.",
        _AUTH, ("auth_rejected",), ("535",), ("5.7.139", "5.7.57"),
    ),
    Row(
        "Amazon SES did not accept this username and password: {reply}",
        "password", "SES has SMTP credentials of its own (“Create SMTP credentials”), for one region each; the access "
        "key of an AWS account does not work.",
        _AUTH, ("auth_rejected",), ("535",), host=r"\.amazonaws\.com$",
    ),
    Row(
        "SendGrid did not accept this username and password: {reply}",
        "password", "The username is the word apikey; the password is an API key that may send mail.",
        _AUTH, ("auth_rejected",), ("535",), host=r"\.sendgrid\.net$",
    ),
    Row("The server wants a stronger sign-in than a password: {reply}", "auth",
        "Ask your provider for an app password or SMTP credentials.", _AUTH, (), ("534", "538")),
    Row("Signing in is not possible just now: {reply}", "password", _LATER, _AUTH, ("auth_rejected", "reply"), ("4",)),
    Row("The server refuses to talk about sign-in: {reply}", "security", _PORTS, _AUTH, (), ("530", "50")),
    Row(
        "The server does not accept this username and password: {reply}",
        "password", "Type both again. Many providers have a separate SMTP password or key.", _AUTH, ("auth_rejected",),
    ),
    Row("The server did not go on with signing in: {reply}", "password", "", _AUTH, ("reply",)),
    # Sender, recipient, message
    Row(
        "The server takes mail only from those who sign in: {reply}",
        "auth", "Choose “Username and password”.", _MAIL, ("reply",), ("530", "535"),
    ),
    Row(
        "The server takes no mail from {sender} just now: {reply}", "sender_address", _LATER, _MAIL, ("reply",), ("4",),
    ),
    Row("The server takes no mail from {sender}: {reply}", "sender_address", _OTHER_SENDER, _MAIL, ("reply",)),
    Row(
        "The server refused the recipient: {reply}",
        "", "If it speaks of relaying, it wants a sign-in first.", (Phase.RCPT,), ("reply",),
    ),
    Row(
        "The server refused the message: {reply}",
        "", "Often the reason is the sender address: it must be one that this account may send from.",
        (Phase.DATA, Phase.FINAL_DOT), ("reply",),
    ),
    Row(
        "The server hung up after the whole message was sent; it may arrive all the same.",
        "", "", (Phase.FINAL_DOT,), ("closed", "timeout"),
    ),
    # Whatever else
    Row("The server stopped answering.", "host", _LATER, kinds=("timeout",)),
    Row("The server hung up in the middle of the conversation.", "host", _LATER, kinds=("closed", "refused")),
    Row("The server answered something that is not SMTP.", "port", _PORTS, kinds=("protocol",)),
)  # fmt: skip
UNKNOWN = Row("The server could not be used: {reply}", "host")


def diagnose(failure: Failure, server: SmtpServer) -> Diagnosis:
    """Return the sentence, the field and the advice for `failure`."""
    row = next((row for row in TABLE if row.applies(failure, server)), UNKNOWN)
    sentence = row.sentence.format(
        host=server.host,
        port=server.port,
        username=server.username,
        sender=server.sender_address,
        reply=failure.reply,
        reply_text=failure.text,
    )
    return Diagnosis(sentence, row.field or failure.field, row.fix)

"""Whose fault a refusal is: one table for delivery, the check and the pages. The first row that applies wins.

Reply codes say little: Postfix gives its verdict on client, sign-in and sender in answer to RCPT, and much of the field
says 550 5.7.1 for all of it. So rows go by the enhanced status code where it says more, and by words. What a text cites
are no words of the server's: addresses, names of hosts, subjects and the replies of other servers are anybody's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from smtp_settings.choices import Fault, Phase
from smtp_settings.transport.failures import own_words

WORDS_MAX_CHARS = 500
BAD_SEQUENCE = 503
BEFORE_MAIL = (Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.EHLO, Phase.AUTH)
AUTH, MAIL, RCPT = (Phase.AUTH,), (Phase.MAIL,), (Phase.RCPT,)
BODY = (Phase.DATA, Phase.FINAL_DOT)
ENVELOPE = (*BEFORE_MAIL, *MAIL, *RCPT)  # where a filter has seen nothing yet whose words could be meant
OTHERS = {Phase.MAIL: 3, Phase.RCPT: 3, Phase.DATA: 2, Phase.FINAL_DOT: 3}  # first digit of replies to other commands
IN_BRACKETS = re.compile(r"<[^<>]*>")
IN_QUOTES = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)")
HOST_NAME = re.compile(r"(?<![\w-])(?:[\w-]++\.)+(?!\d|[A-Z][a-z])[\w-]{2,}")  # a capital begins a sentence
STATUS_CODES = re.compile(r"\(?#?\b[245]\.\d{1,3}\.\d{1,3}\b\)?")

POSTFIX = "https://www.postfix.org/postconf.5.html"
POSTFIX_SMTPD = "Postfix 3.7 smtpd"
EXIM = "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-main_configuration.html"
GOOGLE = "https://support.google.com/a/answer/3726730"
MICROSOFT = (
    "https://learn.microsoft.com/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online"
)
MICROSOFT_SUBMISSION = (
    "https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission"
)
AMAZON = "https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html"
SENDGRID = "https://www.twilio.com/docs/sendgrid/for-developers/sending-email/smtp-errors-and-troubleshooting"


@dataclass(frozen=True, kw_only=True)
class Row:
    """Applies where all that is given fits; `codes` are beginnings, `enhanced` and `words` patterns.

    `enhanced` must match the whole code, so that 5.1.1 is not 5.1.10; "" matches where there is none. One of `words`
    must be in the text, which is in lower case.
    """

    fault: Fault
    source: str
    phases: tuple[Phase, ...] = ()
    codes: tuple[str, ...] = ()
    enhanced: str | None = None
    words: tuple[str, ...] = ()

    @cached_property
    def _enhanced(self) -> re.Pattern[str]:
        return re.compile(self.enhanced or "")

    @cached_property
    def _words(self) -> re.Pattern[str]:
        return re.compile("|".join(self.words))

    def applies(self, phase: Phase, code: str, enhanced: str, words: str) -> bool:
        return (
            (not self.phases or phase in self.phases)
            and (not self.codes or code.startswith(self.codes))
            and (self.enhanced is None or self._enhanced.fullmatch(enhanced) is not None)
            and (not self.words or self._words.search(words) is not None)
        )


TABLE = (
    # This connection has carried what it may: the next one takes the mail.
    Row(fault=Fault.OUT_OF_STEP, source=EXIM + " (smtp_accept_max_per_connection)", words=(
        r"(too many|max\w*|limit|exceed\w*)\b.{0,40}\b((in|on) (one|this|a|the|each)|per) (connection|session)",)),
    # What one recipient receives is no limit of ours.
    Row(fault=Fault.RECIPIENT, source=GOOGLE, words=(
        r"(user|recipient|mailbox).*receiving mail (too quickly|at a rate)",)),
    Row(fault=Fault.RECIPIENT, source=MICROSOFT, enhanced=r"[45]\.2\.12[123]"),
    Row(fault=Fault.RECIPIENT, source=MICROSOFT, words=(r"recipient thread limit", r"recipient'?s per hour")),
    Row(fault=Fault.RECIPIENT, source=f"{MICROSOFT} (groups and mailboxes for their own people)",
        enhanced=r"5\.7\.(12|124|13|13[3-6])"),
    Row(fault=Fault.RECIPIENT, source="RFC 6647 2", words=(r"gr[ea]y-?list",)),
    Row(fault=Fault.RECIPIENT, source="RFC 3463 3.3 (X.2.2)", phases=RCPT, enhanced=r"[45]\.2\.2", words=(
        r"\b(mailbox|recipient)",)),
    Row(fault=Fault.CONTENT, source="RFC 3463 3.3 (X.2.2)", phases=BODY, enhanced=r"[45]\.2\.2", words=(
        r"\b(mailbox|recipient)",)),
    # Server limit: the quota of a day
    Row(fault=Fault.QUOTA, source=GOOGLE, enhanced=r"[45]\.4\.5", words=(r"limit", r"quota", r"exceed")),
    Row(fault=Fault.QUOTA, source=MICROSOFT, enhanced=r"[45]\.1\.90|[45]\.7\.23[23]"),
    Row(fault=Fault.QUOTA, source=MICROSOFT, words=(r"submission quota", r"limit for message recipients")),
    Row(fault=Fault.QUOTA, source=f"{AMAZON}, {SENDGRID}, {GOOGLE}", words=(
        r"daily .{0,30}(quota|limit)", r"(quota|limit) .{0,20}(per day|today)", r"credits exceeded",
        r"sending (quota|limit) (is |was |has been )?(exceeded|reached)",
        r"exceeded (its|your|the) (daily|monthly)")),
    # Server limit: connections
    Row(fault=Fault.SIGN_IN, source="RFC 4954 6 (432)", phases=AUTH, codes=("432",)),
    Row(fault=Fault.CONNECTION_LIMIT, source=MICROSOFT_SUBMISSION, codes=("432",)),
    Row(fault=Fault.CONNECTION_LIMIT, source=f"{POSTFIX}#smtpd_client_connection_count_limit, {EXIM}, {AMAZON}",
        codes=("4", "554"), words=(
            r"too many (concurrent |simultaneous |open |active |smtp |parallel )*(connections|sessions|clients)",
            r"concurren(t|cy)\b.{0,40}(limit|exceed)",
            r"(connections?|sessions?) (count |limit |number )*(limit|exceeded|reached)")),
    # Server limit: messages, recipients, sign-ins or connections in a time
    Row(fault=Fault.RATE_LIMIT, source=f"{POSTFIX}#smtpd_client_message_rate_limit, {AMAZON}, {SENDGRID}", words=(
        r"too much mail", r"too many (messages|mails|e-?mails|requests)", r"too many recipients (from|received)",
        r"too many (auth commands|(failed )?log-?in|sign-?in|new tls)", r"received this hour",
        r"rate.{0,20}(limit|exceed)", r"(send|sending|message|connection) rate", r"throttl", r"slow down",
        r"too (fast|quickly|frequent|often)", r"max(imum)? (e-?mails|messages) (per|an?)",
        r"per (second|minute|hour)")),
    Row(fault=Fault.RATE_LIMIT, source="RFC 5321 4.5.3.1.10; there is one recipient at a time", enhanced=r"4\.5\.3"),
    Row(fault=Fault.RATE_LIMIT, source="RFC 5321 4.5.3.1.10", codes=("4", "552"), words=(r"too many recipients",)),
    Row(fault=Fault.RATE_LIMIT, source=f"{MICROSOFT} (4.7.500-699, 4.7.850-899)",
        enhanced=r"4\.7\.([56]\d\d|8[5-9]\d)"),
    Row(fault=Fault.RATE_LIMIT, source=GOOGLE, enhanced=r"4\.7\.28|4\.2\.1", words=(
        r"unusual rate", r"peak .{0,20}limit", r"limit exceeded")),
    # Sign-in
    Row(fault=Fault.BUSY, source="RFC 4954 6", phases=AUTH, codes=("4",)),
    Row(fault=Fault.SENDER, source="OpenSMTPD 7 smtpd", phases=MAIL, codes=("530",), words=(r"^sender rejected\b",)),
    Row(fault=Fault.SIGN_IN, source="RFC 4954 4 and 6", codes=("530", "534", "535", "538")),
    Row(fault=Fault.SIGN_IN, source="RFC 4954 4", phases=AUTH),
    Row(fault=Fault.SIGN_IN, source=f"RFC 4954 6, RFC 5248 2.4, {MICROSOFT_SUBMISSION}, {GOOGLE}",
        enhanced=r"5\.7\.(3|8|9|11|14|57|139)"),
    Row(fault=Fault.SIGN_IN, source=f"{MICROSOFT_SUBMISSION}; of a body it is DKIM's ({GOOGLE})", phases=ENVELOPE,
        enhanced=r"5\.7\.30"),
    Row(fault=Fault.SIGN_IN, source=f"RFC 6409 4.3, {POSTFIX}#smtpd_sender_login_maps", phases=ENVELOPE, codes=("5",),
        words=(
            r"authenticat(ion|e)( is)? (required|first|needed)", r"not authenticated", r"not logged in",
            r"(must|need to|have to|please) (first )?(issue .{0,10})?(auth\b|authenticate|log ?in|sign ?in)",
            r"(log|sign) ?in (first|required)", r"insufficient authorization")),
    # Client: its address, its name, its right to send mail onwards
    Row(fault=Fault.CLIENT, source=f"RFC 3463 3.8 (X.7.1), {POSTFIX}#smtpd_relay_restrictions, {GOOGLE}",
        phases=ENVELOPE, words=(
            r"rela(y|ying)\b.{0,30}(denied|not (permitted|allowed)|prohibited|refused|rejected)",
            r"(not (permitted|allowed|authorized|able)|unable|refused|denied|cannot) to (send )?relay",
            r"credentials for relay", r"allowed rcpthosts", r"remote domains not supported")),
    Row(fault=Fault.CLIENT, source=MICROSOFT, enhanced=r"5\.7\.(64|506|508|511|6[0-4]\d|705|708)"),
    Row(fault=Fault.CLIENT, source="RFC 7372 3.3 (X.7.25)", enhanced=r"[45]\.7\.25"),
    Row(fault=Fault.CLIENT, source=f"{POSTFIX}#smtpd_helo_restrictions, #smtpd_client_restrictions", phases=ENVELOPE,
        words=(
            r"(client|host|hostname|(helo|ehlo)( command)?) rejected", r"\b(helo|ehlo)\b", r"reverse (dns|hostname)",
            r"\bptr\b", r"cannot find your")),
    Row(fault=Fault.CLIENT, source=f"{POSTFIX}#reject_rbl_client", phases=ENVELOPE, words=(
        r"blocked (using|by|at)", r"(black|block)-?list", r"\b(dns|r)bls?\b", r"spamhaus", r"barracuda",
        r"banned sending ip", r"(ip|host|client) (address )?(is |was |has been )?(blocked|banned|listed)")),
    # Sender
    Row(fault=Fault.SENDER, source="RFC 3463 3.2 (X.1.7, X.1.8), RFC 7505 4.2 (X.7.27)",
        enhanced=r"[45]\.(1\.[78]|7\.27)"),
    Row(fault=Fault.SENDER, source=MICROSOFT, enhanced=r"5\.7\.(60|50[123])|5\.2\.252"),
    Row(fault=Fault.SENDER, source=f"{POSTFIX}#reject_sender_login_mismatch, #reject_unknown_sender_domain, "
        f"#reject_unverified_sender, Exim (verify = sender), {SENDGRID}, {AMAZON}", words=(
            r"sender (address |domain )?(is |was )?(not|rejected|refused|denied|verif|unknown|invalid|blocked)",
            r"not owned by", r"(verify|verified) (the )?sender", r"address is not verified", r"send ?as\b", r"sendas",
            r"(from|as) (that|this) (e-?mail )?address", r"from address", r"identit(y|ies) .{0,30}(verif|check)",
            r"envelope sender", r"(invalid|bad|unknown|unauthori[sz]ed|banned|bad outbound) (envelope )?sender",
            r"domain of (the )?sender", r"(your|the) sender'?s? (domain|address)", r"on behalf")),
    Row(fault=Fault.CLIENT, source=AMAZON, codes=("554",), words=(r"not authorized to perform",)),
    # Server busy
    Row(fault=Fault.BUSY, source="RFC 5321 3.8", codes=("421",)),
    Row(fault=Fault.BUSY, source="RFC 3463 3.4 and 3.5 (X.3.1, X.3.2, X.3.5, X.4.5)", enhanced=r"4\.(3\.[125]|4\.5)"),
    Row(fault=Fault.BUSY, source=f"RFC 5321 4.2.3 (452), {POSTFIX_SMTPD}", codes=("4",), enhanced=r"|4\.3\.0", words=(
        r"insufficient (system )?(storage|disk|resources)", r"(disk|system) (is )?full", r"queue file write",
        r"out of memory", r"(server|system|too) busy", r"shutting down", r"load average",
        r"resources (temporarily )?unavailable")),
    Row(fault=Fault.BUSY, source="RFC 3207 4", phases=(Phase.TLS,), codes=("4",)),
    # Recipient
    Row(fault=Fault.NO_SUCH_RECIPIENT, source="RFC 3463 3.2 (X.1.1, X.1.2, X.1.3, X.1.6), RFC 7505 4.1 (X.1.10)",
        phases=RCPT, codes=("5",), enhanced=r"5\.1\.(1|2|3|6|10)"),
    Row(fault=Fault.NO_SUCH_RECIPIENT, source="RFC 5321 4.2.3 (550), as Exim, qmail and Sendmail word it", phases=RCPT,
        codes=("550",), enhanced="", words=(
            r"\b(user|recipient|mailbox) (is )?unknown\b", r"\b(unknown|no such) (user|recipient|mailbox)\b",
            r"\b(user|recipient|mailbox|account|address) (not found|(does not|doesn't) exist)\b",
            r"\bno mailbox here by that name\b")),
    # What says nothing more: the phase has it.
    Row(fault=Fault.BUSY, source="RFC 5321 4.2.1", phases=BEFORE_MAIL, codes=("4",)),
    Row(fault=Fault.CLIENT, source="RFC 3463 3.8 (X.7.z)", phases=BEFORE_MAIL, enhanced=r"5\.7\.\d+"),
    Row(fault=Fault.CLIENT, source="RFC 5321 4.1.1.1", phases=(Phase.EHLO,), codes=("5",)),
    Row(fault=Fault.BUSY, source="RFC 5321 3.1 (554)", phases=BEFORE_MAIL, codes=("5",)),
    Row(fault=Fault.CONTENT, source="RFC 1870 6, RFC 6531 3.5, RFC 3463 3.6 and 3.7", phases=MAIL,
        enhanced=r"5\.(3\.4|6\.\d+|5\.4)"),
    Row(fault=Fault.CONTENT, source="RFC 1870 6, RFC 5321 4.1.1.11", phases=MAIL, codes=("552", "555")),
    Row(fault=Fault.BUSY, source="RFC 5321 4.2.1", phases=MAIL, codes=("4",)),
    Row(fault=Fault.SENDER, source="RFC 5321 3.3", phases=MAIL, codes=("5",)),
    Row(fault=Fault.RECIPIENT, source="RFC 5321 3.3", phases=RCPT),
    Row(fault=Fault.CONTENT, source="RFC 5321 3.3", phases=BODY),
)  # fmt: skip
UNKNOWN = Row(fault=Fault.BUSY, source="RFC 5321 4.2.1")
BAD_STEP = Row(fault=Fault.OUT_OF_STEP, source="RFC 5321 4.1.4 and 4.2.3 (503)")


def is_out_of_step(phase: Phase, code: int) -> bool:
    """Return whether `code` answers another command than that of `phase`, or says that ours came at a wrong time (503).

    Client and server then differ about where they are: nothing is known of the mail, and the connection is of no use.
    """
    return phase in OTHERS and (code == BAD_SEQUENCE or code // 100 == OTHERS[phase])


def row_of(phase: Phase, code: int, enhanced: str = "", text: str = "", table: Iterable[Row] = TABLE) -> Row:
    """Return the row that says whose fault a refusal in `phase` is; it costs a fraction of a millisecond.

    `code` is a reply that does not let the conversation go on; `enhanced` its enhanced status code, "" for none, and
    `text` what it says, in whatever case.
    """
    if is_out_of_step(phase, code):
        return BAD_STEP
    words, digits = _words(text), str(code)
    return next((row for row in table if row.applies(phase, digits, enhanced, words)), UNKNOWN)


def fault_of(phase: Phase, code: int, enhanced: str = "", text: str = "") -> Fault:
    """Return whose fault a refusal in `phase` is (see `row_of`)."""
    return row_of(phase, code, enhanced, text).fault


def _words(text: str) -> str:
    """Return the server's own words in lower case, without what it cites and status codes, each blank single."""
    words = own_words(IN_BRACKETS.sub(" ", text[:WORDS_MAX_CHARS]))
    for cited in (STATUS_CODES, HOST_NAME, IN_QUOTES):
        words = cited.sub(" ", words)
    return " ".join(word for word in words.lower().split() if "@" not in word)

"""Whose fault a refusal is: replies of real servers, by phase, and what is near to them."""

import re

import pytest

from smtp_settings.choices import Fault, Phase
from smtp_settings.transport.failures import enhanced_code
from smtp_settings.transport.refusals import TABLE, fault_of, row_of

C, E, A, M, R, D, F = (
    Phase.CONNECT, Phase.EHLO, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.FINAL_DOT,
)  # fmt: skip

REPLIES = {
    Fault.NO_SUCH_RECIPIENT: (
        (R, "550 5.1.1 <eve@users.test>: Recipient address rejected: User unknown in local recipient table"),
        (R, "550 5.1.1 <eve@users.test>: Recipient address rejected: User unknown in virtual mailbox table"),
        (R, "550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 Please try again"),
        (R, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
        (R, "556 5.1.10 <eve@users.test>: Recipient address rejected: Domain users.test does not accept mail (nullMX)"),
        (R, "550 5.1.2 <eve@users.test>: Recipient address rejected: Domain not found"),
        (R, "501 5.1.3 Bad recipient address syntax"),
        (R, "550 5.1.6 mailbox has moved"),
        (R, "550 5.1.1 eve@users.test... User unknown"),
        (R, "550 5.1.1 Invalid recipient: eve@users.test"),
        (R, "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)"),
        (R, "550 Sorry, no mailbox here by that name. (#5.1.1)"),
        (R, "550 Unknown user"),
        (R, "550 No such user here"),
        (R, "550 No Such User Here\""),
        (R, "550 <eve@users.test>: user unknown"),
        (R, "550 eve@users.test: mailbox not found"),
        (R, "550 The user does not exist"),
        (R, "550 5.1.1 <relay.denied@users.test> sender.rejected@users.test no"),
    ),
    Fault.RECIPIENT: (
        (R, "550 Requested action not taken: mailbox unavailable"),
        (R, "550 5.5.0 Requested action not taken: mailbox unavailable"),
        (R, "550 mailbox unavailable"),
        (R, "550 #5.1.0 Address rejected."),
        (R, "550 5.1.0 Address rejected"),
        (R, "550 5.1.4 ambiguous"),
        (R, "550 5.1.11 whatever"),
        (R, "550 5.1.100 whatever"),
        (R, "550 4.1.1 class mismatch"),
        (R, "450 4.1.1 <eve@users.test>: Recipient address rejected: User unknown"),
        (R, "450 4.1.2 <eve@users.test>: Recipient address rejected: Domain not found"),
        (R, "450 4.2.0 <eve@users.test>: Recipient address rejected: Greylisted, see http://postgrey.test/help"),
        (R, "451 4.7.1 Greylisting in action, please come back later"),
        (R, "451 greylisted, please try again in 300 seconds"),
        (R, "450 4.2.0 Graylisted"),
        (R, "452 4.2.2 The email account that you tried to reach is over quota. Please direct the recipient"),
        (R, "452 4.2.2 <eve@users.test>: mailbox full"),
        (R, "552 5.2.2 <eve@users.test> Mailbox is full / Quota exceeded"),
        (R, "452 4.2.2 Quota exceeded (mailbox for user is full)"),
        (R, "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend"),
        (R, "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional"),
        (R, "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded"),
        (R, "550 5.2.121 RESOLVER.RST.RecipientRateLimit; Recipient's per hour message receive limit exceeded"),
        (R, "550 5.2.1 mailbox disabled"),
        (R, "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)"),
        (R, "550 5.7.1 not you"),
        (R, "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication of the group"),
        (R, "550 5.7.124 sender not in allowed-senders list"),
        (R, "550 Unrouteable address"),
        (R, "551 User not local; please try <eve@elsewhere.test>"),
        (R, "450 4.2.1 mailbox busy"),
        (R, "451 4.3.0 <eve@users.test>: Temporary lookup failure"),
        (R, "553 5.1.1x whatever"),
        (R, ("450 4.1.1 <eve@users.test>: Recipient address rejected: unverified address: host mx.users.test "
            "said: 450 4.7.1 Slow down, too much mail (in reply to RCPT TO command)")),
        (R, ("450 4.1.1 <eve@users.test>: Recipient address rejected: unverified address: host mx.users.test "
            "said: 421 too many connections, daily quota exceeded")),
        (R, ("550-Verification failed for <eve@users.test>\n550-Called:   192.0.2.7\n550-Sent:     RCPT TO:<eve@u.test>"
            "\n550-Response: 550 Relaying denied, blocked using our list, HELO rejected\n550 Recipient verify failed")),
        (R, "451 Could not complete recipient verify callout: please slow down"),
        (R, "550 sorry: remote host said: no such account (#5.7.8)"),
        (R, '550 response to "RCPT TO:<eve@users.test>" from mx.users.test was: 550 5.7.1 Client host rejected'),
        (R, "450 4.1.2 Recipient address rejected: no host for spamhaus.throttle.users.test"),
        (R, "452 4.2.2 The recipient's daily quota is used up, limit exceeded"),
        (R, "550 5.2.2 mailbox quota exceeded, its daily limit is reached"),
    ),
    Fault.SENDER: (
        (M, "530 Sender rejected"),
        (R, "550 5.1.8 <app@own.test>: Sender address rejected: Domain not found"),
        (M, "450 4.1.8 <app@own.test>: Sender address rejected: Domain not found"),
        (R, "550 5.1.7 <app@own.test>: Sender address rejected: undeliverable address"),
        (R, "550 5.1.0 <app@own.test>: Sender address rejected: User unknown in local recipient table"),
        (R, "550 5.1.1 <app@own.test>: Sender address rejected: User unknown in virtual mailbox table"),
        (R, "553 5.7.1 <app@own.test>: Sender address rejected: not owned by user bob@own.test"),
        (R, "553 5.7.1 <app@own.test>: SENDER ADDRESS REJECTED: NOT OWNED BY USER"),
        (R, "550-Verification failed for <app@own.test>\n550-Unrouteable address\n550 Sender verify failed"),
        (R, "550-Verification failed for <app@own.test>\n550-550 No such user here\n550 Sender verify failed"),
        (R, "450 4.1.7 <app@own.test>: Sender address rejected: unverified address: host mx.own.test said: slow down"),
        (M, "553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)"),
        (M, "501 5.1.7 Bad sender address syntax"),
        (M, "550 5.7.1 Command rejected"),
        (M, "553 5.7.1 sender not allowed"),
        (F, "554 5.2.252 SendAsDenied; bob@own.test not allowed to send as app@own.test"),
        (D, "550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
        (F, "554 Message rejected: Email address is not verified. The following identities failed the check"),
        (F, "550 The from address does not match a verified Sender Identity. Mail cannot be sent until"),
        (F, "550 5.7.1 You are not authorized to send from that email address"),
        (R, "550 5.1.8 Access denied, bad outbound sender"),
        (F, "550 5.7.501 Access denied, spam abuse detected"),
    ),
    Fault.SIGN_IN: (
        (A, "535 5.7.8 Error: authentication failed: authentication failure"),
        (A, "535 Authentication Credentials Invalid"),
        (A, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."),
        (A, "550 5.7.30 Basic authentication is not supported for Client Submission."),
        (A, "432 4.7.12 A password transition is needed"),
        (A, "534 5.7.9 Application-specific password required"),
        (M, "550 5.7.30 Basic authentication is not supported for Client Submission."),
        (A, "501 5.7.0 Authentication aborted"),
        (M, "530 5.7.0 Authentication Required. Learn more at https://support.google.test"),
        (M, "530 5.7.57 Client not authenticated to send mail."),
        (M, "530 5.7.0 Must issue a STARTTLS command first"),
        (R, "553 5.7.1 <app@own.test>: Sender address rejected: not logged in"),
        (R, "550 5.7.1 <eve@users.test>... Relaying denied. Proper authentication required."),
        (R, "550 5.7.1 Authentication required"),
        (R, "550 authentication required"),
        (M, "530 5.5.1 Invalid command: Must issue an AUTH command first"),
        (R, "550 5.7.0 Error: insufficient authorization"),
        (R, "530 Authentication required"),
        (M, "550 5.7.3 Requested action aborted; user not authenticated"),
    ),
    Fault.CLIENT: (
        (R, "554 5.7.1 <eve@users.test>: Relay access denied"),
        (R, "454 4.7.1 <eve@users.test>: Relay access denied"),
        (R, "550 5.7.1 Unable to relay"),
        (R, "550 relay not permitted"),
        (R, "550 5.1.1 Relay not permitted"),
        (R, "550 5.7.64 TenantAttribution; Relay Access Denied"),
        (R, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
        (R, "550 Mailing to remote domains not supported"),
        (M, "550 5.7.1 Invalid credentials for relay [192.0.2.1]. The IP address you've registered"),
        (R, "550-5.7.0 Mail relay denied [192.0.2.1].\n550 5.7.0 Invalid credentials for relay"),
        (R, "554 5.7.1 <host.test[192.0.2.1]>: Client host rejected: Access denied"),
        (R, "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]"),
        (R, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.test"),
        (R, "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname"),
        (R, "450 4.7.1 <app>: Helo command rejected: Host not found"),
        (E, "501 5.5.4 Invalid domain name"),
        (E, "550 5.7.1 go away"),
        (C, "554 5.7.1 you are not welcome"),
        (C, "550 5.7.606 Access denied, banned sending IP [192.0.2.1]"),
        (F, "554 Access denied: User arn:aws:iam::1:user/x is not authorized to perform ses:SendRawEmail"),
    ),
    Fault.BUSY: (
        (C, "421 4.3.2 Service shutting down"),
        (C, "554 No SMTP service here"),
        (M, "421 4.3.2 too busy"),
        (R, "421 4.4.2 host.test Error: timeout exceeded"),
        (M, "452 4.3.1 Insufficient system storage"),
        (R, "452 4.3.1 Insufficient system storage"),
        (M, "452 Requested action not taken: insufficient system storage"),
        (F, "451 4.3.0 Error: queue file write error"),
        (M, "451 4.3.5 Server configuration problem - try again later"),
        (A, "454 4.7.0 Temporary authentication failure: Connection lost to authentication server"),
        (A, "454 Temporary authentication failure"),
        (M, "451 Temporary service failure"),
        (M, "450 something"),
        (E, "451 4.3.0 not now"),
        (Phase.TLS, "454 4.7.0 TLS not available due to local problem"),
    ),
    Fault.RATE_LIMIT: (
        (M, "450 4.7.1 Error: too much mail from 127.0.0.1"),
        (R, "450 4.7.1 Error: too many recipients from 127.0.0.1"),
        (A, "450 4.7.1 Error: too many AUTH commands from 127.0.0.1"),
        (A, "454 4.7.0 Too many login attempts, please try again later."),
        (F, "454 Throttling failure: Maximum sending rate exceeded."),
        (M, "454 Throttling failure: Maximum sending rate exceeded."),
        (R, "452 4.5.3 Error: too many recipients"),
        (M, "452 4.5.3 too many recipients"),
        (R, "452 Too many recipients received this hour (throttled)"),
        (R, "552 too many recipients"),
        (M, "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)"),
        (M, "450 4.2.1 Peak SMTP relay limit exceeded for customer. This is a temporary error."),
        (M, "421 4.7.28 Our system has detected an unusual rate of unsolicited mail"),
        (C, "421 4.3.2 Connection rate limit exceeded."),
        (R, "550 Domain own.test has exceeded the max emails per hour (100/100 (100%)) allowed. Message discarded."),
        (R, "451 4.7.1 Rate limit exceeded, try later"),
        (M, "450 4.7.1 Slow down"),
    ),
    Fault.CONNECTION_LIMIT: (
        (C, "421 4.7.0 mail.test Error: too many connections from 127.0.0.1"),
        (C, "421 mail.test: Too many concurrent SMTP connections; please try again later"),
        (C, "421 Too many concurrent SMTP connections"),
        (C, "421 4.3.2 Too many open connections."),
        (E, "421 4.7.0 TOO MANY CONNECTIONS"),
        (F, "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.test/concurrent_sending"),
        (M, "432 4.3.2 concurrent connections limit"),
        (C, "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing"),
        (C, "421 Service unavailable, concurrency limit reached"),
        (C, "554 too many connections"),
    ),
    Fault.QUOTA: (
        (F, "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits"),
        (M, "550 5.4.5 Daily sending quota exceeded"),
        (M, "550 5.7.1 Daily SMTP relay limit exceeded for customer."),
        (F, "454 Throttling failure: Daily message quota exceeded."),
        (A, "451 Authentication failed: Maximum credits exceeded"),
        (F, "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients"),
        (F, "554 5.2.2 Submission quota exceeded"),
        (F, "550 5.7.233 Your message can't be sent because your tenant exceeded its daily limit"),
    ),
    Fault.CONTENT: (
        (F, "554 5.7.1 Message rejected as spam by content filtering"),
        (F, "550 5.7.1 Our system has detected that this message is likely unsolicited mail."),
        (F, "552 5.3.4 Message size exceeds fixed limit"),
        (M, "552 5.3.4 Message size exceeds fixed limit"),
        (M, "553 5.6.7 Must declare SMTPUTF8 to send unicode address"),
        (M, "552 message size exceeds maximum value"),
        (M, "555 parameter not recognized"),
        (F, "550 5.6.0 Lone CR or LF in body"),
        (F, "451 4.7.1 Service unavailable - try again later"),
        (D, "554 5.5.1 Error: no valid recipients"),
        (F, "550 5.1.1 no such user"),
        (F, "550 user unknown"),
        (F, "550 5.7.1 Message blocked by SURBL: a link in it is listed by Spamhaus DBL"),
        (F, "554 5.7.1 Blocked by content filter"),
        (F, "554 5.7.1 rejected: URL in message body is on a blocklist (URIBL)"),
        (F, "550 5.7.1 Relaying denied of this kind of attachment"),
        (D, "554 5.7.1 Unauthenticated e-mail: authentication is required by the policy of users.test"),
        (F, "550 5.7.30 Gmail requires all senders to sign in with DKIM"),
        (F, '550 5.7.1 Rejected for its subject "Slow down: too many connections, daily limit"'),
        (F, "550 5.7.1 Rejected by header checks: Subject: earn 500 per hour, too much mail"),
        (F, "452 4.2.2 mailbox full, daily quota exceeded"),
    ),
    Fault.OUT_OF_STEP: (
        (M, "503 5.5.1 Error: nested MAIL command"),
        (R, "503 5.5.1 Error: need MAIL command"),
        (D, "250 2.0.0 ok"),
        (M, "354 go on"),
        (M, "421 too many messages in this connection"),
        (M, "421 4.7.0 too many messages on one connection"),
        (R, "452 4.5.3 Too many recipients in this session"),
        (M, "452 4.5.3 maximum number of messages per session reached"),
    ),
}  # fmt: skip
CASES = [(phase, reply, fault) for fault, replies in REPLIES.items() for phase, reply in replies]


def fault(phase: Phase, reply: str) -> Fault:
    """Return the fault as a session finds it: the text without its codes, in one line."""
    text = " ".join(re.sub(r"^\d{3}[ -]", "", line) for line in reply.splitlines())
    code = int(reply[:3])
    return fault_of(phase, code, enhanced_code(code, text), text)


@pytest.mark.parametrize(("phase", "reply", "expected"), CASES)
def test_real_replies_are_told_apart(phase: Phase, reply: str, expected: Fault) -> None:
    assert fault(phase, reply) == expected


@pytest.mark.parametrize(("phase", "reply", "expected"), CASES)
def test_neither_letter_case_nor_a_hostile_length_changes_that(phase: Phase, reply: str, expected: Fault) -> None:
    assert fault(phase, reply.upper()) == fault(phase, reply.lower()) == expected
    assert fault(phase, reply + " " + "x" * 4000) == expected


def test_what_exim_says_behind_the_reply_to_its_callout_is_its_own() -> None:
    called = "550-Called:   192.0.2.7\n550-Sent:     RCPT TO:<app@own.test>\n550-Response: 550 5.7.1 relaying denied\n"
    assert fault(R, f"{called}550 Sender verify failed") == Fault.SENDER


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase != Phase.RCPT])
@pytest.mark.parametrize("reply", [reply for phase, reply in REPLIES[Fault.NO_SUCH_RECIPIENT]])
def test_no_other_phase_says_that_a_recipient_does_not_exist(phase: Phase, reply: str) -> None:
    assert fault(phase, reply) != Fault.NO_SUCH_RECIPIENT


@pytest.mark.parametrize("reply", [reply for phase, reply in REPLIES[Fault.NO_SUCH_RECIPIENT]])
def test_nothing_temporary_says_so(reply: str) -> None:
    temporary = re.sub(r"^5", "4", re.sub(r"\b5\.1\.", "4.1.", reply), flags=re.MULTILINE)
    assert fault(Phase.RCPT, temporary) == Fault.RECIPIENT


@pytest.mark.parametrize("words", ["user unknown", "no such user", "does not exist"])
@pytest.mark.parametrize("enhanced", ["5.1.0", "5.7.1", "5.0.0", "5.1.11", "5.1.8"])
def test_words_do_not_say_so_beside_a_status_code_that_does_not(words: str, enhanced: str) -> None:
    assert fault(Phase.RCPT, f"550 {enhanced} the user: {words}") != Fault.NO_SUCH_RECIPIENT


def test_an_address_in_a_reply_is_no_word() -> None:
    for local in ("sender.rejected", "relay-access-denied", "too-many-connections", "quota-exceeded"):
        assert fault(Phase.RCPT, f"550 5.1.1 <{local}@users.test>: unknown") == Fault.NO_SUCH_RECIPIENT
        assert fault(Phase.RCPT, f"550 5.1.1 {local}@users.test unknown") == Fault.NO_SUCH_RECIPIENT


def test_every_row_has_a_source_and_is_reached() -> None:
    reached = {id(row_of(*_parts(phase, reply))) for phase, reply, _ in CASES}
    assert all(row.source for row in TABLE)
    assert [row for row in TABLE if id(row) not in reached] == []


def _parts(phase: Phase, reply: str) -> tuple[Phase, int, str, str]:
    text = " ".join(re.sub(r"^\d{3}[ -]", "", line) for line in reply.splitlines())
    code = int(reply[:3])
    return phase, code, enhanced_code(code, text), text

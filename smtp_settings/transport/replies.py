"""What a reply means for the mail: by its first digit, and a few exceptions with their sources."""

from smtp_settings.choices import Outcome, Phase

BEFORE_MAIL = (Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.EHLO, Phase.AUTH)

# Reply code: the phases it is about (none: all), and what it means there.
EXCEPTIONS: dict[int, tuple[tuple[Phase, ...], Outcome]] = {
    421: ((), Outcome.SERVER_UNAVAILABLE),  # the server closes the channel (RFC 5321 3.8)
    530: ((), Outcome.SERVER_UNAVAILABLE),  # it wants a sign-in or TLS first (RFC 4954 6, RFC 3207 4)
    534: ((), Outcome.SERVER_UNAVAILABLE),  # it wants another kind of sign-in (RFC 4954 6)
    535: ((), Outcome.SERVER_UNAVAILABLE),  # it takes the sign-in back (RFC 4954 6)
    538: ((), Outcome.SERVER_UNAVAILABLE),  # it wants encryption for the sign-in (RFC 2554 6)
    552: ((Phase.RCPT,), Outcome.TRANSIENT),  # old servers say so for 452, too many recipients (RFC 5321 4.5.3.1.10)
}
CROWDED = (432, 452)  # too many connections; too much at once: besides, the server is given fewer connections
BAD_SEQUENCE = 503
OTHERS = {Phase.MAIL: 3, Phase.RCPT: 3, Phase.DATA: 2, Phase.FINAL_DOT: 3}  # first digit of replies to other commands
FULL_OR_TOO_LARGE = ("5.2.2", "5.2.3", "5.3.4")  # a 552 that says what it means

# What is about the address of the recipient: of the other codes 5.1.z some are about the sender, some about neither.
NO_SUCH_RECIPIENT = frozenset(
    {
        "5.1.1",  # bad destination mailbox address (RFC 3463 3.2)
        "5.1.2",  # bad destination system address (RFC 3463 3.2)
        "5.1.3",  # bad destination mailbox address syntax (RFC 3463 3.2)
        "5.1.6",  # mailbox has moved, no forwarding address (RFC 3463 3.2)
        "5.1.10",  # recipient address has null MX (RFC 7505)
    }
)


def is_out_of_step(phase: Phase, code: int) -> bool:
    """Return whether `code` answers another command than that of `phase`, or says that ours came at a wrong time (503).

    Client and server then differ about where they are: nothing is known of the mail, and the connection is of no use.
    """
    return phase in OTHERS and (code == BAD_SEQUENCE or code // 100 == OTHERS[phase])


def outcome_of(phase: Phase, code: int | None, enhanced: str = "") -> Outcome:
    """Return what `code` in `phase` means (RFC 5321 4.2.1); no code is a link that was lost.

    What fails before there is a mail is about the server, and so is a connection that is out of step. After the final
    dot only 2yz, 4yz and 5yz are answers; 503 is one, and says that no message was taken.
    """
    if code is None or phase in BEFORE_MAIL:
        return Outcome.SERVER_UNAVAILABLE
    if is_out_of_step(phase, code) and (phase != Phase.FINAL_DOT or code == BAD_SEQUENCE):
        return Outcome.SERVER_UNAVAILABLE
    phases, outcome = EXCEPTIONS.get(code, ((), None))
    if outcome and (not phases or phase in phases) and enhanced not in FULL_OR_TOO_LARGE:
        return outcome
    if phase == Phase.FINAL_DOT and code // 100 not in (4, 5):
        return Outcome.SENT if code // 100 == 2 else Outcome.UNCERTAIN
    return Outcome.PERMANENT if code // 100 == 5 else Outcome.TRANSIENT


def says_no_such_recipient(phase: Phase, outcome: Outcome, enhanced: str) -> bool:
    """Return whether a reply says for good that the recipient's address does not exist; codes count whole."""
    return phase == Phase.RCPT and outcome == Outcome.PERMANENT and enhanced in NO_SUCH_RECIPIENT

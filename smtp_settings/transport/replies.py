"""What a reply means for the mail: by whose fault it is, and by its first digit."""

from smtp_settings.choices import Fault, Outcome, Phase
from smtp_settings.transport.refusals import BEFORE_MAIL, fault_of

AS_452 = 552  # old servers say so at RCPT for 452, too many recipients (RFC 5321 4.5.3.1.10)
FULL_OR_TOO_LARGE = ("5.2.2", "5.2.3", "5.3.4")  # a 552 that says what it means


def verdict(phase: Phase, code: int | None, enhanced: str = "", text: str = "") -> tuple[Outcome, Fault | None]:
    """Return what a reply in `phase` means, and whose fault it is where it is a refusal; no code is a link lost.

    What is not about this mail makes the server unavailable to it, and uses up none of its tries. After the final dot
    only 2yz, 4yz and 5yz are answers; 503 is one, and says that no message was taken (RFC 5321 4.2.1).
    """
    if code is None:
        return Outcome.SERVER_UNAVAILABLE, None
    if phase == Phase.FINAL_DOT and code // 100 not in (4, 5):
        return (Outcome.SENT, None) if code // 100 == 2 else (Outcome.UNCERTAIN, Fault.OUT_OF_STEP)
    fault = fault_of(phase, code, enhanced, text)
    if phase in BEFORE_MAIL or not fault.is_of_the_mail:
        return Outcome.SERVER_UNAVAILABLE, fault
    if code == AS_452 and phase == Phase.RCPT and enhanced not in FULL_OR_TOO_LARGE:
        return Outcome.TRANSIENT, fault
    return Outcome.PERMANENT if code // 100 == 5 else Outcome.TRANSIENT, fault

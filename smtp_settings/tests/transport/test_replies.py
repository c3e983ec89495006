"""Which replies say that the recipient's address does not exist."""

import pytest

from smtp_settings.choices import Outcome, Phase
from smtp_settings.transport.replies import says_no_such_recipient

CODES = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")


@pytest.mark.parametrize("code", CODES)
def test_five_codes_say_so_when_the_recipient_is_refused_for_good(code: str) -> None:
    assert says_no_such_recipient(Phase.RCPT, Outcome.PERMANENT, code)


@pytest.mark.parametrize("code", ["", "5.1", "5.1.", "5.1.0", "5.1.4", "5.1.11", "5.1.100", "5.1.8", "4.1.1", "15.1.1"])
def test_other_codes_do_not(code: str) -> None:
    assert not says_no_such_recipient(Phase.RCPT, Outcome.PERMANENT, code)


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase != Phase.RCPT])
def test_no_other_phase_does(phase: Phase) -> None:
    assert not says_no_such_recipient(phase, Outcome.PERMANENT, "5.1.1")


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome != Outcome.PERMANENT])
def test_no_other_outcome_does(outcome: Outcome) -> None:
    assert not says_no_such_recipient(Phase.RCPT, outcome, "5.1.1")

"""What anybody can cause as often as they like: recorded less and less often, with its number, so as to fill no log."""

from django.utils.translation import gettext_noop

from people.throttling import counted
from phrases.phrase import Phrase

HOUR = 3600
SINGLY_MAX = 60  # of one account, or of one key, from everywhere
FROM_HERE = gettext_noop("%(count)s times within an hour from this address.")
FROM_EVERYWHERE = gettext_noop("%(count)s times within an hour from several addresses.")


def worth_an_entry(act: str, about: object, place: str) -> tuple[bool, Phrase | None]:
    """Count `act` of `about` (an account, a key) from `place`; return whether to record it, and its number.

    Recorded are the 1st, 2nd, 4th, 8th ... time within an hour from one place; behind the first `SINGLY_MAX` of an hour
    from everywhere only the 64th, 128th, 256th ...
    """
    here = counted(f"audit:{act}:{about}:{place}", seconds=HOUR)
    everywhere = counted(f"audit:{act}:{about}", seconds=HOUR)
    if everywhere > SINGLY_MAX:
        return _is_power_of_two(everywhere), Phrase(FROM_EVERYWHERE, count=everywhere)
    return _is_power_of_two(here), Phrase(FROM_HERE, count=here) if here > 1 else None


def _is_power_of_two(number: int) -> bool:
    return number & (number - 1) == 0

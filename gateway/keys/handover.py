"""An application changes hands: what becomes of its keys, and who is told.

Keys that the platform made go on. The others stop by themselves, because they were confirmed for somebody else
(`Key`); where the new owner is an admin of the same white-label, the keys are still in the hands that made them.
"""

from collections.abc import Iterable

from gateway.choices import Maker, State
from gateway.keys.notices import tell
from gateway.models import Key
from messages.models import Mailbox
from whitelabel.models import Application, Side, WhiteLabel

TEXT = """\
The application {application} has changed hands. These keys for it have stopped, and whatever uses them is refused:

{keys}

{words}"""
TO_THE_OLD = "If they should work again, write to the platform."
TO_THE_NEW = "Open each of them under Keys, and confirm it if it should go on working. Revoke the others."


def stop_keys_of_the_other_side(
    sender: type[Application], *, application: Application, before: Side, after: Side, **_: object
) -> None:
    """Carry keys over to a colleague of the former owner, or tell both sides that they stopped."""
    keys = Key.objects.alive().filter(application=application, maker=Maker.WHITE_LABEL)
    keys = keys.filter(confirmed_owner=before.owner, confirmed_white_label=before.white_label)
    if not keys:
        return
    if before.white_label == after.white_label and _is_admin(after):
        keys.update(confirmed_owner=after.owner)
        return
    names = "\n".join(f"{key} ({key.shown}…)" for key in keys)
    for mailbox, words in _sides(before, after):
        text = TEXT.format(application=application, keys=names, words=words)
        tell(mailbox, subject=f"Keys of {application} have stopped", text=text, about=keys[0])


def keys_that_would_stop(application: Application, after: Side) -> list[Key]:
    """Return the keys of the application that stop when it comes to be of the side `after`; changes nothing."""
    if after.white_label == application.white_label_id and _is_admin(after):
        return []
    keys = Key.objects.in_state(State.IN_USE).filter(application=application, maker=Maker.WHITE_LABEL)
    return list(keys)


def _is_admin(side: Side) -> bool:
    white_labels = WhiteLabel.objects.filter(admins=side.owner, admins__is_active=True, archived_at=None)
    return side.white_label in white_labels.values_list("pk", flat=True)


def _sides(before: Side, after: Side) -> Iterable[tuple[Mailbox, str]]:
    """Return the mailbox of each side with what it can do; one that is both is told once, as the new one."""
    new = _mailbox(after.white_label)
    return {_mailbox(before.white_label): TO_THE_OLD, new: TO_THE_NEW}.items()


def _mailbox(white_label: int | None) -> Mailbox:
    """Return the mailbox of a side: the platform's where no white-label has the application."""
    return Mailbox.objects.get(white_label=white_label) if white_label else Mailbox.platform()

"""Find the servers whose secret cannot be opened, before mail needs it: a key was lost, or a row was edited.

Each is paused and its people are told; what was paused so goes on by itself once the key is there again.
"""

from django.db import transaction

from delivery.outbox.release import release
from delivery.worker.pause_notices import announce
from smtp_settings.choices import State
from smtp_settings.models import SmtpServer
from smtp_settings.sealing import CANNOT_OPEN, CannotOpen
from tables.one_by_one import do_for_each


def look() -> None:
    """Pause the verified servers whose secret is lost, and let those go on whose secret is found again."""
    sealed = SmtpServer.objects.exclude(sealed_secret="")
    do_for_each(sealed.filter(state=State.VERIFIED), _pause_if_lost)
    do_for_each(sealed.filter(state=State.PAUSED, pause_reason=CANNOT_OPEN), _let_go_on_if_found)


def _opens(server: SmtpServer) -> bool:
    try:
        server.open_secret()
    except CannotOpen:
        return False
    return True


def _pause_if_lost(server: SmtpServer) -> None:
    if _opens(server):
        return
    with transaction.atomic():
        if server.pause(CANNOT_OPEN):
            announce(server, CANNOT_OPEN)


def _let_go_on_if_found(server: SmtpServer) -> None:
    if not _opens(server):
        return
    with transaction.atomic():
        if server.end_pause(CANNOT_OPEN):
            release(server.key)

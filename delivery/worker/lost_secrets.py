"""Find the servers whose secret cannot be opened, before mail needs it: a key was lost, or a row was edited.

Each is paused and its people are told; what was paused so goes on by itself once the key is there again.
"""

from django.db import transaction

from delivery.outbox.release import release
from delivery.worker.pause_notices import announce
from smtp_settings.choices import State
from smtp_settings.models import SmtpServer
from smtp_settings.sealing import CANNOT_OPEN, CannotOpen


def look() -> None:
    """Pause the verified servers whose secret is lost, and let those go on whose secret is found again."""
    sealed = SmtpServer.objects.exclude(sealed_secret="")
    for server in sealed.filter(state=State.VERIFIED):
        if not _opens(server):
            _pause(server)
    for server in sealed.filter(state=State.PAUSED, pause_reason=CANNOT_OPEN):
        if _opens(server):
            _let_go_on(server)


def _opens(server: SmtpServer) -> bool:
    try:
        server.open_secret()
    except CannotOpen:
        return False
    return True


def _pause(server: SmtpServer) -> None:
    with transaction.atomic():
        if server.pause(CANNOT_OPEN):
            announce(server, CANNOT_OPEN)


def _let_go_on(server: SmtpServer) -> None:
    with transaction.atomic():
        if server.end_pause(CANNOT_OPEN):
            release(server.key)

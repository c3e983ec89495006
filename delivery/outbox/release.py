"""Let go of mail that was held, once a person has put right what held it."""

from collections.abc import Collection

from delivery.models import Delivery, Email, Suppression
from delivery.models.delivery import DeliveryQuerySet
from delivery.outbox.wakeups import wake_on_commit
from smtp_settings.models import ServerHealth, SmtpServer
from whitelabel.models import Application


def release(server_key: str) -> int:
    """Forget the trouble of a server that has passed its check, and make due what waits for it; return how many."""
    ServerHealth.of(server_key).reset()
    return _make_due(Delivery.objects.filter(server_key=server_key).waiting_for_the_server())


def release_verified(sender: type[SmtpServer], *, server: SmtpServer, **_: object) -> None:
    """Let the mail of a server go on that has passed its check; receives `server_verified`."""
    release(server.key)


def release_applications(applications: Collection[Application]) -> int:
    """Make due what was held for `applications`, whose daily limit or archive is another now; return how many."""
    theirs = Email.objects.filter(application__in=applications)
    return _make_due(Delivery.objects.filter(email__in=theirs).held_for_a_while())


def release_address(suppression: Suppression) -> int:
    """Take an address off the list and make due what was held for it; return how many."""
    server_keys = suppression.held().server_keys()
    released = suppression.release()
    _wake(server_keys)
    return released


def _make_due(held: DeliveryQuerySet) -> int:
    server_keys = held.server_keys()
    released = held.make_due()
    _wake(server_keys)
    return released


def _wake(server_keys: list[str]) -> None:
    for server_key in server_keys:
        wake_on_commit(server_key)

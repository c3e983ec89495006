"""Store and switch the server of a scope. Nothing in use is touched before what replaces it has passed its check."""

from django.db import transaction

from smtp_settings.choices import State
from smtp_settings.models import SmtpCheck, SmtpServer
from smtp_settings.scope import Scope, load_scope
from smtp_settings.signals import server_verified


def apply(check: SmtpCheck, secret: str) -> bool:
    """Store what has just passed, unless a newer check wants another thing or the scope was changed meanwhile.

    Return whether it was stored; call it in a transaction, so that what a receiver of `server_verified` cannot do
    leaves nothing half done.
    """
    newer = SmtpCheck.objects.filter(scope_key=check.scope_key, pk__gt=check.pk).exclude(change={})
    scope = load_scope(check.scope_key, check.change["beside"])
    if scope is None or newer.exists() or scope.version != check.change["version"]:
        return False
    candidate = scope.candidate()
    before = scope.server.typed_values if scope.server else {}
    for name, value in check.values.items():
        setattr(candidate, name, value)
    _store(scope, candidate, secret, State.VERIFIED, switched_on=check.change["switched_on"])
    server_verified.send(SmtpServer, server=candidate, check=check, before=before, after=candidate.typed_values)
    return True


def keep_as_draft(*, scope: Scope, candidate: SmtpServer, secret: str) -> None:
    """Store `candidate` unchecked; the scope is switched off with it."""
    _store(scope, candidate, secret, State.DRAFT, switched_on=False)


def forget_secret(*, scope: Scope) -> None:
    """Clear the stored secret; a server that signs in is a draft without it, and switched off."""
    if scope.server:
        _store(scope, scope.candidate(), "", State.DRAFT, switched_on=False)


def remove(*, scope: Scope) -> None:
    """Take the server away from the scope and delete it, its secret included."""
    if scope.server:
        with transaction.atomic():
            scope.save_choice(None, False)
            scope.server.delete()


def _store(scope: Scope, candidate: SmtpServer, secret: str, state: State, *, switched_on: bool) -> None:
    """Write the server, its secret sealed for where it is now, and the switch, all or nothing."""
    candidate.seal_secret(secret)
    candidate.state, candidate.pause_reason = state, ""
    with transaction.atomic():
        candidate.save()
        scope.save_choice(candidate, switched_on)

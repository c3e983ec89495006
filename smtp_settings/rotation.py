"""Seal everything that is stored sealed with the newest key. May be interrupted at any moment and run again."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from smtp_settings import sealing
from smtp_settings.choices import Auth
from smtp_settings.models import AccessToken, Credential, SmtpCheck, SmtpServer
from smtp_settings.oauth.tokens import binding_of

BATCH_ROWS = 100


@dataclass(frozen=True)
class SealedRows:
    """Rows with sealed texts in `columns`; `what` stands before the name of one in a sentence.

    `reseal` is given a locked row and saves it; raises `sealing.CannotOpen`. `forget` clears what nothing opens.
    """

    what: str
    rows: "models.QuerySet[Any]"
    reseal: Callable[[Any], None]
    forget: Callable[[Any], None]
    columns: tuple[str, ...] = ("sealed_secret",)


def rotate(stored: Iterable[SealedRows], *, forget_lost: bool = False) -> Iterator[str]:
    """Seal all of `stored` anew, a row at a time, and name what could not be opened, which may be forgotten."""
    for sealed in stored:
        for pk in _keys(sealed.rows):
            row = None
            try:
                with transaction.atomic():
                    row = sealed.rows.select_for_update().filter(pk=pk).first()
                    if row is not None:
                        sealed.reseal(row)
            except sealing.CannotOpen:
                if forget_lost:
                    sealed.forget(row)
                yield f"{sealed.what} {row}"


def _keys(rows: "models.QuerySet[Any]") -> Iterator[Any]:
    """Give the keys of all rows, asking for a batch at a time."""
    ordered, last = rows.order_by("pk").values_list("pk", flat=True), None
    while batch := list((ordered.filter(pk__gt=last) if last is not None else ordered)[:BATCH_ROWS]):
        yield from batch
        last = batch[-1]


def _server(server: SmtpServer) -> None:
    sealed = sealing.reseal(server.sealed_secret, binding=server.binding)
    SmtpServer.objects.filter(pk=server.pk).update(sealed_secret=sealed)
    if server.auth == Auth.XOAUTH2:
        _tokens(server, Credential.unpack(server.open_secret()))


def _tokens(server: SmtpServer, credential: Credential) -> None:
    token = (
        AccessToken.objects.select_for_update().filter(pk=uuid.UUID(credential.id)).exclude(sealed_tokens="").first()
    )
    if token is not None:
        sealed = sealing.reseal(token.sealed_tokens, binding=token.binding(binding_of(server)))
        AccessToken.objects.filter(pk=token.pk).update(sealed_tokens=sealed)


def _check(check: SmtpCheck) -> None:
    sealed = sealing.reseal(check.sealed_secret, binding=check.binding)
    SmtpCheck.objects.filter(pk=check.pk).update(sealed_secret=sealed)


def _forget(row: SmtpServer | SmtpCheck) -> None:
    row.sealed_secret = ""
    row.save(update_fields=["sealed_secret"])


SECRETS = [
    SealedRows("the secret of", SmtpServer.objects.exclude(sealed_secret=""), _server, _forget),
    SealedRows("the secret of", SmtpCheck.objects.exclude(sealed_secret=""), _check, _forget),
]

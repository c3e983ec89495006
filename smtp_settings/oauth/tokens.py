"""Hold a valid access token for a server: stored sealed, renewed before it expires, by one worker at a time."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from smtp_settings.choices import Auth
from smtp_settings.models import AccessToken, Credential, SmtpServer
from smtp_settings.models.oauth import Tokens
from smtp_settings.oauth.endpoint import TokenFailed, as_token_failures, client_for
from smtp_settings.oauth.sources import SOURCES
from smtp_settings.sealing import CannotOpen

PATIENCE_SECONDS = 15
LOOK_AGAIN_SECONDS = 0.1
LIFE_IF_UNKNOWN_SECONDS = 600
LIFE_MAX_SECONDS = 24 * 3600


def access_token(server: SmtpServer, credential: Credential) -> str:
    """Return a token that is valid now, asking for one where need be; raises `TokenFailed`."""
    row, until = AccessToken.of(credential), time.monotonic() + PATIENCE_SECONDS
    while row.due or not row.open(binding_of(server)).access_token:
        if row.take_lease():
            return _renew(server, credential, row)
        if row.valid:
            break  # somebody else is renewing it, in time
        if time.monotonic() > until:
            raise TokenFailed("Another worker is asking for a new token and has got no answer yet.")
        time.sleep(LOOK_AGAIN_SECONDS)
        row.refresh_from_db()
    return row.open(binding_of(server)).access_token


def spend(credential: Credential, token: str, server: SmtpServer) -> None:
    """Never use `token` again: the mail server refused it."""
    row = AccessToken.of(credential)
    if row.open(binding_of(server)).access_token == token:
        row.spend()


def _renew(server: SmtpServer, credential: Credential, row: AccessToken) -> str:
    """Ask for a token under the lease; while the old one is valid, trouble of the endpoint is none of ours."""
    current = row.open(binding_of(server))
    try:
        if not row.due and current.access_token:  # somebody else was faster
            return current.access_token
        answer = _ask(server, credential, current)
    except TokenFailed as failed:
        if failed.for_good or not (row.valid and current.access_token):
            raise
        return current.access_token
    else:
        tokens = Tokens(answer["access_token"], answer.get("refresh_token") or current.refresh_token)
        row.store(tokens, seconds=_life(answer), binding=binding_of(server))
        return tokens.access_token
    finally:
        row.end_lease()


def _ask(server: SmtpServer, credential: Credential, current: Tokens) -> Mapping[str, Any]:
    refresh_token = current.refresh_token or credential.refresh_token
    with as_token_failures(server, credential.client_secret, refresh_token):
        client = client_for(server, credential)
        if not SOURCES[server.token_source].signs_in:
            answer = client.fetch_token(server.token_endpoint, grant_type="client_credentials")
        elif refresh_token:
            answer = client.refresh_token(server.token_endpoint, refresh_token=refresh_token)
        else:
            raise TokenFailed("Nobody has signed in yet.", for_good=True)
        return checked(answer)


def checked(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the answer where it holds a token that fits into an SMTP command; raises `ValueError`."""
    token = answer["access_token"]
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token or not token:
        raise ValueError("no token")
    if not isinstance(answer.get("refresh_token") or "", str):
        raise ValueError("no refresh token")
    return answer


def _life(answer: Mapping[str, Any]) -> int:
    try:
        return max(0, min(int(answer["expires_in"]), LIFE_MAX_SECONDS))
    except (KeyError, TypeError, ValueError):
        return LIFE_IF_UNKNOWN_SECONDS


def binding_of(server: SmtpServer) -> str:
    """Return what tokens are sealed for; not the row, since values are checked before they are stored."""
    return f"tokens\x1f{server.scope_key}\x1f{server.destination}"


def discard_unused() -> None:
    """Delete tokens that belong to no stored server any more, a day after they were got."""
    used: set[UUID] = set()
    for server in SmtpServer.objects.filter(auth=Auth.XOAUTH2).exclude(sealed_secret=""):
        try:
            used.add(UUID(Credential.unpack(server.open_secret()).id))
        except CannotOpen:
            return  # whose tokens are whose cannot be told while a key is missing
    AccessToken.discard_unused(used, before=timezone.now() - timedelta(days=1))

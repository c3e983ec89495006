"""The way to a provider's sign-in page and back: what was typed waits in the session, its secrets sealed."""

import hmac
import time
from dataclasses import asdict
from typing import Any

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import SmtpServer
from smtp_settings.oauth import sign_in
from smtp_settings.oauth.endpoint import TokenFailed
from smtp_settings.oauth.sources import SOURCES, host_of
from smtp_settings.redaction import Redactor
from smtp_settings.scope import PLATFORM, SECOND, Scope
from smtp_settings.sealing import CannotOpen

SESSION_KEY = "smtp_sign_in"
LIFE_SECONDS = 3600
NOT_HERE = "This sign-in was not begun in this browser, or it is too long ago. Press “Sign in” once more."


def begin(request: HttpRequest, scope: Scope, form: SmtpServerForm) -> None:
    """Remember what was typed, and where the person goes to sign in."""
    assert form.credential is not None
    request.session[SESSION_KEY] = {
        "scope_key": scope.key,
        "at": time.time(),
        "values": {name: str(form.cleaned_data.get(name) or "") for name in SmtpServerForm.Meta.fields},
        "begun": asdict(sign_in.begin(form.instance, form.credential, redirect_uri(request, scope))),
        "sealed": "",
    }


def finish(request: HttpRequest, scope: Scope) -> HttpResponseRedirect:
    """Take the person back from the provider's page; the state proves that the way began in this session."""
    waiting, state, back = _waiting(request, scope.key), request.GET.get("state", ""), reverse(_page_of(scope))
    begun = waiting.get("begun")
    if not begun or not hmac.compare_digest(begun["state"].encode(), state.encode()):
        flash.error(request, NOT_HERE)
        return HttpResponseRedirect(back)
    server = SmtpServer(policy=scope.policy, scope_key=scope.key, **_typed(waiting))
    provider = host_of(server.authorization_endpoint)
    request.session[SESSION_KEY] = waiting | {"begun": None}
    try:
        credential = sign_in.finish(server, sign_in.PendingSignIn(**begun), state=state, code=_code(request, provider))
    except (TokenFailed, CannotOpen) as failed:
        flash.error(request, f"Nobody was signed in. {failed}")
        return HttpResponseRedirect(back)
    request.session[SESSION_KEY] = waiting | {"begun": None, "sealed": sign_in.seal(server, credential)}
    flash.success(request, f"Signed in at {provider}. Save now: the server is checked and stored with it.")
    return HttpResponseRedirect(back)


def _code(request: HttpRequest, provider: str) -> str:
    """Return the authorisation code; raises `TokenFailed` with what the provider says instead (RFC 6749 4.1.2.1)."""
    code = request.GET.get("code", "")
    if code:
        return code
    error, description = request.GET.get("error", "no code"), request.GET.get("error_description", "")
    raise TokenFailed(Redactor().clean(f"{provider} said: {error} {description}"), for_good=True)


def redirect_uri(request: HttpRequest, scope: Scope) -> str:
    """Return the address that the provider sends people back to; its host is one of ALLOWED_HOSTS."""
    return request.build_absolute_uri(reverse(f"{_page_of(scope)}_signed_in"))


def sealed(request: HttpRequest, scope_key: str) -> str:
    """Return the sealed credential of somebody who has signed in and not saved yet, else ""."""
    return str(_waiting(request, scope_key).get("sealed", ""))


def typed(request: HttpRequest, scope_key: str) -> dict[str, Any]:
    """Return what was typed before the way to the provider began, {} where none is under way."""
    return _typed(_waiting(request, scope_key))


def context(request: HttpRequest, scope: Scope) -> dict[str, object]:
    """Return what the form shows of the way: where it leads, or that it is behind."""
    waiting = _waiting(request, scope.key)
    source = SOURCES.get(waiting.get("values", {}).get("token_source", ""))
    address = (waiting.get("begun") or {}).get("address", "")
    return {
        "sign_in_uri": redirect_uri(request, scope),
        "sign_in_at": source.name if source else "",
        "sign_in_address": address,
        "sign_in_host": host_of(address),
        "signed_in": bool(waiting.get("sealed")),
    }


def forget(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def _waiting(request: HttpRequest, scope_key: str) -> dict[str, Any]:
    """Return what waits for `scope_key` and is not too old, else {}."""
    waiting: dict[str, Any] = request.session.get(SESSION_KEY) or {}
    fresh = waiting.get("at", 0) > time.time() - LIFE_SECONDS
    return waiting if fresh and waiting.get("scope_key") == scope_key else {}


def _page_of(scope: Scope) -> str:
    return {PLATFORM: "owner:communication", SECOND: "owner:second_server"}.get(scope.key, "whitelabel:email")


def _typed(waiting: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = dict(waiting.get("values", {}))
    if values:
        values["client_secret_expires_on"] = values["client_secret_expires_on"] or None
    return values

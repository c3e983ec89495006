"""The sign-in at a provider, from the SMTP form and back (RFC 6749 4.1): the session keeps what was typed meanwhile.

A credential is kept there sealed.
"""

import hmac
import time
from dataclasses import asdict
from typing import Any

from django.contrib import messages as flash
from django.http import HttpRequest

from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import SmtpServer
from smtp_settings.oauth import sign_in
from smtp_settings.oauth.endpoint import TokenFailed
from smtp_settings.oauth.sources import SOURCES, host_of
from smtp_settings.redaction import Redactor
from smtp_settings.scope import Scope
from smtp_settings.sealing import CannotOpen

SESSION_KEY = "smtp_sign_in"
LIFE_SECONDS = 3600
NOT_HERE = "This sign-in was not begun in this browser, or it is too long ago. Press “Sign in” once more."


def begin(request: HttpRequest, scope: Scope, form: SmtpServerForm, redirect_uri: str) -> None:
    """Keep what was typed, and the address where the person signs in."""
    assert form.credential is not None
    request.session[SESSION_KEY] = {
        "scope_key": scope.key,
        "at": time.time(),
        "values": {name: str(form.cleaned_data.get(name) or "") for name in SmtpServerForm.Meta.fields},
        "begun": asdict(sign_in.begin(form.instance, form.credential, redirect_uri)),
        "sealed": "",
    }


def finish(request: HttpRequest, scope: Scope) -> None:
    """Fetch the credential for a person whom the provider sends back; the state proves that this session began it."""
    pending, state = _pending(request, scope.key), request.GET.get("state", "")
    begun = pending.get("begun")
    if not begun or not hmac.compare_digest(begun["state"].encode(), state.encode()):
        flash.error(request, NOT_HERE)
        return
    server = SmtpServer(policy=scope.policy, scope_key=scope.key, **_values(pending))
    provider = host_of(server.authorization_endpoint)
    request.session[SESSION_KEY] = pending | {"begun": None}
    try:
        credential = sign_in.finish(server, sign_in.PendingSignIn(**begun), state=state, code=_code(request, provider))
    except (TokenFailed, CannotOpen) as failed:
        flash.error(request, f"Nobody was signed in. {failed}")
        return
    request.session[SESSION_KEY] = pending | {"begun": None, "sealed": sign_in.seal(server, credential)}
    flash.success(request, f"Signed in at {provider}. Save now: the server is checked and stored with it.")


def forget(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def sealed_credential(request: HttpRequest, scope_key: str) -> str:
    """Return the sealed credential of somebody who has signed in and not saved yet, else ""."""
    return str(_pending(request, scope_key).get("sealed", ""))


def typed_values(request: HttpRequest, scope_key: str) -> dict[str, Any]:
    """Return what was typed before the sign-in began, {} where none is under way."""
    return _values(_pending(request, scope_key))


def context(request: HttpRequest, scope_key: str, redirect_uri: str) -> dict[str, Any]:
    """Return what the form shows of the sign-in: the provider's address, or that it is done."""
    pending = _pending(request, scope_key)
    source = SOURCES.get(pending.get("values", {}).get("token_source", ""))
    address = (pending.get("begun") or {}).get("address", "")
    return {
        "sign_in_uri": redirect_uri,
        "sign_in_at": source.name if source else "",
        "sign_in_address": address,
        "sign_in_host": host_of(address),
        "signed_in": bool(pending.get("sealed")),
    }


def _pending(request: HttpRequest, scope_key: str) -> dict[str, Any]:
    """Return the sign-in of the scope that is under way and not too old, else {}."""
    pending: dict[str, Any] = request.session.get(SESSION_KEY) or {}
    fresh = pending.get("at", 0) > time.time() - LIFE_SECONDS
    return pending if fresh and pending.get("scope_key") == scope_key else {}


def _values(pending: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of the server, as a form and a model take them."""
    values: dict[str, Any] = dict(pending.get("values", {}))
    if values:
        values["client_secret_expires_on"] = values["client_secret_expires_on"] or None
    return values


def _code(request: HttpRequest, provider: str) -> str:
    """Return the authorisation code; raises `TokenFailed` with what the provider says instead (RFC 6749 4.1.2.1)."""
    code = request.GET.get("code", "")
    if code:
        return code
    error, description = request.GET.get("error", "no code"), request.GET.get("error_description", "")
    raise TokenFailed(Redactor().clean(f"{provider} said: {error} {description}"), for_good=True)

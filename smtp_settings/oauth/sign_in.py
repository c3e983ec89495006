"""Let a person sign in at a provider: authorisation code with PKCE (RFC 6749 4.1, RFC 7636)."""

import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field, replace

from authlib.common.security import generate_token

from smtp_settings import sealing
from smtp_settings.models import Credential, SmtpServer
from smtp_settings.oauth.endpoint import TokenFailed, as_token_failures, client_for
from smtp_settings.oauth.sources import SOURCES
from smtp_settings.oauth.tokens import checked

VERIFIER_CHARS = 64  # RFC 7636 4.1 asks for 43 to 128


@dataclass(frozen=True)
class PendingSignIn:
    """What must be remembered until the person comes back; `sealed` holds the client secret and the PKCE verifier."""

    address: str
    state: str
    redirect_uri: str
    sealed: str = field(repr=False)


def begin(server: SmtpServer, credential: Credential, redirect_uri: str) -> PendingSignIn:
    """Return where the person goes to sign in."""
    source = SOURCES[server.token_source]
    verifier, state = generate_token(VERIFIER_CHARS), secrets.token_urlsafe(32)
    client = client_for(server, credential, redirect_uri=redirect_uri, code_challenge_method="S256")
    address, _ = client.create_authorization_url(
        server.authorization_endpoint,
        state=state,
        code_verifier=verifier,
        login_hint=server.username,
        **source.extra,
    )
    confidential = {"credential": asdict(credential), "verifier": verifier}
    sealed = sealing.seal(json.dumps(confidential), binding=_binding(server, state))
    return PendingSignIn(address, state, redirect_uri, sealed)


def finish(server: SmtpServer, pending: PendingSignIn, *, state: str, code: str) -> Credential:
    """Return the credential with the refresh token that `code` stands for; raises `TokenFailed`."""
    if not hmac.compare_digest(pending.state.encode(), state.encode()):
        raise TokenFailed("This sign-in was not begun here.", for_good=True)
    confidential = json.loads(sealing.open_sealed(pending.sealed, binding=_binding(server, state)))
    credential = Credential(**confidential["credential"])
    with as_token_failures(server, credential.client_secret, code, confidential["verifier"]):
        client = client_for(server, credential, redirect_uri=pending.redirect_uri)
        answer = checked(
            client.fetch_token(
                server.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=confidential["verifier"],
            )
        )
    if not answer.get("refresh_token"):
        raise TokenFailed("The provider gave no refresh token: allow the application offline access.", for_good=True)
    return replace(credential, refresh_token=answer["refresh_token"])


def seal(server: SmtpServer, credential: Credential) -> str:
    """Return the credential sealed for where `server` is, until the server is stored."""
    return sealing.seal(credential.pack(), binding=_binding(server))


def unseal(sealed: str, server: SmtpServer) -> Credential | None:
    """Return what `seal` sealed, None where it was for another destination."""
    try:
        return Credential.unpack(sealing.open_sealed(sealed, binding=_binding(server))) if sealed else None
    except sealing.CannotOpen:
        return None


def _binding(server: SmtpServer, state: str = "") -> str:
    return f"sign-in\x1f{server.scope_key}\x1f{server.destination}\x1f{state}"

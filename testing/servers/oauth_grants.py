"""The grants of `testing.servers.oauth`, and what they remember: clients, codes and tokens."""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge

if TYPE_CHECKING:
    from testing.servers.oauth import LoopbackOAuthServer

POST = "client_secret_post"


class Client(ClientMixin):
    """The one client that the server knows."""

    def __init__(self, server: "LoopbackOAuthServer") -> None:
        self.server = server

    def get_client_id(self) -> str:
        return self.server.client_id

    def get_default_redirect_uri(self) -> str:
        return self.server.redirect_uri

    def get_allowed_scope(self, scope: str) -> str:
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.server.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.server.client_secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == POST

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return True


@dataclass
class Code(AuthorizationCodeMixin):
    """An authorisation code with what PKCE binds it to."""

    code: str
    redirect_uri: str
    scope: str
    user: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass
class Issued(TokenMixin):
    """A token that was given out."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str = ""
    refresh_token: str = ""
    user: str = ""
    revoked: bool = False
    issued_at: float = field(default_factory=time.time)

    @property
    def valid(self) -> bool:
        return not self.revoked and self.issued_at + self.expires_in > time.time()

    def check_client(self, client: Client) -> bool:
        return True

    def get_scope(self) -> str:
        return self.scope


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = [POST]

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        self.server.codes[code] = Code(
            code,
            request.payload.redirect_uri,
            request.payload.scope or "",
            request.user,
            data.get("code_challenge", ""),
            data.get("code_challenge_method", ""),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        return self.server.codes.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del self.server.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.user


class RefreshTokenGrant(grants.RefreshTokenGrant):
    """Where the server rotates, a refresh token serves once."""

    TOKEN_ENDPOINT_AUTH_METHODS = [POST]

    def authenticate_refresh_token(self, refresh_token: str) -> Issued | None:
        known = (issued for issued in self.server.issued if issued.refresh_token == refresh_token)
        return next((issued for issued in known if not issued.revoked), None)

    def authenticate_user(self, refresh_token: Issued) -> str:
        return refresh_token.user

    def revoke_old_credential(self, refresh_token: Issued) -> None:
        refresh_token.revoked = self.server.rotates


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = [POST]


class PkceRequired(CodeChallenge):
    """Only S256, and never without."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        assert grant.request.payload.data.get("code_challenge"), "PKCE is required"
        super().validate_code_challenge(grant, redirect_uri)


GRANTS: list[tuple[type[Any], list[Any]]] = [
    (AuthorizationCodeGrant, [PkceRequired(required=True)]),
    (RefreshTokenGrant, []),
    (ClientCredentialsGrant, []),
]

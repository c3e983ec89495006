"""A real OpenID Connect provider on a loopback socket, built with Authlib's own parts, that can be told to misbehave.

    provider.claims = {"sub": "7", "email": "alice@acme.test", "email_verified": True}
    provider.id_token["iss"] = "https://evil.example"    # said in the next ID token in place of the truth
    provider.signs_with = RSAKey.generate_key(...)       # another key than the published one

The person at its authorisation page is always signed in and always agrees.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import RSAKey

from testing.servers.oauth import LoopbackOAuthServer
from testing.servers.oauth_grants import AuthorizationCodeGrant, Client, Code, PkceRequired

SIGNING: dict[str, Any] = {"use": "sig", "alg": "RS256"}
JSON = [("Content-Type", "application/json")]


class NotedCode(Code):
    """A code that knows the nonce it was asked for with."""

    nonce: str = ""

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class CodeWithNonceGrant(AuthorizationCodeGrant):
    def save_authorization_code(self, code: str, request: Any) -> None:
        super().save_authorization_code(code, request)
        stored = self.server.codes[code]
        self.server.codes[code] = noted = NotedCode(**vars(stored))
        noted.nonce = request.payload.data.get("nonce", "")


class IdTokens(OpenIDCode):
    """The ID tokens of `provider`."""

    def __init__(self, provider: "LoopbackOpenIdProvider") -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return any(getattr(code, "nonce", "") == nonce for code in self.provider.codes.values())

    def get_client_algorithm(self, client: Client) -> str:
        return "RS256"

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": "RS256", "kid": str(self.provider.key.kid)}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self.provider.issuer, "aud": [self.provider.client_id]}

    def get_compatible_claims(self, request: Any) -> dict[str, Any]:
        claims: dict[str, Any] = super().get_compatible_claims(request)
        return {name: said for name, said in claims.items() if name not in self.provider.omitted}

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self.provider.signs_with

    def generate_user_info(self, user: str, scope: str) -> dict[str, Any]:
        return {**self.provider.claims, **self.provider.id_token}


@dataclass(eq=False)
class LoopbackOpenIdProvider(LoopbackOAuthServer):
    """`claims` are what it says of the person; `id_token` and `user_info` are said in their place in one of the two.

    `omitted` names what an ID token must say, and does not.
    """

    claims: dict[str, Any] = field(default_factory=dict)
    id_token: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    omitted: set[str] = field(default_factory=set)
    key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.signs_with = self.key

    def grants(self) -> list[tuple[type[Any], list[Any]]]:
        return [(CodeWithNonceGrant, [IdTokens(self), PkceRequired(required=True)])]

    @property
    def issuer(self) -> str:
        return self.address

    def respond(self, method: str, path: str, values: dict[str, str], headers: Any) -> tuple[int, bytes, list[Any]]:
        """Answer an HTTP request."""
        match urlsplit(path).path:
            case "/.well-known/openid-configuration":
                said = self._description()
            case "/jwks":
                said = {"keys": [self.key.as_dict(private=False)]}
            case "/userinfo":
                said = self._user_info(headers)
            case _:
                return super().respond(method, path, values, headers)
        return 200, json.dumps(said).encode(), JSON

    def _description(self) -> dict[str, Any]:
        pages = {name: f"{self.address}/{name}" for name in ("authorize", "token", "userinfo", "jwks")}
        return {
            "issuer": self.issuer,
            "authorization_endpoint": pages["authorize"],
            "token_endpoint": pages["token"],
            "userinfo_endpoint": pages["userinfo"],
            "jwks_uri": pages["jwks"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.description,
        }

    def _user_info(self, headers: Any) -> dict[str, Any]:
        assert self.accepts(headers["Authorization"].removeprefix("Bearer ")), "no token of ours"
        return {**self.claims, **self.user_info}

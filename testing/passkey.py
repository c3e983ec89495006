"""A passkey in software (WebAuthn 6), which signs what it is asked to, also what no browser would ask for."""

import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

NO_AAGUID = bytes(16)
FLAG = AuthenticatorData.FLAG


@dataclass
class Passkey:
    """`handle` is whose it says it is. The other fields are what it claims in its next answer."""

    origin: str
    rp_id: str
    handle: str = ""
    flags: FLAG = FLAG.UP | FLAG.UV
    kind: str = "webauthn.get"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    identity: bytes = b"one of many passkeys"

    def made(self, options: dict[str, Any]) -> str:
        """Return the answer to the options of a registration."""
        asked = options["publicKey"]
        self.handle = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(NO_AAGUID, self.identity, public)
        data = AuthenticatorData.create(sha256(self.rp_id.encode()), self.flags | FLAG.AT, 0, credential)
        attestation = AttestationObject.create("none", data, {})
        return self._answer(self._client_data("webauthn.create", asked), attestationObject=bytes(attestation))

    def signed(self, options: dict[str, Any]) -> str:
        """Return the answer to the options of a sign-in."""
        client_data = self._client_data(self.kind, options["publicKey"])
        data = AuthenticatorData.create(sha256(self.rp_id.encode()), self.flags, 0)
        signature = self.key.sign(data + sha256(client_data), ec.ECDSA(SHA256()))
        handle = websafe_decode(self.handle)
        return self._answer(client_data, authenticatorData=bytes(data), signature=signature, userHandle=handle)

    def _client_data(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _answer(self, client_data: bytes, **parts: bytes) -> str:
        response = {name: websafe_encode(part) for name, part in {"clientDataJSON": client_data, **parts}.items()}
        identity = websafe_encode(self.identity)
        return json.dumps(
            {
                "id": identity,
                "rawId": identity,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {"credProps": {"rk": True}},
            }
        )

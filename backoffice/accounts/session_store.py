"""Sessions in the database, of which the database alone opens none.

The key of a session is in the browser's cookie. Its row is named by a hash of the key, and the data is encrypted for
that row (AES-256-GCM, NIST SP 800-38D), because it holds what opens something too: the secret of a second factor that
is being set up, the key of a link. A row that is copied or edited is no session.
"""

import base64
import logging
import os
from contextlib import suppress
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from smtp_settings.sealing import NONCE_BYTES

SALT = "session data"
UNKNOWN_VISITOR_SECONDS = 24 * 3600  # for a sign-in or a link that is under way
ROW_CHARS = 40  # what the columns hold: 160 bits of SHA-256, in hexadecimal

logger = logging.getLogger("django.security.SuspiciousSession")


def row_of(key: str) -> str:
    """Return the name of the row of the session with this key; no browser can use it as one."""
    return sha256(key.encode(errors="replace")).hexdigest()[:ROW_CHARS]


def present_row(request: HttpRequest) -> str:
    """Return the name of the row of the session of a request, "" where it has none; others may know it."""
    key = request.session.session_key
    return row_of(key) if key else ""


class SessionStore(db.SessionStore):
    """Django's, asked with the browser's key, while the rows that it reads and writes have a name."""

    # Django writes each twice. Those of the base class call the ones below, so that none goes past the name.
    aexists, acreate, asave, aload, adelete = (
        SessionBase.aexists,
        SessionBase.acreate,
        SessionBase.asave,
        SessionBase.aload,
        SessionBase.adelete,
    )

    def exists(self, session_key: str) -> bool:
        return super().exists(self._name_of(session_key))

    def load(self) -> dict[str, Any]:
        """Return the data; where the row is gone, over or not as it was stored, the key is dropped with it."""
        found = self.model.objects.filter(pk=self._name, expire_date__gt=timezone.now())
        stored = found.values_list("session_data", flat=True).first()
        data = None if stored is None else self._open(stored)
        if data is None:
            self._session_key = None
        return data or {}

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        instance = super().create_model_instance(data)
        instance.session_key = self._name
        return instance

    def get_session_cookie_age(self) -> int:
        """Return the seconds that it lasts, where nothing else is said: short where anybody can begin as many."""
        age = super().get_session_cookie_age()
        return age if SESSION_KEY in self else min(age, UNKNOWN_VISITOR_SECONDS)

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(self._name_of(key))

    def encode(self, session_dict: dict[str, Any]) -> str:
        nonce = os.urandom(NONCE_BYTES)
        encrypted = self._cipher(settings.SECRET_KEY).encrypt(nonce, self.serializer().dumps(session_dict), None)
        return base64.urlsafe_b64encode(nonce + encrypted).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        return self._open(session_data) or {}

    def _open(self, session_data: bytes | str) -> dict[str, Any] | None:
        """Return the data that was encrypted for this row, None where it was not."""
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            with suppress(ValueError, InvalidTag):
                raw = base64.urlsafe_b64decode(session_data)
                text = self._cipher(secret).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None)
                data: dict[str, Any] = self.serializer().loads(text)
                return data
        logger.warning("The row of a session does not open: it was changed outside of the product, or the key was.")
        return None

    def _cipher(self, secret: str | bytes) -> AESGCM:
        return AESGCM(salted_hmac(SALT, self._name, secret=secret, algorithm="sha256").digest())

    @property
    def _name(self) -> str:
        return self._name_of(self.session_key or "")

    @staticmethod
    def _name_of(key: str) -> str:
        return row_of(key)


class StoredSession(SessionStore):
    """Somebody's session as the server itself opens it, by the name of its row; never by what a browser sends."""

    def cycle_key(self) -> None:
        """Leave it: a new key is for the browser alone, at its own next request."""

    @staticmethod
    def _name_of(key: str) -> str:
        return key

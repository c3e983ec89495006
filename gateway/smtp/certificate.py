"""The certificate of the door, read again when its files change: a renewed one needs no restart."""

import logging
import ssl
import time
from pathlib import Path

from smtp_settings.network.tls import OLDEST

LOOK_EVERY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Certificate:
    """`chain` and `key` are files in PEM form, possibly the same one."""

    def __init__(self, chain: str, key: str) -> None:
        """Read both; raises `OSError`, an `ssl.SSLError` included, where they are no certificate and its key."""
        self._chain, self._key = chain, key or chain
        self._state = self._files()
        self._context = self._read()
        self._looked_at = time.monotonic()

    @property
    def context(self) -> ssl.SSLContext:
        """The TLS context of new connections; while new files cannot be read, with the certificate before them."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_EVERY_SECONDS:
            self._looked_at = now
            self._read_again()
        return self._context

    def _read_again(self) -> None:
        try:
            state = self._files()
            if state != self._state:
                self._context, self._state = self._read(), state
                logger.info("The certificate in %s was read again", self._chain)
        except OSError as error:
            logger.warning("The certificate in %s cannot be read, the one before is used: %s", self._chain, error)

    def _files(self) -> tuple[tuple[int, int, int], ...]:
        stats = [Path(path).stat() for path in (self._chain, self._key)]
        return tuple((stat.st_mtime_ns, stat.st_ino, stat.st_size) for stat in stats)

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = OLDEST
        context.load_cert_chain(self._chain, self._key)
        return context

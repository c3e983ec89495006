"""A password that is easy to recognise, and a search for it wherever something can be kept or said."""

import base64
import re
import threading
from collections.abc import Iterator

from django.contrib.sessions.models import Session
from django.db import connection
from redis import Redis

MARK = "Tr0ub4dor"
RIGHT = f'canary-{MARK}&3 "right"'
WRONG = f"canary-{MARK}&3 <wrong>"
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")


def forms_of(secret: str) -> str:
    """Return what a server can echo of a sign-in by `secret`."""
    plain = f"\0user\0{secret}"
    return " ".join((secret, base64.b64encode(secret.encode()).decode(), base64.b64encode(plain.encode()).decode()))


def is_in(text: str) -> bool:
    """Return whether a canary stands in `text`: as it is, hexadecimal, or within base64, twice over."""
    once = _decoded(text)
    everything = "".join((text, once, _decoded(once)))
    return MARK in everything or MARK.encode().hex() in everything.lower()


def _decoded(text: str) -> str:
    """Return what every run of characters says that may be base64, wherever in it that begins."""
    found: list[str] = []
    for run in BASE64.findall(text):
        usual = run.replace("-", "+").replace("_", "/")
        for skip in range(4):
            part = usual[skip : skip + (len(usual) - skip) // 4 * 4]
            found.append(base64.b64decode(part).decode("utf-8", "ignore"))
    return "\n".join(found)


def all_tables() -> Iterator[tuple[str, str]]:
    """Give each table of the database as text, and what sessions hold."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            yield table, "\n".join(_as_text(value) for row in cursor.fetchall() for value in row)
    yield "sessions, opened", str([session.get_decoded() for session in Session.objects.all()])


def _as_text(value: object) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)


class Eavesdropper:
    """Hears every command that a broker gets while the context lasts."""

    END = "nothing more to hear"

    def __init__(self, url: str) -> None:
        self.heard: list[str] = []
        self._url, self._ready = url, threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True, name="eavesdropper")

    def __enter__(self) -> "Eavesdropper":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *ended: object) -> None:
        with Redis.from_url(self._url) as client:
            client.echo(self.END)
        self._thread.join(10)

    def _listen(self) -> None:
        with Redis.from_url(self._url) as client, client.monitor() as monitor:
            self._ready.set()
            for command in monitor.listen():
                self.heard.append(str(command["command"]))
                if self.END in self.heard[-1]:
                    return

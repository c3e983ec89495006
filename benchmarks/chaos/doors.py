"""Applications in other languages that hand over mail at both doors, and repeat what failed as `docs/doors.md` says."""

import http.client
import json
import smtplib
import ssl
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from benchmarks import sample

TIMEOUT_SECONDS = 20  # longer than a request waits for the same one that is under way
PAUSE_SECONDS = 0.5
BATCH, BATCH_EVERY = 10, 5
AGAIN = {409, 429, 500, 503}


@dataclass(frozen=True)
class Places:
    """Where the doors are; `secrets` are those of keys of several applications."""

    http_port: int
    smtp_port: int
    tls: ssl.SSLContext
    secrets: Sequence[str]


class Application(ABC):
    """Hands over a message to each address, one after the other, so that all take `seconds`.

    `accepted` are the addresses whose message was taken for good, `refused` those where the door said never; `in_doubt`
    those where a message may be there twice, because SMTP does not say what became of it.
    """

    def __init__(self, places: Places, secret: str, addresses: Sequence[str], seconds: float) -> None:
        self.places, self.secret, self.addresses, self.seconds = places, secret, addresses, seconds
        self.accepted, self.in_doubt = list[str](), set[str]()
        self.refused = dict[str, str]()
        self.repeated = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="an application at a door", daemon=True)
        self._thread.start()

    def finish(self, seconds: float) -> None:
        """Let it hand over what is left, for so long; what was not taken by then was never promised."""
        self._thread.join(seconds)
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        began, done = time.monotonic(), 0
        while done < len(self.addresses) and not self._over.is_set():
            self._over.wait(max(0, began + self.seconds * done / len(self.addresses) - time.monotonic()))
            together = self.addresses[done : done + self.size(done)]
            self._hand_over(together)
            done += len(together)

    def _hand_over(self, together: Sequence[str]) -> None:
        """Try until there is an answer that counts, with the same message each time."""
        message = self.message(together)
        while not self._over.is_set():
            try:
                self.attempt(message, together)
            except Again:
                self.repeated += 1
                self._over.wait(PAUSE_SECONDS)
            except Never as never:
                self.refused |= dict.fromkeys(together, str(never))
                return
            else:
                self.accepted += together
                return

    def size(self, done: int) -> int:
        """Return how many go in one."""
        return 1

    @abstractmethod
    def message(self, together: Sequence[str]) -> bytes: ...

    @abstractmethod
    def attempt(self, message: bytes, together: Sequence[str]) -> None:
        """Return once it is accepted; raises `Again` or `Never`."""


class Again(Exception):
    """Nothing is known, or later is better."""


class Never(Exception):
    """The door refused for good; `args` are its words."""


class PostingApplication(Application):
    """At the HTTP door; each request has an Idempotency-Key, some are batches."""

    def size(self, done: int) -> int:
        return BATCH if done % (BATCH * BATCH_EVERY) == 0 else 1

    def message(self, together: Sequence[str]) -> bytes:
        one = {"from": f"Shop <{sample.SENDER}>", "subject": sample.SUBJECT, "text": sample.TEXT, "html": sample.HTML}
        listed = [{**one, "to": address} for address in together]
        return json.dumps(listed if len(listed) > 1 else listed[0]).encode()

    def attempt(self, message: bytes, together: Sequence[str]) -> None:
        path = "/api/emails/batch" if len(together) > 1 else "/api/emails"
        headers = {
            "Authorization": f"Bearer {self.secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": together[0],
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.places.http_port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", path, message, headers)
            answer = connection.getresponse()
            words = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise Again from error
        finally:
            connection.close()
        if answer.status in AGAIN:
            raise Again
        if answer.status != 200:
            raise Never(f"{answer.status} {words}")


class SubmittingApplication(Application):
    """At the SMTP door, over a connection that it keeps; it has nothing but Message-ID to say that it is the same."""

    _connection: smtplib.SMTP | None = None

    def message(self, together: Sequence[str]) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = sample.SENDER, together[0], sample.SUBJECT
        message["Message-ID"] = f"<{uuid.uuid4().hex}@shop.test>"
        message.set_content(sample.TEXT)
        message.add_alternative(sample.HTML, subtype="html")
        return message.as_bytes()

    def attempt(self, message: bytes, together: Sequence[str]) -> None:
        try:
            self._submit(message, together[0])
        except smtplib.SMTPResponseException as error:
            self._hang_up()
            words = f"{error.smtp_code} {error.smtp_error!r}"
            raise (Never(words) if error.smtp_code >= 500 else Again(words)) from error
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise Again from error

    def _submit(self, message: bytes, address: str) -> None:
        connection = self._connection = self._connection or self._connected()
        for code, words in (connection.mail(sample.SENDER), connection.rcpt(address)):
            if code != 250:
                raise smtplib.SMTPResponseException(code, words)
        try:
            code, words = connection.data(message)
        except smtplib.SMTPDataError:  # DATA itself was refused
            raise
        except (OSError, smtplib.SMTPException):
            self.in_doubt.add(address)
            raise
        if code != 250:
            raise smtplib.SMTPResponseException(code, words)

    def _connected(self) -> smtplib.SMTP:
        connection = smtplib.SMTP("localhost", self.places.smtp_port, timeout=TIMEOUT_SECONDS)
        connection.starttls(context=self.places.tls)
        connection.login("key", self.secret)
        return connection

    def _hang_up(self) -> None:
        if self._connection:
            with suppress(OSError):
                self._connection.close()
            self._connection = None


def open_for_business(places: Places, each: int, seconds: float) -> list[Application]:
    """Start an application of each kind for each key; together those of a kind hand over `each` messages."""
    applications = list[Application]()
    for number, secret in enumerate(places.secrets):
        mine = range(number, each, len(places.secrets))
        for kind, name in ((PostingApplication, "http"), (SubmittingApplication, "smtp")):
            addresses = [f"{name}{order}@customers.test" for order in mine]
            applications.append(kind(places, secret, addresses, seconds))
    return applications

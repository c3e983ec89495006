"""The mail catcher as a process, and its page."""

import os
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from backoffice.development.mail_folder import Envelope, MailFolder
from people.models import User
from testing.servers import ports

CONTENT = (
    "From: Shop <shop@acme.example>\r\nSubject: Your =?utf-8?q?caf=C3=A9?=\r\n"
    'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nplain words\r\n"
    "--b\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script><b>rich words</b>\r\n--b--\r\n"
)
ENVELOPE = Envelope("a@acme.example", ["b@x.example"], port=1025, tls="", user="", at=1_790_000_000)


@dataclass
class Catcher:
    port: int
    var: Path

    @property
    def mails(self) -> MailFolder:
        return MailFolder(self.var / "mail")

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.var / "tls" / "authority.pem"))


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Catcher]:
    port = ports.free_pair()
    surroundings = os.environ | {"VAR_DIR": str(tmp_path), "CATCHER_PORT": str(port)}
    command = [sys.executable, "-m", "backoffice.development.catcher"]
    complaints = tmp_path / "complaints"
    with complaints.open("w") as stderr:
        process = subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=stderr)
    wait_for(port)
    yield Catcher(port, tmp_path)
    process.terminate()
    assert process.wait(10) == 0
    assert complaints.read_text() == ""


def wait_for(port: int) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port + 1), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the catcher does not listen")


def test_plain_mail_is_kept_with_its_envelope(catcher: Catcher) -> None:
    with smtplib.SMTP("localhost", catcher.port, timeout=5) as client:
        client.sendmail("a@acme.example", ["b@x.example", "c@x.example"], CONTENT)
    (mail,) = catcher.mails.newest(10)
    assert (mail.envelope.sender, mail.envelope.recipients) == ("a@acme.example", ["b@x.example", "c@x.example"])
    assert (mail.envelope.port, mail.envelope.tls, mail.envelope.user) == (catcher.port, "", "")
    assert mail.content == CONTENT.encode()


def test_starttls_and_any_sign_in_are_accepted(catcher: Catcher) -> None:
    with smtplib.SMTP("localhost", catcher.port, timeout=5) as client:
        client.starttls(context=catcher.context())
        client.login("anybody", "whatever")
        client.sendmail("a@acme.example", "b@x.example", CONTENT)
    (mail,) = catcher.mails.newest(10)
    assert mail.envelope.tls.startswith("TLSv1.")
    assert mail.envelope.user == "anybody"


def test_the_port_above_is_implicit_tls(catcher: Catcher) -> None:
    with smtplib.SMTP_SSL("localhost", catcher.port + 1, context=catcher.context(), timeout=5) as client:
        client.login("anybody", "whatever")
        client.sendmail("a@acme.example", "b@x.example", CONTENT)
    (mail,) = catcher.mails.newest(10)
    assert (mail.envelope.port, mail.envelope.user) == (catcher.port + 1, "anybody")
    assert mail.envelope.tls.startswith("TLSv1.")


def test_only_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backoffice.development.mail_folder.MOST_KEPT", 3)
    stored = [MailFolder(tmp_path).store(ENVELOPE, b"") for _ in range(5)]
    assert MailFolder(tmp_path).keys() == stored[:1:-1]
    assert len(list(tmp_path.iterdir())) == 6


def test_a_mail_is_read_whatever_its_character_set(tmp_path: Path) -> None:
    mails = MailFolder(tmp_path)
    mail = mails.get(mails.store(ENVELOPE, CONTENT.encode()))
    assert mail is not None
    assert (mail.subject, mail.text.strip()) == ("Your café", "plain words")


@pytest.fixture
def key_of_mail(settings: LazySettings, tmp_path: Path) -> str:
    settings.DEBUG, settings.CATCHER_MAIL_DIR = True, tmp_path
    return MailFolder(tmp_path).store(ENVELOPE, CONTENT.encode())


@pytest.fixture
def owners_client(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def test_the_page_shows_envelope_headers_and_text(owners_client: Client, key_of_mail: str) -> None:
    assert "Your café" in owners_client.get("/backoffice/catcher/").content.decode()
    page = owners_client.get(f"/backoffice/catcher/{key_of_mail}/").content.decode()
    assert "b@x.example" in page
    assert "plain words" in page
    assert 'sandbox=""' in page
    assert "rich words" not in page


def test_the_html_runs_nothing_and_loads_nothing(owners_client: Client, key_of_mail: str) -> None:
    response = owners_client.get(f"/backoffice/catcher/{key_of_mail}/html/")
    policy = response["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'self'"} <= set(policy)
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "rich words" in response.content.decode()


@pytest.mark.parametrize(
    "key", ["..", "..%2Fdev", "1795444864079636809-93b65ffe", "x", "%2e%2e%2f%2e%2e%2fetc%2fpasswd"]
)
def test_other_keys_lead_nowhere(owners_client: Client, key_of_mail: str, key: str) -> None:
    for ending in ("", "html/", "source/"):
        assert owners_client.get(f"/backoffice/catcher/{key}/{ending}").status_code in (302, 404)


def test_outside_debug_there_is_no_such_page(owners_client: Client, key_of_mail: str, settings: LazySettings) -> None:
    settings.DEBUG = False
    for ending in ("", f"{key_of_mail}/", f"{key_of_mail}/html/", f"{key_of_mail}/source/"):
        assert owners_client.get(f"/backoffice/catcher/{ending}").status_code == 404


def test_only_the_owner_sees_caught_mail(client: Client, alice: User, key_of_mail: str) -> None:
    client.force_login(alice)
    assert client.get(f"/backoffice/catcher/{key_of_mail}/html/").status_code == 403

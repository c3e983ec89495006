"""Applications in other languages send by SMTP: real clients, a real process, a real outbox."""

import smtplib
import time

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from delivery.models import Delivery, Email
from gateway.models import Key
from gateway.models.key import RECHECK_SECONDS
from people.models import User
from testing import factories
from testing.servers.submission import SubmissionProcess
from whitelabel.models import Application

MESSAGE = b"From: Shop <shop@acme.test>\r\nTo: dana@customer.test\r\nSubject: Hello\r\n\r\nIt works.\r\n"
SENDER, DANA = "shop@acme.test", "dana@customer.test"


def test_a_message_is_in_the_outbox_once_the_client_hears_250(door: SubmissionProcess, secret: str) -> None:
    with door.signed_in(secret) as client:
        client.sendmail(SENDER, [DANA], MESSAGE)
    email = Email.objects.get()
    assert (email.subject, email.wanted_address, email.wanted_name) == ("Hello", SENDER, "Shop")
    assert [delivery.recipient for delivery in email.deliveries.all()] == [DANA]
    assert bytes(email.content or b"").endswith(b"\r\n\r\nIt works.\r\n")
    assert email.key_prefix == Key.objects.get().prefix


def test_implicit_tls_and_auth_plain_with_any_user_name(door: SubmissionProcess, secret: str) -> None:
    with smtplib.SMTP_SSL(door.host, door.tls_port, context=door.tls, timeout=30) as client:
        client.ehlo("DESKTOP_LAPTOP")
        client.user, client.password = "whoever", secret
        client.auth("PLAIN", client.auth_plain)
        client.sendmail(SENDER, [DANA], MESSAGE)
    assert Delivery.objects.count() == 1


def test_djangos_own_backend_sends(door: SubmissionProcess, secret: str) -> None:
    backend = EmailBackend(door.host, door.port, username="key", password=secret, use_tls=True, timeout=30)
    backend.ssl_context = door.tls
    message = EmailMultiAlternatives("Grüße", "Hallo", "Zoë <shop@acme.test>", [DANA], bcc=["eve@users.test"])
    message.attach_alternative("<p>Hallo</p>", "text/html")
    assert backend.send_messages([message]) == 1
    email = Email.objects.get()
    assert (email.subject, email.wanted_name) == ("Grüße", "Zoë")
    assert {delivery.recipient for delivery in email.deliveries.all()} == {DANA, "eve@users.test"}
    assert b"eve@" not in bytes(email.content or b"")


def test_what_is_offered_in_clear_is_tls_alone_and_behind_it_sign_in(door: SubmissionProcess, db: None) -> None:
    with smtplib.SMTP(door.host, door.port, timeout=30) as client:
        client.ehlo("localhost")
        assert client.has_extn("starttls")
        assert not client.has_extn("auth")
        assert client.docmd("MAIL", "FROM:<a@b.test>")[0] == 530
        assert client.docmd("AUTH", "PLAIN AGtleQBzZWNyZXQ=")[0] == 530
        client.starttls(context=door.tls)
        client.ehlo("Anna's-iMac")
        offers = {"size": "15720448", "8bitmime": "", "smtputf8": "", "pipelining": "", "enhancedstatuscodes": ""}
        assert client.esmtp_features | offers == client.esmtp_features
        assert client.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"]
        assert not client.has_extn("starttls")
        assert client.docmd("mail", "from: <a@b.test>")[1].startswith(b"5.7.0")


def test_a_wrong_key_and_a_revoked_one_read_the_same(door: SubmissionProcess, shop: Application, alice: User) -> None:
    key, revoked = factories.make_key_and_secret(shop, alice)
    key.revoke(by=alice)
    answers = set()
    for wrong in (revoked, "bo_mail_nothing", f"{revoked[:-1]}x"):
        with door.connected("127.0.0.2") as client, pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            client.login("key", wrong)
        answers.add((refused.value.smtp_code, refused.value.smtp_error))
    assert len(answers) == 1
    assert str(answers.pop()).startswith("(535, b'5.7.8 ")


def test_a_key_that_is_revoked_in_an_open_session_sends_nothing_more(
    door: SubmissionProcess, shop: Application, alice: User
) -> None:
    key, secret = factories.make_key_and_secret(shop, alice)
    with door.signed_in(secret) as client:
        client.sendmail(SENDER, [DANA], MESSAGE)
        key.revoke(by=alice)
        time.sleep(RECHECK_SECONDS + 0.2)
        with pytest.raises(smtplib.SMTPSenderRefused, match=r"5\.7\.1"):
            client.sendmail(SENDER, [DANA], MESSAGE)
    assert Email.objects.count() == 1
    assert Key.objects.get().refusal == "REVOKED"


def test_an_application_that_is_archived_in_an_open_session_sends_nothing_more_until_it_is_restored(
    door: SubmissionProcess, shop: Application, alice: User
) -> None:
    _, secret = factories.make_key_and_secret(shop, alice)
    with door.signed_in(secret) as client:
        client.sendmail(SENDER, [DANA], MESSAGE)
        shop.archive()
        time.sleep(RECHECK_SECONDS + 0.2)
        with pytest.raises(smtplib.SMTPSenderRefused, match=r"5\.7\.1"):
            client.sendmail(SENDER, [DANA], MESSAGE)
    assert Key.objects.get().refusal == "ARCHIVED"
    shop.restore()
    shop.save()
    with door.signed_in(secret) as client:
        client.sendmail(SENDER, [DANA], MESSAGE)
    assert Email.objects.count() == 2


def test_a_key_of_the_platform_signs_in_and_may_not_send(door: SubmissionProcess, owner: User) -> None:
    key, secret = factories.make_key_and_secret(None, owner)
    with door.signed_in(secret) as client, pytest.raises(smtplib.SMTPSenderRefused, match=r"5\.7\.1"):
        client.sendmail(SENDER, [DANA], MESSAGE)
    key.refresh_from_db()
    assert key.refusal == "SCOPE"

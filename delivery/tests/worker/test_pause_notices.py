"""People are told of a pause once, by a task; a task that is lost is made up for by the sweep."""

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage

from delivery.models import Delivery, PauseNotice
from delivery.tasks import send_pause_notice, sweep
from delivery.worker import pause_notices
from people.models import User
from smtp_settings.choices import Policy
from smtp_settings.models import SmtpServer
from testing.factories import give_own_smtp, make_server
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acmes(acme: WhiteLabel) -> SmtpServer:
    server = make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key)
    give_own_smtp(acme, server)
    return server


def told(mailoutbox: list[EmailMessage]) -> list[str]:
    return sorted(address for mail in mailoutbox for address in mail.to)


def test_a_task_that_runs_twice_tells_once(acmes: SmtpServer, owner: User, mailoutbox: list[EmailMessage]) -> None:
    pause_notices.announce(acmes, "It refused the sign-in twice.")
    notice = PauseNotice.objects.get()
    for _ in range(2):
        send_pause_notice(notice.pk)
    assert told(mailoutbox) == sorted(["alice@acme.test", "bob@acme.test", owner.email])
    assert not PauseNotice.objects.exists()


def test_nobody_is_told_while_the_server_is_being_paused_and_the_sweep_tells_where_the_task_was_lost(
    acmes: SmtpServer, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    pause_notices.announce(acmes, "It refused the sign-in twice.")
    assert mailoutbox == []
    for _ in range(2):
        sweep()
    assert len(mailoutbox) == 3
    assert "It refused the sign-in twice." in mailoutbox[0].body


def test_a_notice_that_cannot_be_written_is_kept(
    acmes: SmtpServer,
    owner: User,
    mailoutbox: list[EmailMessage],
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pause_notices.announce(acmes, "It refused the sign-in twice.")
    settings.EMAIL_BACKEND = "nowhere.Backend"
    sweep()
    assert PauseNotice.objects.exists()
    assert "No module named 'nowhere'" in caplog.text


def test_a_notice_that_cannot_be_sent_keeps_no_other_from_it(
    acmes: SmtpServer,
    owner: User,
    mailoutbox: list[EmailMessage],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    real = pause_notices._send

    def fails_for_one(notice: PauseNotice) -> None:
        if notice.reason == "broken":
            raise ValueError("cannot be written")
        real(notice)

    for reason in ("fine", "broken", "fine"):
        PauseNotice.objects.create(server=acmes, reason=reason)
    monkeypatch.setattr(pause_notices, "_send", fails_for_one)
    sweep()
    assert "cannot be written" in caplog.text
    assert PauseNotice.objects.get().reason == "broken"
    assert told(mailoutbox).count(owner.email) == 2


@pytest.mark.parametrize("address", ["", "none", "a@b", "x@acme.test\r\nBcc: y@z.test", "@", "é@[::1", "a" * 250])
def test_an_address_that_is_none_keeps_nobody_else_from_being_told(
    address: str, acmes: SmtpServer, owner: User, bob: User, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "delivery.backend.OutboxBackend"
    User.objects.filter(pk=bob.pk).update(email=address)
    pause_notices.announce(acmes, "It refused the sign-in twice.")
    sweep()
    assert not PauseNotice.objects.exists()
    assert set(Delivery.objects.values_list("recipient", flat=True)) >= {"alice@acme.test", owner.email}

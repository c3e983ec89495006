"""How a check that a worker runs is shown: under way, finished, by whom, and to whom."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from people.models import User
from smtp_settings.models import SmtpCheck, SmtpServer
from smtp_settings.tasks import run_check
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

URL = "/whitelabel/email/"
HTMX = {"hx-request": "true"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def console(client: Client, alice: User, acme: WhiteLabel) -> Client:
    client.force_login(alice)
    return client


def values(loopback: LoopbackSmtpServer, **changed: object) -> dict[str, object]:
    typed = {"username": "user", "password": "secret", "sender_address": "mail@acme.test", "switched_on": "on"}
    return loopback.fields | {"action": "save", "auth": "PASSWORD"} | typed | changed


def page(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_check_under_way_is_asked_for_again_and_again(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    shown = page(console.post(URL, values(smtp_server), headers=HTMX))
    check = SmtpCheck.objects.get()
    assert f'hx-get="{URL}?check={check.pk}&look=1"' in shown
    assert 'aria-busy="true"' in shown
    assert shown.count("still to come") == 8
    assert not smtp_server.connections


def test_without_javascript_there_is_a_way_to_the_result(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    response = console.post(URL, values(smtp_server), follow=True)
    check = SmtpCheck.objects.get()
    assert response.redirect_chain == [(f"{URL}?check={check.pk}", 302)]
    assert f'<noscript><p><a href="{URL}?check={check.pk}">See the result</a>' in page(response)
    run_check(check.pk)
    assert "Saved. The server passed its check." in page(console.get(f"{URL}?check={check.pk}"))


def test_a_page_that_looks_is_loaded_anew_when_all_is_saved(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server), headers=HTMX)
    check = SmtpCheck.objects.get()
    run_check(check.pk)
    response = console.get(f"{URL}?check={check.pk}&look=1", headers=HTMX)
    assert response.headers["HX-Redirect"] == f"{URL}?check={check.pk}"


def test_the_field_at_fault_is_named_to_the_page_that_looks(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server, password="wrong"), headers=HTMX)
    check = SmtpCheck.objects.get()
    run_check(check.pk)
    shown = page(console.get(f"{URL}?check={check.pk}&look=1", headers=HTMX))
    assert 'data-field="password" data-fault="The server does not accept this username and password' in shown
    assert "hx-get" not in shown
    assert "<form" not in shown


def test_what_was_said_can_be_unfolded_and_copied(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server, action="check"))
    check = SmtpCheck.objects.get()
    run_check(check.pk)
    shown = console.get(f"{URL}?check={check.pk}").content.decode()
    assert "C: AUTH PLAIN [secret]&#10;S: 235 2.7.0 signed in" in shown
    assert 'data-copy="S: 220 localhost ESMTP' in shown


def test_a_colleague_sees_the_last_result(
    console: Client, smtp_server: LoopbackSmtpServer, bob: User, client: Client
) -> None:
    console.post(URL, values(smtp_server, action="check"))
    run_check(SmtpCheck.objects.get().pk)
    client.force_login(bob)
    shown = page(client.get(URL))
    assert f'Check of localhost:{smtp_server.port} <span class="tag good">Passed</span>' in shown
    assert "by alice@acme.test" in shown


def test_charlie_sees_nothing_of_a_check_of_acme(
    console: Client, smtp_server: LoopbackSmtpServer, charlie: User, globex: WhiteLabel
) -> None:
    console.post(URL, values(smtp_server))
    check = SmtpCheck.objects.get()
    run_check(check.pk)
    assert f"localhost:{smtp_server.port}" in console.get(URL, {"check": check.pk}).content.decode()
    console.force_login(charlie)
    absent = console.get(URL, {"check": check.pk + 1}).content
    foreign = console.get(URL, {"check": check.pk}).content
    looking = console.get(f"{URL}?check={check.pk}&look=1", headers=HTMX)
    assert f"localhost:{smtp_server.port}" not in absent.decode() + foreign.decode() + looking.content.decode()


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30, "²"])
def test_a_check_that_is_none_is_ignored(console: Client, number: str) -> None:
    assert console.get(URL, {"check": number}).status_code == 200


def test_a_missing_worker_is_said_instead_of_waiting_for_ever(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server))
    check = SmtpCheck.objects.get()
    SmtpCheck.objects.update(at=timezone.now() - timedelta(seconds=9))
    assert "No worker has taken it up yet" in page(console.get(f"{URL}?check={check.pk}"))
    SmtpCheck.objects.update(at=timezone.now() - timedelta(seconds=61))
    shown = page(console.get(f"{URL}?check={check.pk}"))
    assert "No worker took this up, so nothing was tried and nothing was changed." in shown
    assert "hx-get" not in shown.partition('id="smtp-outcome"')[2].partition("</section>")[0]
    assert not SmtpServer.objects.exists()


def test_a_slow_server_is_said_to_be_slow(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server))
    check = SmtpCheck.objects.get()
    SmtpCheck.objects.update(status=SmtpCheck.Status.RUNNING)
    assert "slow to answer" not in page(console.get(f"{URL}?check={check.pk}"))
    SmtpCheck.objects.update(at=timezone.now() - timedelta(seconds=61))
    shown = page(console.get(f"{URL}?check={check.pk}"))
    assert "The server is slow to answer. We wait up to two minutes." in shown
    assert "hx-get" in shown.partition('id="smtp-outcome"')[2].partition("</section>")[0]


def test_what_was_cleaned_of_what_was_pasted_is_said(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server, password="secret\u200b "))
    check = SmtpCheck.objects.get()
    said = "We removed invisible characters and blanks at its ends from the password that you pasted."
    assert said in page(console.get(f"{URL}?check={check.pk}"))
    run_check(check.pk)
    check.refresh_from_db()
    assert check.ok
    assert said in page(console.get(f"{URL}?check={check.pk}"))


def test_a_change_meanwhile_is_told(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    console.post(URL, values(smtp_server))
    check = SmtpCheck.objects.get()
    console.post(URL, values(smtp_server, action="draft"))
    run_check(check.pk)
    assert "but nothing was saved: the settings were changed" in page(console.get(f"{URL}?check={check.pk}"))


def test_mistakes_come_back_with_the_form_alone(console: Client, smtp_server: LoopbackSmtpServer) -> None:
    response = console.post(URL, values(smtp_server, host=""), headers=HTMX)
    assert response.status_code == 422
    assert response.headers["HX-Retarget"] == "#smtp-form"
    assert response.headers["HX-Reselect"] == "#form-mistakes, #smtp-form"
    assert "Type the host name of the server" in page(response)
    assert not SmtpCheck.objects.exists()


def test_what_was_typed_beside_the_server_is_saved_with_it(
    console: Client, smtp_server: LoopbackSmtpServer, acme: WhiteLabel
) -> None:
    console.post(URL, values(smtp_server, fall_back="on"))
    acme.refresh_from_db()
    assert not acme.fall_back
    run_check(SmtpCheck.objects.get().pk)
    acme.refresh_from_db()
    assert acme.fall_back
    assert acme.own_smtp_on


def test_too_many_checks_are_told_at_the_form(console: Client, smtp_server: LoopbackSmtpServer, alice: User) -> None:
    for _ in range(30):
        SmtpCheck.objects.create(scope_key="t", destination="d", kind=SmtpCheck.Kind.PREFLIGHT, person=alice)
    assert "30 times an hour" in page(console.post(URL, values(smtp_server)))

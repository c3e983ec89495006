"""Storing and switching a server by a check that a worker runs, below the pages."""

import threading
import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from people.models import User
from smtp_settings import configuring, tasks
from smtp_settings.checks import request, runner
from smtp_settings.choices import State
from smtp_settings.models import Communication, SmtpCheck, SmtpServer
from smtp_settings.models.check import RUN_SECONDS
from smtp_settings.scope import PLATFORM, Scope, load_scope
from smtp_settings.signals import server_verified
from testing import factories
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.usefixtures("valkey")  # takes messages that nobody reads: each test is its own worker
Status = SmtpCheck.Status


def platform() -> Scope:
    scope = load_scope(PLATFORM)
    assert scope is not None
    return scope


def in_use(loopback: LoopbackSmtpServer, **values: object) -> SmtpServer:
    server = factories.make_server(**{"secret": "secret"} | loopback.fields | values)
    factories.switch_on_platform_smtp(server)
    return server


def begin(person: User, *, secret: str = "secret", sender_name: str = "Changed") -> SmtpCheck:
    """Ask for a check that stores another sender's name."""
    candidate = platform().candidate()
    candidate.sender_name = sender_name
    return request.check_and_store(
        scope=platform(), candidate=candidate, secret=secret, switched_on=True, person=person
    )


def finished(check: SmtpCheck) -> SmtpCheck:
    tasks.run_check(check.pk)
    return SmtpCheck.objects.get(pk=check.pk)


@pytest.mark.django_db
def test_what_passes_is_stored(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    in_use(smtp_server)
    check = finished(begin(owner))
    assert (check.status, check.applied) == (Status.PASSED, True)
    assert SmtpServer.objects.get().sender_name == "Changed"
    assert SmtpServer.objects.get().open_secret() == "secret"


@pytest.mark.django_db
def test_what_fails_changes_nothing(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    in_use(smtp_server)
    check = finished(begin(owner, secret="wrong"))
    assert (check.status, check.applied, check.failed_step["field"]) == (Status.FAILED, False, "password")
    assert SmtpServer.objects.get().sender_name == "Sender"
    assert SmtpServer.objects.get().open_secret() == "secret"
    assert Communication.current().custom_smtp


@pytest.mark.django_db
def test_nothing_is_stored_before_a_worker_comes(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    in_use(smtp_server)
    check = begin(owner)
    assert check.status == Status.WAITING
    assert SmtpServer.objects.get().sender_name == "Sender"
    assert not smtp_server.connections


@pytest.mark.django_db
def test_a_newer_wish_wins(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    in_use(smtp_server)
    older, newer = begin(owner, sender_name="Older"), begin(owner, sender_name="Newer")
    assert finished(newer).applied
    assert not finished(older).applied
    assert SmtpServer.objects.get().sender_name == "Newer"


@pytest.mark.django_db
def test_what_somebody_changed_meanwhile_stays(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    in_use(smtp_server)
    check = begin(owner)
    configuring.forget_secret(scope=platform())
    check = finished(check)
    assert (check.status, check.applied) == (Status.PASSED, False)
    assert (SmtpServer.objects.get().state, Communication.current().custom_smtp) == (State.DRAFT, False)


@pytest.mark.django_db
def test_a_pause_meanwhile_is_no_obstacle_to_mending_it(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    server = in_use(smtp_server)
    check = begin(owner)
    server.pause("It refused the password.")
    assert finished(check).applied
    assert SmtpServer.objects.get().usable


@pytest.mark.django_db
def test_a_check_runs_once_however_often_the_task_comes(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    in_use(smtp_server)
    check = begin(owner)
    tasks.run_check(check.pk)
    tasks.run_check(check.pk)
    tasks.run_check(check.pk + 1)
    assert smtp_server.connections == 1


@pytest.mark.django_db
def test_the_secret_goes_when_the_check_is_over(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    in_use(smtp_server)
    check = begin(owner, secret="hunter2!")
    assert check.open_secret() == "hunter2!"
    assert "hunter2!" not in str(SmtpCheck.objects.values().get())
    assert finished(check).sealed_secret == ""


@pytest.mark.django_db
def test_a_secret_sealed_for_one_check_does_not_open_for_another(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    in_use(smtp_server)
    mine, theirs = begin(owner, secret="mine"), begin(owner, secret="theirs")
    SmtpCheck.objects.filter(pk=mine.pk).update(sealed_secret=theirs.sealed_secret)
    assert "type it again" in finished(mine).failed_step["sentence"]
    assert not smtp_server.connections


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "words"), [("WAITING", "No worker took this up"), ("RUNNING", "given up")])
def test_what_nobody_finishes_is_given_up_with_its_secret(
    smtp_server: LoopbackSmtpServer, owner: User, status: str, words: str
) -> None:
    in_use(smtp_server)
    check = begin(owner)
    long_ago = timezone.now() - timedelta(seconds=61 if status == "WAITING" else RUN_SECONDS + 1)
    SmtpCheck.objects.update(at=long_ago, status=status)
    check = finished(check)
    assert check.sealed_secret
    tasks.give_up_checks()
    check.refresh_from_db()
    assert (check.status, check.sealed_secret, check.finished) == (Status.FAILED, "", True)
    assert words in check.steps[-1]["sentence"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_comes_back_too_late_stores_nothing(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    in_use(smtp_server)
    check = begin(owner)

    def greet() -> str:
        SmtpCheck.objects.get().give_up("Too late.")
        connection.close()
        return "220 localhost ESMTP"

    smtp_server.script("CONNECT", greet)
    check = finished(check)
    assert (check.status, check.applied) == (Status.FAILED, False)
    assert SmtpServer.objects.get().sender_name == "Sender"


@pytest.mark.django_db
def test_nothing_is_stored_where_a_receiver_fails_and_the_person_hears_of_it(
    smtp_server: LoopbackSmtpServer, owner: User
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("The release failed.")

    in_use(smtp_server)
    check = begin(owner)
    server_verified.connect(fail)
    try:
        with pytest.raises(RuntimeError, match="The release failed"):
            tasks.run_check(check.pk)
    finally:
        server_verified.disconnect(fail)
    SmtpCheck.objects.update(at=timezone.now() - timedelta(seconds=RUN_SECONDS + 1))
    tasks.give_up_checks()
    check.refresh_from_db()
    assert (check.status, check.applied, check.sealed_secret) == (Status.FAILED, False, "")
    assert "nothing was changed" in check.failed_step["sentence"]
    assert SmtpServer.objects.get().sender_name == "Sender"


@pytest.mark.django_db
def test_a_draft_is_sealed_for_where_it_is_now(smtp_server: LoopbackSmtpServer) -> None:
    in_use(smtp_server)
    candidate = platform().candidate()
    candidate.host = "later.invalid"
    configuring.keep_as_draft(scope=platform(), candidate=candidate, secret="other")
    stored = SmtpServer.objects.get()
    assert (stored.state, stored.open_secret()) == (State.DRAFT, "other")
    assert not Communication.current().custom_smtp


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_server_is_asked(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    """Another connection writes while the server has the word; an open transaction would keep it waiting."""

    def write_and_greet() -> str:
        SmtpCheck.objects.create(scope_key="other", destination="d", kind="TEST")
        connection.close()
        return "220 localhost ESMTP"

    in_use(smtp_server)
    smtp_server.script("CONNECT", write_and_greet)
    started = time.monotonic()
    assert finished(begin(owner)).applied
    assert time.monotonic() - started < 5


@pytest.mark.django_db(transaction=True)
def test_each_step_can_be_seen_when_it_is_finished(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    seen: list[str] = []

    def look_and_reply() -> str:
        seen.extend(step["step"] for step in SmtpCheck.objects.get().steps)
        connection.close()
        return "250 2.1.0 sender ok"

    in_use(smtp_server)
    smtp_server.script("MAIL", look_and_reply)
    finished(begin(owner))
    assert seen[-1] == "Signing in"
    assert len(seen) == 6


@pytest.mark.django_db
def test_of_one_scope_two_checks_run_at_once(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    """A third waits for its turn: slow servers of one admin do not keep the threads from others."""
    in_use(smtp_server)
    checks = [begin(owner) for _ in range(3)]
    SmtpCheck.objects.filter(pk__in=[check.pk for check in checks[:2]]).update(status=Status.RUNNING)
    assert finished(checks[2]).status == Status.WAITING
    assert not smtp_server.connections
    SmtpCheck.objects.filter(pk=checks[0].pk).update(status=Status.FAILED)
    assert finished(checks[2]).status == Status.PASSED


@pytest.mark.django_db
def test_a_process_runs_no_more_checks_than_leave_threads_to_mail(
    smtp_server: LoopbackSmtpServer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "room", threading.BoundedSemaphore(1))
    in_use(smtp_server)
    with runner.room:
        assert finished(begin(owner)).status == Status.WAITING
    assert finished(begin(owner)).status == Status.PASSED


@pytest.mark.django_db
def test_thirty_checks_an_hour_are_enough(owner: User, alice: User) -> None:
    candidate = SmtpServer(policy="PLATFORM", scope_key=PLATFORM, host="smtp.example.com")
    for _ in range(30):
        request.start(SmtpCheck.Kind.PREFLIGHT, candidate, "", owner)
    with pytest.raises(request.TooMany, match="30 times an hour"):
        request.start(SmtpCheck.Kind.PREFLIGHT, candidate, "", owner)
    request.start(SmtpCheck.Kind.PREFLIGHT, candidate, "", alice)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_cannot_both_be_the_last(owner: User) -> None:
    candidate, refused = SmtpServer(policy="PLATFORM", scope_key=PLATFORM, host="smtp.example.com"), []

    def ask() -> None:
        try:
            request.start(SmtpCheck.Kind.TEST, candidate, "", owner)
        except request.TooMany as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), SmtpCheck.objects.count()) == (3, 5)


@pytest.mark.django_db
def test_checks_are_kept_as_long_as_the_delivery_log(settings: LazySettings) -> None:
    settings.LOG_DAYS = 30
    for days in (29, 31):
        at = timezone.now() - timedelta(days=days)
        SmtpCheck.objects.create(scope_key="t", destination=f"{days} days", kind="TEST", status=Status.PASSED, at=at)
    tasks.give_up_checks()
    assert [check.destination for check in SmtpCheck.objects.all()] == ["29 days"]

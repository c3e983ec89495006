"""A password goes the whole way of a server's settings; afterwards it is looked for wherever something stays."""

import base64
import time
from collections.abc import Callable, Iterable, Iterator

import pytest
from celery.contrib.testing.worker import start_worker
from django.test import Client

from backoffice.celery import app
from delivery.api import send
from delivery.models import Attempt, Delivery
from delivery.tasks import recover
from delivery.worker import heartbeat
from delivery.worker.connection_pool import pool
from people.models import User
from smtp_settings.models import SmtpCheck, SmtpServer
from testing import canary, factories
from testing.canary import RIGHT, WRONG, Eavesdropper
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

URL = "/whitelabel/email/"
PAGES = ("/whitelabel/", URL, "/whitelabel/deliveries/", "/whitelabel/messages/")
WAIT_SECONDS = 60

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker(valkey: str) -> Iterator[Eavesdropper]:
    with Eavesdropper(valkey) as eavesdropper:
        yield eavesdropper


@pytest.fixture
def own_worker(broker: Eavesdropper) -> Iterator[None]:
    """A Celery worker in threads of this process, so that what it logs is heard; its process would end with it."""
    with start_worker(app, pool="threads", concurrency=2, perform_ping_check=False, loglevel="DEBUG"):
        yield
    heartbeat.let_go(recover)


class Journey:
    """Alice at the form; `seen` is every page that she was shown."""

    def __init__(self, client: Client, server: LoopbackSmtpServer) -> None:
        self.client, self.server, self.seen = client, server, list[str]()

    def press(self, action: str, password: str) -> SmtpCheck:
        """Press a button of the form and wait until nothing is being checked; return the latest check."""
        fields = self.server.fields | {"auth": "PASSWORD", "username": "user", "sender_address": "mail@acme.test"}
        self.look(self.client.post(URL, fields | {"action": action, "password": password, "switched_on": "on"}))
        wait_until(lambda: not SmtpCheck.objects.unfinished().exists())
        self.visit(f"{URL}?check={SmtpCheck.objects.count()}", *PAGES)
        return SmtpCheck.objects.latest("pk")

    def gossip(self, password: str) -> None:
        """Let the server repeat the sign-in that it hears, wherever it speaks."""
        self.server.behave()
        for phase, code in {"CONNECT": 220, "MAIL": 250, "RCPT": 250, "FINAL_DOT": 250, "QUIT": 221}.items():
            self.server.script(phase, f"{code} {canary.forms_of(password)}")

    def visit(self, *addresses: str) -> None:
        for address in addresses:
            self.look(self.client.get(address))

    def look(self, response: object) -> None:
        self.seen.append(f"{getattr(response, 'headers', '')} {getattr(response, 'content', b'').decode()}")


@pytest.mark.usefixtures("own_worker")
def test_a_password_stays_where_it_belongs(
    client: Client,
    alice: User,
    acme: WhiteLabel,
    smtp_server: LoopbackSmtpServer,
    broker: Eavesdropper,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level("DEBUG")
    client.force_login(alice)
    journey = Journey(client, smtp_server)
    types_wrong_ones(journey)
    checks_tests_and_saves_the_right_one(journey)
    mail_leaves_through_it(journey, alice, acme)
    the_server_changes_its_mind(journey, alice, acme)
    nobody_has_heard_of_it("a page", enumerate(journey.seen))
    nobody_has_heard_of_it("the database", canary.all_tables())
    nobody_has_heard_of_it("the logs", [("log", caplog.text), ("console", "".join(capfd.readouterr()))])
    nobody_has_heard_of_it("the broker", enumerate(broker.heard))
    assert any("run_check" in command for command in broker.heard)


def test_the_search_finds_what_it_looks_for() -> None:
    hidden = base64.b64encode(b'{"body": "' + base64.b64encode(f"x{RIGHT}".encode()) + b'"}').decode()
    for text in (WRONG, canary.forms_of(RIGHT), RIGHT.encode().hex(), f"ab{hidden}"):
        assert canary.is_in(text)
    assert not canary.is_in("nothing is here")


def types_wrong_ones(journey: Journey) -> None:
    journey.gossip(WRONG)
    journey.server.script("AUTH", f"535 5.7.8 no: {canary.forms_of(WRONG)}")
    for action in ("check", "test", "save"):
        check = journey.press(action, WRONG)
        assert "[secret]" in check.failed_step["sentence"]
    journey.press("draft", WRONG)
    assert SmtpServer.objects.get().open_secret() == WRONG
    journey.press("again", "")


def checks_tests_and_saves_the_right_one(journey: Journey) -> None:
    journey.gossip(RIGHT)
    journey.server.password = RIGHT
    for action in ("check", "test", "save"):
        check = journey.press(action, RIGHT)
        assert check.ok, check.steps
    assert SmtpServer.objects.get().open_secret() == RIGHT
    assert len(journey.server.messages) == 1


def mail_leaves_through_it(journey: Journey, alice: User, acme: WhiteLabel) -> None:
    send(factories.make_application(alice, acme), to="dana@customer.test", subject="Hello", text="Hello")
    wait_until(lambda: Delivery.objects.filter(status=Delivery.Status.SENT).exists())
    assert "[secret]" in Attempt.objects.get().reply_text
    journey.visit(*PAGES, f"/whitelabel/deliveries/{Delivery.objects.get().pk}/change/")


def the_server_changes_its_mind(journey: Journey, alice: User, acme: WhiteLabel) -> None:
    journey.server.script("AUTH", f"535 5.7.8 no: {canary.forms_of(RIGHT)}")
    pool.close_idle()
    send(acme.applications.get(), to="erin@customer.test", subject="Again", text="Hello")
    wait_until(lambda: Attempt.objects.filter(reply_code=535).exists())
    journey.visit(*PAGES, *(f"/whitelabel/deliveries/{delivery.pk}/change/" for delivery in Delivery.objects.all()))


def nobody_has_heard_of_it(place: str, texts: Iterable[tuple[object, str]]) -> None:
    told = [name for name, text in texts if canary.is_in(text)]
    assert told == [], f"the password is in {place}"


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)

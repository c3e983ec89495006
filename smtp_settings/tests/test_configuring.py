"""Storing, switching and checking a server, below the pages."""

import time
from dataclasses import dataclass, field

import pytest
from django.db import connection

from backoffice.models import User
from smtp_settings import configuring
from smtp_settings.choices import Policy, State
from smtp_settings.models import SmtpCheck, SmtpServer
from smtp_settings.place import Place
from testing import factories
from testing.smtp import LoopbackSmtpServer


@dataclass
class Owner:
    """Remembers what `attach` told it."""

    attached: list[tuple[SmtpServer | None, bool]] = field(default_factory=list)

    def place(self, server: SmtpServer | None) -> Place:
        return Place(Policy.PLATFORM, "platform", server, True, lambda server, on: self.attached.append((server, on)))


def server_for(loopback: LoopbackSmtpServer, **values: object) -> SmtpServer:
    return factories.make_server(secret="secret", **loopback.fields | values)


@pytest.mark.django_db
def test_what_fails_is_neither_stored_nor_attached(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    here = Owner()
    place = here.place(server_for(smtp_server))
    candidate = place.candidate()
    candidate.sender_name = "Changed"
    checked = configuring.check_and_store(
        place=place, candidate=candidate, secret="wrong", switched_on=True, person=owner
    )
    assert (checked.stored, here.attached) == (False, [])
    assert SmtpServer.objects.get().sender_name == "Sender"
    assert not SmtpCheck.objects.get().ok


@pytest.mark.django_db
def test_a_row_that_changed_during_its_check_is_not_verified(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    server = server_for(smtp_server, state=State.DRAFT)
    read_before = SmtpServer.objects.get()
    server.sender_address = "other@platform.test"
    server.save()
    checked = configuring.check_again(place=Owner().place(read_before), secret="secret", person=owner)
    assert all(step.ok for step in checked.steps)
    assert not checked.stored
    assert SmtpServer.objects.get().state == State.DRAFT


@pytest.mark.django_db
def test_a_draft_is_sealed_for_where_it_is_now(smtp_server: LoopbackSmtpServer) -> None:
    here = Owner()
    place = here.place(server_for(smtp_server))
    candidate = place.candidate()
    candidate.host = "later.invalid"
    configuring.keep_as_draft(place=place, candidate=candidate, secret="other")
    stored = SmtpServer.objects.get()
    assert (stored.state, stored.open_secret()) == (State.DRAFT, "other")
    assert here.attached == [(stored, False)]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_server_is_asked(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    """Another connection writes while the server has the word; an open transaction would keep it waiting."""

    def write_and_greet() -> str:
        SmtpCheck.objects.create(tenant="other", destination="d", kind="TEST", ok=True)
        connection.close()
        return "220 localhost ESMTP"

    smtp_server.script("CONNECT", write_and_greet)
    started = time.monotonic()
    place = Owner().place(server_for(smtp_server))
    checked = configuring.check_and_store(
        place=place, candidate=place.candidate(), secret="secret", switched_on=True, person=owner
    )
    assert checked.stored
    assert time.monotonic() - started < 5

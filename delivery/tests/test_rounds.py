"""Several connections in one run: none waits for another, and what is in doubt is at most one mail for each."""

import pytest
from django.db import connection

from delivery.claiming import claim
from delivery.dispatch import Drain
from delivery.models import Attempt, ConnectionSlot, Delivery
from delivery.recording import Recorder
from smtp_settings.models import ServerHealth
from testing.mail import accept, worker_died
from testing.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


def run(lines: int, *recipients: str) -> dict[str, int]:
    """Let mail for `recipients` leave over so many lines at once; return how many mails are in which status."""
    drain = Drain(accept(*recipients)[0].server_key)
    drain.wanted = drain.most_lines = lines
    drain.run()
    statuses = Delivery.objects.values_list("status", flat=True)
    return {status: list(statuses).count(status) for status in set(statuses)}


def many(count: int) -> list[str]:
    return [f"user{number}@users.test" for number in range(count)]


def test_a_run_uses_all_its_lines(server: LoopbackSmtpServer) -> None:
    assert run(3, *many(30)) == {"SENT": 30}
    assert server.connections == 3
    assert len({mail.recipients for mail in server.messages}) == 30


def test_a_line_that_waits_for_its_server_keeps_no_other_waiting(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtp_settings.submission.FINAL_DOT_SECONDS", 4)
    server.script("FINAL_DOT", "hang", times=1)
    assert run(2, *many(9)) == {"SENT": 8, "UNCERTAIN": 1}
    doubt = Attempt.objects.get(outcome="UNCERTAIN")
    last = Attempt.objects.filter(outcome="SENT").latest("at")
    assert (doubt.at - last.at).total_seconds() > 1


@pytest.mark.parametrize("reply", ["421 4.3.2 enough", "554 5.7.1 no", "close"])
def test_a_line_that_cannot_be_opened_beside_others_is_done_without(reply: str, server: LoopbackSmtpServer) -> None:
    server.script("CONNECT", "220 welcome", times=1)
    server.script("CONNECT", reply)
    assert run(3, *many(9)) == {"SENT": 9}
    assert not ServerHealth.objects.filter(failures__gt=0).exists()
    assert ConnectionSlot.objects.in_use(Delivery.objects.all()[0].server_key).count() == 1


def test_a_server_that_says_it_is_too_much_gets_fewer_connections(server: LoopbackSmtpServer) -> None:
    server.script("CONNECT", "220 welcome", times=1)
    server.script("CONNECT", "432 4.3.2 too many connections")
    run(2, *many(9))
    assert ServerHealth.objects.get().is_crowded
    assert Delivery.objects.filter(status="SENDING").count() == 0


def test_trouble_on_one_line_gives_back_what_the_others_have_not_ended(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "421 4.3.2 going down", about="user3@")
    statuses = run(2, *many(20))
    assert statuses["DEFERRED"] == 1
    assert set(statuses) == {"DEFERRED", "QUEUED", "SENT"}
    assert len(server.messages) == statuses["SENT"]


def test_a_worker_that_dies_leaves_one_mail_in_doubt_for_each_of_its_lines() -> None:
    accept(*many(6))
    deliveries = claim("default", limit=6).deliveries
    assert Recorder(deliveries[0].lease).announce(deliveries[:2]) == {delivery.pk for delivery in deliveries[:2]}
    worker_died()
    assert Delivery.objects.filter(status="UNCERTAIN", possible_duplicate=True).count() == 2
    assert Delivery.objects.filter(status="QUEUED").count() == 4


def test_without_pipelining_it_is_all_the_same(server: LoopbackSmtpServer) -> None:
    server.extensions = ("8BITMIME",)
    assert run(2, *many(9)) == {"SENT": 9}


def test_large_mail_is_read_a_piece_at_a_time(server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("delivery.claimed.PIECE_BYTES", 1)
    assert [run(1), run(1)][-1] == {"SENT": 2}
    assert [mail.parsed.get_content() for mail in server.messages] == ["Text\r\n", "Text\r\n"]


@pytest.mark.postgres
def test_what_is_said_for_each_mail_is_planned_once_for_a_connection(server: LoopbackSmtpServer) -> None:
    run(1, *many(20))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%attempts%'"
        )
        ((generic, custom),) = cursor.fetchall()
    assert generic > 5
    assert custom == 0

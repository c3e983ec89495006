"""Get, list, cancel and reschedule what the application sent."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime

import pytest
import time_machine
from django.utils import timezone

from delivery import api
from delivery.models import Delivery, Email
from delivery.models.delivery import SUPPRESSED
from gateway.tests.http.conftest import Caller
from people.models import User
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db
NOBODYS = "00000000-0000-4000-8000-000000000000"


def test_an_email_is_read_back_as_it_was_sent(caller: Caller) -> None:
    sent: dict[str, object] = {
        "to": ["Jörg <jo@users.test>"], "cc": ["ann@users.test"], "bcc": ["bea@users.test"], "subject": "Grüße",
        "html": "<p>ä</p>", "text": "ä\n", "tags": [{"name": "a", "value": "b"}], "reply_to": "help@acme.test",
    }  # fmt: skip
    answer = caller("GET", f"/emails/{caller.send(**sent).json()['id']}").json()
    assert {name: answer[name] for name in sent} == {**sent, "reply_to": ["help@acme.test"], "html": "<p>ä</p>\n"}
    assert (answer["object"], answer["from"], answer["last_event"]) == ("email", "Shop <shop@acme.test>", "queued")
    assert answer["message_id"] == Email.objects.get().message_id


@pytest.mark.parametrize(
    ("to", "bcc"),
    [
        ("joann@users.test", "ann@users.test"), ("ann@users.test.example", "ann@users.test"),
        ('"ann@users.test" <rita@users.test>', "ann@users.test"),
    ],
)  # fmt: skip
def test_a_hidden_recipient_is_one_whatever_others_are_called(to: str, bcc: str, caller: Caller) -> None:
    answer = caller("GET", f"/emails/{caller.send(to=to, bcc=bcc).json()['id']}").json()
    assert (answer["to"], answer["bcc"]) == ([to], [bcc])


def test_addresses_beyond_ascii_are_read_back_with_their_names(caller: Caller) -> None:
    email_id = caller.send(to="Jörg <jörg@users.test>", cc="Zoë <zoe@users.test>").json()["id"]
    answer = caller("GET", f"/emails/{email_id}").json()
    assert (answer["to"], answer["cc"], answer["bcc"]) == (["Jörg <jörg@users.test>"], ["Zoë <zoe@users.test>"], [])


def test_whom_the_header_names_in_other_letters_is_not_hidden(caller: Caller, shop: Application) -> None:
    content = "Message-ID: <a@acme.test>\r\nTo: RITA@bücher.example\r\n\r\nx\r\n".encode()
    prepared = api.prepare_written(
        shop, content=content, recipients=["rita@xn--bcher-kva.example"], message_id="<a@acme.test>", subject=""
    )
    answer = caller("GET", f"/emails/{api.accept([prepared])[0].pk}").json()
    assert (answer["to"], answer["bcc"]) == (["RITA@bücher.example"], [])


def test_recipients_whose_lines_are_longer_than_what_a_list_reads_are_all_in_to(caller: Caller) -> None:
    people = [f"{'ö' * 200} <user{number}@users.test>" for number in range(100)]
    caller.send(to=people)
    item = caller("GET", "/emails").json()["data"][0]
    assert (item["to"], item["bcc"]) == ([f"user{number}@users.test" for number in range(100)], [])


def test_what_is_let_go_of_is_still_in_the_log(caller: Caller) -> None:
    email_id = caller.send(cc="ann@users.test", text="x").json()["id"]
    Email.objects.update(content=None)
    answer = caller("GET", f"/emails/{email_id}").json()
    assert (answer["text"], answer["html"]) == (None, None)
    assert answer["to"] == ["rita@users.test", "ann@users.test"]


def test_the_list_is_newest_first_and_goes_on_after_and_before_an_id(caller: Caller) -> None:
    ids = [caller.send(subject=str(number)).json()["id"] for number in range(5)][::-1]

    def listed(query: str) -> tuple[list[str], bool]:
        answer = caller("GET", f"/emails?{query}").json()
        return [item["id"] for item in answer["data"]], answer["has_more"]

    assert listed("") == (ids, False)
    assert listed("limit=2") == (ids[:2], True)
    assert listed(f"limit=2&after={ids[1]}") == (ids[2:4], True)
    assert listed(f"limit=2&after={ids[3]}") == (ids[4:], False)
    assert listed(f"limit=2&before={ids[3]}") == (ids[1:3], True)
    assert listed(f"limit=2&before={ids[2]}") == (ids[:2], False)


@pytest.mark.parametrize(
    ("query", "status"), [("limit=0", 422), ("limit=101", 422), ("after=x", 422), (f"after={NOBODYS}", 404)]
)
def test_a_page_that_cannot_be_is_refused(query: str, status: int, caller: Caller) -> None:
    assert caller("GET", f"/emails?{query}").json()["statusCode"] == status


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    caller: Caller, django_assert_max_num_queries: object
) -> None:
    for _ in range(12):
        caller.send()
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert len(caller("GET", "/emails").json()["data"]) == 12


@pytest.mark.parametrize("path", ["", "/cancel"])
def test_another_tenants_key_sees_nothing(path: str, caller: Caller, charlies: Caller) -> None:
    email_id = caller.send(scheduled_at="in 1 hour").json()["id"]
    method = "POST" if path else "GET"
    theirs, absent = charlies(method, f"/emails/{email_id}{path}"), charlies(method, f"/emails/{NOBODYS}{path}")
    assert (theirs.status_code, theirs.content) == (404, absent.content)
    assert charlies("PATCH", f"/emails/{email_id}", {"scheduled_at": "in 2 hours"}).status_code == 404
    assert charlies("GET", "/emails").json()["data"] == []
    assert charlies("GET", f"/emails?after={email_id}").status_code == 404
    assert Delivery.objects.get().status == "QUEUED"


def test_a_test_key_sees_tests_alone_and_the_others_see_none(caller: Caller, tester: Caller) -> None:
    real, test = caller.send().json()["id"], tester.send().json()["id"]
    assert [item["id"] for item in caller("GET", "/emails").json()["data"]] == [real]
    assert [item["id"] for item in tester("GET", "/emails").json()["data"]] == [test]
    assert tester("POST", f"/emails/{real}/cancel").status_code == 404


def test_mail_of_the_side_before_is_not_shown_to_the_next(
    caller: Caller, shop: Application, charlie: User, globex: WhiteLabel
) -> None:
    email_id = caller.send().json()["id"]
    shop.owner, shop.white_label = charlie, globex
    shop.save()
    caller.key.refresh_from_db()
    caller.key.confirm(by=charlie)
    assert caller("GET", f"/emails/{email_id}").status_code == 404


@pytest.mark.parametrize(
    ("statuses", "event"),
    [
        (["QUEUED"], "queued"), (["SENT", "SENT"], "sent"), (["SENT", "FAILED"], "failed"), (["EXPIRED"], "failed"),
        (["FAILED", "DEFERRED"], "delivery_delayed"), (["UNCERTAIN", "SENT"], "delivery_delayed"),
        (["HELD", "SENT"], "queued"), (["CANCELLED"], "canceled"), (["SENT", "CANCELLED"], "canceled"),
    ],
)  # fmt: skip
def test_the_last_event_is_the_worst_that_is_not_final(statuses: list[str], event: str, caller: Caller) -> None:
    email_id = caller.send(to=[f"u{number}@users.test" for number in range(len(statuses))]).json()["id"]
    for delivery, status in zip(Delivery.objects.all(), statuses, strict=True):
        Delivery.objects.filter(pk=delivery.pk).update(status=status)
    assert caller("GET", f"/emails/{email_id}").json()["last_event"] == event


def test_what_the_suppression_list_holds_is_suppressed(caller: Caller) -> None:
    email_id = caller.send().json()["id"]
    Delivery.objects.update(status="HELD", due_at=None, status_reason=f"{SUPPRESSED} 550 no such user")
    assert caller("GET", f"/emails/{email_id}").json()["last_event"] == "suppressed"


def test_scheduled_mail_waits_with_the_date_on_which_it_leaves(caller: Caller) -> None:
    at = datetime(2026, 12, 24, 18, tzinfo=UTC)
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC), tick=False):
        email_id = caller.send(scheduled_at="2026-12-24T19:00:00+01:00").json()["id"]
        answer = caller("GET", f"/emails/{email_id}").json()
        assert not Delivery.objects.due(timezone.now()).exists()
        assert Delivery.objects.due(at).exists()
    assert (answer["last_event"], answer["scheduled_at"]) == ("scheduled", "2026-12-24T18:00:00Z")
    assert parsedate_to_datetime(_lines()["Date"]) == at


def test_rescheduling_writes_the_date_anew_and_keeps_the_message_id(caller: Caller) -> None:
    email_id = caller.send(scheduled_at="in 1 hour", subject="Date: 1").json()["id"]
    before = _lines()
    at = (timezone.now() + timedelta(days=20)).replace(microsecond=0)
    answer = caller("PATCH", f"/emails/{email_id}", {"id": email_id, "scheduled_at": at.isoformat()})
    assert answer.json() == {"object": "email", "id": email_id}
    after = _lines()
    assert (
        parsedate_to_datetime(after["Date"]) == at == Delivery.objects.get().due_at == Email.objects.get().scheduled_at
    )
    assert {**dict(before), "Date": ""} == {**dict(after), "Date": ""}


def test_retries_and_retention_count_from_the_time_it_was_to_leave(caller: Caller) -> None:
    caller.send(scheduled_at="in 20 days")
    email = Email.objects.get()
    assert email.leaves_from == email.scheduled_at


def test_what_has_begun_to_leave_is_neither_rescheduled_nor_cancelled(caller: Caller) -> None:
    email_id = caller.send().json()["id"]
    assert caller("PATCH", f"/emails/{email_id}", {"scheduled_at": "in 1 hour"}).status_code == 422
    Delivery.objects.update(status="SENT", due_at=None)
    assert caller("POST", f"/emails/{email_id}/cancel").status_code == 422


def test_cancelling_twice_is_cancelling_once(caller: Caller) -> None:
    email_id = caller.send(scheduled_at="in 1 hour").json()["id"]
    answers = [caller("POST", f"/emails/{email_id}/cancel").json() for _ in range(2)]
    assert answers == [{"object": "email", "id": email_id}] * 2
    assert Delivery.objects.get().status == "CANCELLED"
    assert caller("GET", f"/emails/{email_id}").json()["last_event"] == "canceled"
    assert caller("PATCH", f"/emails/{email_id}", {"scheduled_at": "in 2 hours"}).status_code == 422


def test_a_scheduled_test_is_rescheduled_and_cancelled_like_the_rest(tester: Caller) -> None:
    email_id = tester.send(scheduled_at="in 1 hour").json()["id"]
    assert tester("GET", f"/emails/{email_id}").json()["last_event"] == "scheduled"
    assert tester("PATCH", f"/emails/{email_id}", {"scheduled_at": "in 2 hours"}).status_code == 200
    assert tester("POST", f"/emails/{email_id}/cancel").status_code == 200
    assert tester("GET", f"/emails/{email_id}").json()["last_event"] == "canceled"
    assert Delivery.objects.get().due_at is None


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"To: <\r\nContent-Type: text/plain; charset=none\r\n\r\n\xff", b"\xff"]
)
def test_what_is_stored_is_read_whatever_it_is(content: bytes, caller: Caller, shop: Application) -> None:
    prepared = api.prepare_written(
        shop, content=content, recipients=["rita@users.test"], message_id="<a@acme.test>", subject=""
    )
    email = api.accept([prepared])[0]
    assert caller("GET", f"/emails/{email.pk}").status_code == 200
    assert caller("GET", "/emails").status_code == 200


def _lines() -> dict[str, str]:
    content = Email.objects.get().content
    assert content is not None
    return dict(message_from_bytes(bytes(content)).items())

"""Leasing what is due: turns between tenants, urgent first, nothing twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from delivery.api import send_bulk
from delivery.models import Delivery
from delivery.outbox.batch import claim
from people.models import User
from testing.factories import make_application
from testing.mail import accept
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "default"
URGENT, NORMAL, BULK = Delivery.Priority.values


@pytest.fixture
def acmes(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


@pytest.fixture
def globexs(charlie: User, globex: WhiteLabel) -> Application:
    return make_application(charlie, globex)


def many(application: Application | None, count: int, priority: int = BULK) -> None:
    addresses = [f"user{number}@users.test" for number in range(count)]
    send_bulk(application, to=addresses, subject="s", text="t", priority=priority)


def tenants(limit: int) -> list[int]:
    return sorted(delivery.tenant for delivery in claim(KEY, limit=limit).deliveries)


def test_a_large_backlog_of_one_tenant_leaves_room_for_the_other(acmes: Application, globexs: Application) -> None:
    many(acmes, 60)
    many(globexs, 3)
    assert tenants(10).count(globexs.white_label_id or 0) == 3


def test_urgent_mail_overtakes_the_same_tenants_bulk_mail(acmes: Application) -> None:
    many(acmes, 30)
    (urgent,) = accept(application=acmes, priority=URGENT)
    assert claim(KEY, limit=5).deliveries[0].pk == urgent.pk


def test_more_tenants_than_fit_into_a_batch_take_turns(alice: User) -> None:
    for number in range(11):
        many(make_application(alice, WhiteLabel.objects.create(name=str(number), brand_name="x")), 2)
    assert len({*tenants(8), *tenants(8)}) == 11


def test_also_a_batch_smaller_than_they_are_many_gives_each_its_turn(acmes: Application, globexs: Application) -> None:
    many(acmes, 5)
    many(globexs, 5)
    (first,), (second,), (third,) = tenants(1), tenants(1), tenants(1)
    assert {first, second} == {acmes.white_label_id, globexs.white_label_id}
    assert third == first


def test_a_tenants_urgent_mail_leaves_another_its_share(acmes: Application, globexs: Application) -> None:
    many(acmes, 20, URGENT)
    many(globexs, 20, BULK)
    assert tenants(10).count(globexs.white_label_id or 0) == 5


def test_tenants_whose_mail_is_not_due_yet_keep_no_turn_from_others(alice: User) -> None:
    for number in range(12):
        many(make_application(alice, WhiteLabel.objects.create(name=str(number), brand_name="x")), 1)
    newest = Delivery.objects.latest("tenant").tenant
    Delivery.objects.exclude(tenant=newest).update(due_at=timezone.now() + timedelta(hours=8))
    assert tenants(10) == [newest]


def test_the_last_tenant_of_a_round_shares_its_batch_with_the_first(alice: User) -> None:
    for number in range(3):
        many(make_application(alice, WhiteLabel.objects.create(name=str(number), brand_name="x")), 9)
    assert len(set(tenants(2)) & set(tenants(2))) == 1


def test_what_is_not_due_or_for_another_server_is_left_alone(acmes: Application) -> None:
    later, elsewhere, due = accept("a@users.test", "b@users.test", "c@users.test", application=acmes)
    Delivery.objects.filter(pk=later.pk).update(due_at=timezone.now() + timedelta(minutes=1))
    Delivery.objects.filter(pk=elsewhere.pk).update(server_key="another")
    assert [claimed.row.pk for claimed in claim(KEY, limit=10).deliveries] == [due.pk]


def test_a_person_decides_about_what_has_no_due_time(acmes: Application) -> None:
    (delivery,) = accept(application=acmes)
    uncertain = Delivery.objects.filter(pk=delivery.pk)
    uncertain.update(status="UNCERTAIN", due_at=None)
    assert claim(KEY, limit=10).deliveries == []
    uncertain.update(due_at=timezone.now())
    assert len(claim(KEY, limit=10).deliveries) == 1


def test_a_batch_is_never_larger_than_its_limit(acmes: Application, globexs: Application) -> None:
    for application in (None, acmes, globexs):
        for priority in (URGENT, NORMAL, BULK):
            many(application, 5, priority)
    assert len(claim(KEY, limit=4).deliveries) == 4


def test_two_workers_never_hold_the_same_delivery(acmes: Application) -> None:
    many(acmes, 120)

    def worker(_: int) -> list[int]:
        try:
            batches = [claim(KEY, limit=10) for _ in range(6)]
            return [delivery.pk for batch in batches for delivery in batch.deliveries]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        claimed = [pk for share in pool.map(worker, range(4)) for pk in share]
    assert len(claimed) == len(set(claimed)) == 120


def test_a_lease_can_be_kept_held_and_given_back(acmes: Application) -> None:
    many(acmes, 3)
    batch = claim(KEY, limit=3)
    kept, held, back = batch.deliveries
    batch.hold({("Paused.", None): [held.pk]})
    batch.give_back([back])
    assert [*Delivery.objects.order_by("id").values_list("status", flat=True)] == ["SENDING", "HELD", "QUEUED"]
    Delivery.objects.filter(pk=kept.pk).update(leased_until=timezone.now())
    batch.extend()
    assert not Delivery.objects.abandoned().exists()

"""Letting go of held mail while a worker leases it, and forgetting mail while a person has it tried again."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from delivery.models import Delivery, Email
from delivery.outbox import retention
from delivery.outbox.batch import claim
from delivery.outbox.release import release, release_applications
from people.models import User
from testing.factories import make_application
from testing.mail import accept
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE_SECONDS = 0.5


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


@pytest.fixture
def held(shop: Application) -> Delivery:
    (delivery,) = accept(application=shop)
    Delivery.objects.filter(pk=delivery.pk).update(status="HELD", status_reason="The daily limit is reached.")
    return delivery


def beside(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Do `first`, and `second` in another connection before the first has ended; return what the second gave."""
    found: list[object] = []
    other = threading.Thread(target=_collect, args=(second, found))
    with transaction.atomic():
        first()
        other.start()
        other.join(AT_ONCE_SECONDS)
    other.join()
    return found


def _collect(act: Callable[[], object], found: list[object]) -> None:
    try:
        found.append(act())
    except DatabaseError as error:  # shown by the assertion
        found.append(error)
    finally:
        connection.close()


def test_what_was_held_for_an_application_is_due(held: Delivery, shop: Application) -> None:
    assert release_applications([shop]) == 1
    held.refresh_from_db()
    assert (held.status, held.status_reason) == ("QUEUED", "")


@pytest.mark.postgres
@pytest.mark.parametrize("by", ["application", "server"])
def test_a_row_that_is_leased_meanwhile_stays_with_its_worker(by: str, held: Delivery, shop: Application) -> None:
    def let_go() -> int:
        return release_applications([shop]) if by == "application" else release(held.server_key)

    assert beside(lambda: claim(held.server_key, limit=10), let_go) == [0]
    held.refresh_from_db()
    assert (held.status, held.lease is not None) == ("SENDING", True)


def test_deliveries_are_never_updated_through_a_join(held: Delivery, shop: Application) -> None:
    with pytest.raises(TypeError, match="join"):
        Delivery.objects.filter(email__application=shop).update(status_reason="")
    assert Delivery.objects.filter(email_id=held.email_id).update(status_reason="") == 1


@pytest.mark.postgres
@pytest.mark.parametrize("forget", [retention.forget_contents, retention.forget_rows])
def test_mail_that_is_tried_again_meanwhile_is_not_forgotten(forget: Callable[[], int], held: Delivery) -> None:
    long_ago = timezone.now() - timedelta(days=500)
    Delivery.objects.update(status="FAILED", due_at=None, finished_at=long_ago)
    Email.objects.update(accepted_at=long_ago)
    held.refresh_from_db()
    assert beside(held.retry, forget) == [0]
    assert Email.objects.get().content
    assert Delivery.objects.get().status == "QUEUED"


@pytest.mark.postgres
def test_mail_that_is_forgotten_meanwhile_is_not_tried_again(held: Delivery) -> None:
    long_ago = timezone.now() - timedelta(days=500)
    Delivery.objects.update(status="FAILED", due_at=None, finished_at=long_ago)
    Email.objects.update(accepted_at=long_ago)
    held.refresh_from_db()
    assert beside(retention.forget_contents, held.retry) == [False]
    assert Delivery.objects.get().status == "FAILED"

"""POST /emails: what is taken, as clients write it, and what is refused, naming the field."""

import base64

import pytest
from django.conf import LazySettings

from delivery.models import Delivery, Email
from gateway.tests.http.conftest import Caller, message

pytestmark = pytest.mark.django_db


def test_an_accepted_message_is_in_the_outbox(caller: Caller) -> None:
    response = caller.send()
    email = Email.objects.get()
    assert (response.status_code, response.json()) == (200, {"id": str(email.pk)})
    assert (email.application, email.wanted_name, email.wanted_address) == (
        caller.key.application,
        "Shop",
        "shop@acme.test",
    )
    assert email.key_prefix == caller.key.prefix
    assert [(d.recipient, d.status) for d in email.deliveries.all()] == [("rita@users.test", "QUEUED")]

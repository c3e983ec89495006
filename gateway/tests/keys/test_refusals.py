"""Keys that open nothing any more, and are used all the same: in the audit log, once an hour."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from gateway.choices import Maker
from gateway.keys.authentication import authenticate
from gateway.models import Key
from gateway.tasks import record_refused_keys
from people.models import AuditEntry, User
from testing.factories import make_application
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db


def issued(alice: User, acme: WhiteLabel, **values: object) -> tuple[Key, str]:
    key = Key(application=make_application(alice, acme), name="Web", scopes="send", **values)
    return key, key.issue(by=alice, maker=Maker.WHITE_LABEL)


def test_a_key_that_was_revoked_and_is_used_is_in_the_log_of_its_white_label(alice: User, acme: WhiteLabel) -> None:
    key, secret = issued(alice, acme)
    key.revoke(by=alice)
    authenticate(secret, "192.0.2.9")
    record_refused_keys()
    entry = AuditEntry.objects.get(act="key.refuse")
    assert (entry.who, entry.address, entry.white_label_id) == (key.shown, "192.0.2.9", acme.pk)
    assert (entry.changes[0]["thing"], entry.changes[0]["after"]) == (f"gateway.Key {key.pk}", "REVOKED")
    assert secret not in str(AuditEntry.objects.values())


@pytest.mark.usefixtures("cache_of_the_process")
def test_whoever_goes_on_with_it_is_recorded_once_an_hour(alice: User, acme: WhiteLabel) -> None:
    key, secret = issued(alice, acme, networks="198.51.100.0/24")
    for minutes in range(0, 65, 5):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            authenticate(secret, "192.0.2.9")
            record_refused_keys()
    assert AuditEntry.objects.filter(act="key.refuse", who=key.shown).count() == 2


def test_a_wrong_secret_is_nobodys_key(alice: User, acme: WhiteLabel) -> None:
    _, secret = issued(alice, acme)
    authenticate(secret[:-1], "192.0.2.9")
    record_refused_keys()
    assert not AuditEntry.objects.filter(act="key.refuse").exists()

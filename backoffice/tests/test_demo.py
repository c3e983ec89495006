"""The demo data."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from delivery.models import Email
from messages.models import Thread
from people.models import AuditEntry, User
from smtp_settings.models import Communication
from testing.demo_dns import publish
from testing.servers.dns import LoopbackDnsServer
from whitelabel.domains.check import check
from whitelabel.models import Application, DnsRecord, SendingDomain, WhiteLabel
from whitelabel.models.transitions import Actor
from whitelabel.pasting import read
from whitelabel.routing import route_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: LazySettings) -> None:
    settings.DEBUG = True
    call_command("demo")


def test_each_demo_person_has_the_password_that_is_printed(demo: None) -> None:
    for email in ("owner@builder.example", "alice@acme.example", "bob@globex.example"):
        assert User.objects.get(email=email).check_password("demo-password")


def test_that_the_demo_was_made_is_in_the_audit_log_once(demo: None) -> None:
    call_command("demo")
    assert AuditEntry.objects.get().who == "manage.py demo"


def test_alice_owns_one_of_the_two_applications_of_acme(demo: None) -> None:
    acme = WhiteLabel.objects.get(name="Acme")
    owners = [application.owner for application in Application.objects.filter(white_label=acme)]
    assert [acme.is_admin(owner) for owner in owners].count(True) == 1
    assert len(owners) == 2


def test_globex_and_the_platform_have_an_application(demo: None) -> None:
    assert Application.objects.get(white_label__name="Globex").owner.email == "bob@globex.example"
    assert Application.objects.get(white_label=None).owner in User.objects.platform_owners()


def test_the_demo_mail_takes_the_server_default(demo: None) -> None:
    assert Communication.current().support_address
    assert {route_for(application).rule for application in Application.objects.all()} == {4}


def test_the_demo_shows_domain_requests_in_several_states(demo: None) -> None:
    states = {domain.state for domain in SendingDomain.objects.all()}
    assert states == {"REQUESTED", "APPROVED", "ACTIVE", "REFUSED"}
    assert {domain.domain for domain in SendingDomain.objects.waiting_for(Actor.OWNER)} == {"acme.example"}


def test_the_key_to_publish_is_a_whole_one(demo: None) -> None:
    value = DnsRecord.objects.filter(name="mail._domainkey.acme-news.example").get().value
    (row,) = read(f"TXT\tmail._domainkey\t{value}", "acme-news.example").rows
    assert (len(value), row.remarks) == (410, ())


def test_a_demo_domain_becomes_active_once_its_records_are_shown(demo: None, dns_server: LoopbackDnsServer) -> None:
    domain = SendingDomain.objects.get(domain="acme-news.example")
    assert len(publish(dns_server, ["acme-news.example"])) == 3
    for minutes in (0, 2):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            check(domain)
    domain.refresh_from_db()
    assert domain.state == "ACTIVE"


def test_a_second_run_changes_nothing(demo: None) -> None:
    WhiteLabel.objects.filter(name="Acme").update(brand_name="Changed")
    counted = [model.objects.count() for model in (User, WhiteLabel, Application, SendingDomain, Thread, Email)]
    call_command("demo")
    assert [m.objects.count() for m in (User, WhiteLabel, Application, SendingDomain, Thread, Email)] == counted
    assert WhiteLabel.objects.get(name="Acme").brand_name == "Changed"


def test_outside_debug_it_is_refused_with_a_sentence(settings: LazySettings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="only with DEBUG on"):
        call_command("demo")
    assert not User.objects.exists()

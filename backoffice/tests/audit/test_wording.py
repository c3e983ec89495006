"""The audit log as it is read: in the words of the product, with names for ids."""

from collections.abc import Iterator

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoAssertNumQueries

from backoffice.audit.wording import ACTS, act_in_words, tell
from people.models import AuditEntry, User
from testing.factories import make_application, make_domain, make_server
from whitelabel.models import Application, WhiteLabel


def entry(thing: str, field: str = "", before: str = "", after: str = "", **values: str) -> AuditEntry:
    changes = [{"thing": thing, "field": field, "before": before, "after": after}] if thing else []
    return AuditEntry.objects.create(act="owner:communication", changes=changes, **values)


def told(made: AuditEntry) -> tuple[str, str, str, str]:
    """Return the things, and what the first line says."""
    tell([made])
    (line,) = vars(made)["lines"]
    return vars(made)["things"], line.field, line.before, line.after


def test_an_act_reads_who_what_on_which_thing_and_what_changed(
    client: Client, owner: User, alice: User, charlie: User, acme: WhiteLabel
) -> None:
    shop = make_application(alice, acme)
    client.force_login(owner)
    client.post(f"/backoffice/applications/{shop.pk}/owner/", {"email": charlie.email, "previous": alice.pk})
    html = client.get("/backoffice/audit/").content.decode()
    assert "Change the owner of an application" in html
    assert "Application Shop" in html
    assert "<strong>Owner</strong>: alice@acme.test → charlie@globex.test" in html


def test_ids_choices_and_switches_are_read_as_the_pages_show_them(owner: User, alice: User, acme: WhiteLabel) -> None:
    server, name = make_server(host="smtp.acme.test"), f"White-label {acme}"
    label = f"whitelabel.WhiteLabel {acme.pk}"
    assert told(entry(label, "server", "None", str(server.pk))) == (name, "Server", "nothing", "smtp.acme.test:2525")
    assert told(entry(label, "mail_option", "PLATFORM", "OWN"))[2:] == ("The platform's SMTP", "Own SMTP server")
    person = entry(f"backoffice.User {alice.pk}", "is_superuser", "False", "True")
    assert told(person) == ("Person alice@acme.test", "Platform owner", "no", "yes")


def test_a_secret_stays_one_and_what_the_product_keeps_for_itself_is_left_out(owner: User) -> None:
    server = make_server(host="smtp.acme.test")
    thing = f"smtp_settings.SmtpServer {server.pk}"
    words = ("SMTP server smtp.acme.test:2525", "Password", "a secret", "another one")
    assert told(entry(thing, "sealed_secret", "[secret]", "[secret]")) == words
    inner = entry(thing, "policy", "PLATFORM", "WHITE_LABEL")
    tell([inner])
    assert vars(inner)["lines"] == []


def test_what_a_worker_stored_and_what_is_gone_have_names_too(acme: WhiteLabel) -> None:
    make_server(scope_key=acme.scope_key, host="smtp.acme.test")
    stored = entry(f"smtp_settings.SmtpServer {acme.scope_key}", "port", "25", "587")
    assert told(stored)[0] == "SMTP server smtp.acme.test:2525"
    assert told(entry("whitelabel.Application 4711", "owner", "4712", ""))[0] == "Application 4711, which is gone"


def test_an_act_that_changed_no_field_names_what_its_address_names(acme: WhiteLabel) -> None:
    domain = make_domain(acme, "xn--bcher-kva.test")
    asked = entry("", path=f"/backoffice/domains/{domain.pk}/ask/")
    tell([asked, entry("", path="/nowhere/7/")])
    assert vars(asked)["things"] == "Domain request bücher.test (xn--bcher-kva.test)"


def test_a_page_of_the_log_asks_once_for_each_model(
    alice: User, acme: WhiteLabel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shops = [make_application(alice, acme, f"Shop {number}") for number in range(5)]
    entries = [entry(f"whitelabel.Application {shop.pk}", "owner", str(alice.pk), "") for shop in shops]
    with django_assert_num_queries(2):
        tell(entries)
    assert Application.objects.count() == 5


def names(patterns: list[URLPattern | URLResolver], console: str = "") -> Iterator[str]:
    """Yield the names of the consoles' pages."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns, pattern.namespace or console)
        elif console and pattern.name:
            yield pattern.name


def test_the_words_are_those_of_acts_that_exist() -> None:
    with_links = {"make_records_link", "revoke_records_link", "send_records_link"}
    assert set(ACTS) - set(names(get_resolver().url_patterns)) == with_links
    assert act_in_words("owner:whitelabel_application_change") == "Change application"
    assert act_in_words("sign in") == "Sign in"

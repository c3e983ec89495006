"""The audit log as it is read: in the words of the product, with names for ids."""

from collections.abc import Iterator

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import DjangoAssertNumQueries

from backoffice.audit.acts import PAGES, WORDS
from backoffice.audit.sign_ins import ACTS, FAILED, FAILED_FACTOR
from backoffice.audit.wording import act_in_words, describe
from people.models import AuditEntry, User
from people.refusals import ACT as REFUSED
from testing.factories import make_application, make_domain, make_person, make_server
from whitelabel.models import Application, WhiteLabel


def entry(thing: str, field: str = "", before: str = "", after: str = "", **values: str) -> AuditEntry:
    changes = [{"thing": thing, "field": field, "before": before, "after": after}] if thing else []
    return AuditEntry.objects.create(act="communication.save", changes=changes, **values)


def described(made: AuditEntry) -> tuple[str, str, str, str]:
    """Return the things, and what the first line says."""
    describe([made])
    (line,) = vars(made)["lines"]
    return vars(made)["things"], line.field, line.before, line.after


def test_an_act_reads_who_what_on_which_thing_and_what_changed(
    client: Client, owner: User, alice: User, charlie: User, acme: WhiteLabel
) -> None:
    shop = make_application(alice, acme)
    client.force_login(owner)
    client.post(f"/backoffice/applications/{shop.pk}/owner/", {"owner": charlie.pk, "previous": alice.pk})
    html = client.get("/backoffice/audit/").content.decode()
    assert "Change the owner of an application" in html
    assert "Application Shop" in html
    assert "<strong>Owner</strong>: alice@acme.test → charlie@globex.test" in html


def test_ids_choices_and_switches_are_read_as_the_pages_show_them(owner: User, alice: User, acme: WhiteLabel) -> None:
    server, name = make_server(host="smtp.acme.test"), f"White-label {acme}"
    label = f"whitelabel.WhiteLabel {acme.pk}"
    assert described(entry(label, "server", "None", str(server.pk))) == (
        name,
        "Server",
        "nothing",
        "smtp.acme.test:2525",
    )
    assert described(entry(label, "mail_option", "PLATFORM", "OWN"))[2:] == ("The platform's SMTP", "Own SMTP server")
    person = entry(f"people.User {alice.pk}", "is_superuser", "False", "True")
    assert described(person) == ("Person alice@acme.test", "Platform owner", "no", "yes")


def test_a_secret_stays_one_and_what_the_product_keeps_for_itself_is_left_out(owner: User) -> None:
    server = make_server(host="smtp.acme.test")
    thing = f"smtp_settings.SmtpServer {server.pk}"
    words = ("SMTP server smtp.acme.test:2525", "Password", "a secret", "another one")
    assert described(entry(thing, "sealed_secret", "[secret]", "[secret]")) == words
    inner = entry(thing, "policy", "PLATFORM", "WHITE_LABEL")
    describe([inner])
    assert vars(inner)["lines"] == []


def test_what_a_worker_stored_and_what_is_gone_have_names_too(acme: WhiteLabel) -> None:
    make_server(scope_key=acme.scope_key, host="smtp.acme.test")
    stored = entry(f"smtp_settings.SmtpServer {acme.scope_key}", "port", "25", "587")
    assert described(stored)[0] == "SMTP server smtp.acme.test:2525"
    assert described(entry("whitelabel.Application 4711", "owner", "4712", ""))[0] == "Application 4711, which is gone"


def test_an_act_that_changed_no_field_names_what_its_address_names(acme: WhiteLabel) -> None:
    domain = make_domain(acme, "xn--bcher-kva.test")
    asked = entry("", path=f"/backoffice/domains/{domain.pk}/ask/")
    describe([asked, entry("", path="/nowhere/7/")])
    assert vars(asked)["things"] == "Domain request bücher.test (xn--bcher-kva.test)"


def test_a_page_of_the_log_asks_once_for_each_model(
    alice: User, acme: WhiteLabel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owners = [alice, *(make_person(f"{number}@acme.test") for number in range(4))]
    shops = [make_application(person, acme, f"Shop of {person}") for person in owners]
    entries = [entry(f"whitelabel.Application {shop.pk}", "owner", str(shop.owner_id), "") for shop in shops]
    with django_assert_num_queries(2):
        describe(entries)
    assert Application.objects.count() == 5


def names(patterns: list[URLPattern | URLResolver], console: str = "") -> Iterator[str]:
    """Yield the names of the consoles' pages."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns, pattern.namespace or console)
        elif console and pattern.name:
            yield pattern.name


def test_the_words_are_those_of_acts_that_exist() -> None:
    with_links = {"records_link.make", "records_link.revoke", "records_link.send"}
    by_commands_and_workers = {"demo.create", "owner.create", "secrets.rotate", "smtp_server.store"}
    by_commands_and_workers |= {"communication.import", "smtp_server.import", "key.refuse"}
    by_keys = {"delivery.reschedule"}
    by_themselves = {f"email_change.{act}" for act in ("agree", "ask", "cancel", "complete", "confirm")}
    by_themselves |= {"profile.change", "session.end", "session.end_others"}
    by_themselves |= {f"member.{act}" for act in ("accept", "decline", "leave")}
    by_others = {FAILED, FAILED_FACTOR, REFUSED, *with_links, *by_commands_and_workers, *by_keys, *by_themselves}
    assert set(PAGES) <= set(names(get_resolver().url_patterns))
    assert set(WORDS) == {*PAGES.values(), *ACTS.values(), *by_others}
    assert act_in_words("whitelabel.application.change") == "Change application"
    assert act_in_words("whitelabel.application.changelist") == "Act on a list: applications"
    assert act_in_words("sign_in") == "Sign in"
    assert act_in_words("a_page.of_later") == "A page of later"

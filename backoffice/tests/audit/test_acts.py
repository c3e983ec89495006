"""Every act of the product has a code and words: each page that takes a POST, each call that changes something."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from backoffice.audit.acts import VERBS, WORDS
from backoffice.audit.middleware import act_of
from gateway.http.api import api
from people.access import Rights, access_of

CONSOLES = ("owner", "whitelabel")
OF_THE_SIGN_IN = {"login", "logout", "password_change", "password_change_done"}  # its signals are heard
CALLS = {  # the calls of the HTTP API that change something, and what the audit log calls them
    "POST /domains": "domain.request",
    "POST /domains/{domain_id}/verify": "domain.check",
    "DELETE /domains/{domain_id}": "domain.withdraw",
    "POST /emails": None,  # each mail is in the delivery log, with its key
    "POST /emails/batch": None,
    "PATCH /emails/{email_id}": "delivery.reschedule",
    "POST /emails/{email_id}/cancel": "delivery.cancel",
    "PUT /people/{ref}": "people.user.add",
    "PATCH /people/{ref}": "people.user.change",
    "DELETE /people/{ref}": "people.user.archive",
    "PUT /white-labels/{ref}": "whitelabel.whitelabel.add",
    "PATCH /white-labels/{ref}": "whitelabel.whitelabel.change",
    "DELETE /white-labels/{ref}": "whitelabel.whitelabel.archive",
    "PUT /applications/{ref}": "whitelabel.application.add",
    "PATCH /applications/{ref}": "whitelabel.application.change",
    "DELETE /applications/{ref}": "whitelabel.application.archive",
    "POST /sync": "whitelabel.application.change",
}


def posted_to(patterns: list[URLPattern | URLResolver], console: str = "") -> Iterator[str]:
    """Yield the names of the consoles' pages that take a POST, from whomever."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from posted_to(pattern.url_patterns, pattern.namespace or console)
        elif console in CONSOLES and pattern.name:
            access = access_of(pattern.callback)
            if not isinstance(access, Rights) or access.post:
                yield pattern.name


def has_words(act: str) -> bool:
    label, _, verb = act.rpartition(".")
    return act in WORDS or (label.count(".") == 1 and verb in VERBS)


def test_every_page_of_the_consoles_that_takes_a_post_has_a_code_and_words() -> None:
    names = set(posted_to(get_resolver().url_patterns))
    assert "domain_refuse" in names
    assert {name for name in names - OF_THE_SIGN_IN if not has_words(act_of(name))} == set()


def calls() -> set[str]:
    found = set()
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                found |= {f"{method} {prefix}{path}".rstrip("/") for method in operation.methods if method != "GET"}
    return found


def test_every_call_that_changes_something_has_a_code_and_words() -> None:
    assert {call.replace("//", "/") for call in calls()} == set(CALLS)
    assert all(has_words(act) for act in CALLS.values() if act)

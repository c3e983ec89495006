"""The walls: every address there is, asked for by everybody, among their own rows and those of another tenant.

Who is refused and who is let in follows from what each page declares; a new page is found by the walk.
"""

import pytest
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.test import Client
from django.urls import get_resolver

from backoffice.console.views import INVALID
from gateway.models import Key
from messages.models import ReadMark
from people.access import Audience, Rights, undeclared
from people.models import AuditEntry, User
from people.roles import RIGHTS, Role
from testing.factories import make_key_and_secret
from testing.walls.addresses import Address, addresses
from testing.walls.tenants import Tenant
from testing.walls.visitors import NOBODY, OWNER, WHITE_LABEL, WITHOUT_ROLE, Visitor
from testing.walls.walk import METHODS, Answer, Walk, is_refused, is_sign_in
from whitelabel.models import Application, WhiteLabel

# What is noted of somebody by the way: what they have read and done, and when and where they were last seen.
NOTES = frozenset(model._meta.label for model in (ReadMark, AuditEntry, UserSession))
MISTAKEN = (400, INVALID)  # how forms without what they ask for are answered
JSON = "application/json"
OF_A_WHITE_LABEL = (
    "",
    "email/",
    "email/domains/<pk>/",
    "applications/",
    "deliveries/",
    "activity/",
    "keys/",
    "keys/<object_id>/change/",
    "messages/<pk>/",
    "choose/",
    "people/",
)
EVERYWHERE = list(addresses(get_resolver().url_patterns))
IN_CONSOLES = [address for address in EVERYWHERE if address.console]
API = list({str(each): each for each in EVERYWHERE if str(each).startswith("/api/")}.values())
OUTSIDE_THE_API = [address for address in EVERYWHERE if not str(address).startswith("/api/")]
ROLES = {
    "owner": Visitor.with_role(Role.PLATFORM_OWNER),
    "support": Visitor.with_role(Role.SUPPORT),
    "admin": Visitor.with_role(Role.ADMIN),
    "viewer": Visitor.with_role(Role.VIEWER),
}
# Refused for another reason than the role: no mail is caught here, no field is named to look something up for, no
# white-label is chosen, one removes no second factor of one's own, nobody who is there is invited, and the label of an
# app may be the address of a list.
OTHERWISE_REFUSED = (
    "/catcher/",
    "/people/invitations/",
    "/autocomplete/",
    "/choose/",
    "/second-factor/",
    "/<app_label>/",
)
pytestmark = pytest.mark.django_db


def is_of_a_row(address: Address, method: str) -> bool:
    """Return whether somebody else's id is refused there; the admin's short addresses lead to such a page."""
    return bool(address.ids) and bool(address.console) and not str(address).endswith("s/<object_id>/")


def test_the_walk_finds_the_pages_that_take_an_id() -> None:
    found = {str(address) for address in EVERYWHERE if is_of_a_row(address, "GET")}
    assert "/whitelabel/applications/<object_id>/change/" in found
    assert "/whitelabel/deliveries/<object_id>/retry/" in found
    assert "/whitelabel/keys/<object_id>/revoke/" in found
    assert "/whitelabel/suppressed-addresses/<object_id>/release/" in found
    assert "/whitelabel/email/domains/<pk>/links/<link_pk>/revoke/" in found
    assert len([address for address in found if address.startswith("/backoffice/")]) > 50


def test_every_page_says_who_may_have_it() -> None:
    assert list(undeclared(get_resolver().url_patterns)) == []
    assert {type(address.access) for address in IN_CONSOLES} <= {Rights, Audience}


def test_every_right_opens_a_page_of_each_console_that_has_it() -> None:
    """A right that a role brings and no page asks for would promise what is not there."""
    asked = {
        console: {
            right
            for address in IN_CONSOLES
            if address.console == console and isinstance(address.access, Rights)
            for right in (address.access.get, address.access.post)
        }
        for console in (OWNER, WHITE_LABEL)
    }
    assert RIGHTS[Role.PLATFORM_OWNER] <= asked[OWNER]
    assert RIGHTS[Role.ADMIN] <= asked[WHITE_LABEL]


@pytest.mark.parametrize("method", METHODS)
def test_strangers_have_what_is_for_anybody(method: str, client: Client, alices: Tenant) -> None:
    walk = Walk(client, alices, shut=lambda address, method: not NOBODY.may_have(address, method))
    assert walk.findings(OUTSIDE_THE_API, [method]) == []


@pytest.mark.parametrize("part", ["nobody's", "removed", "suspended"])
def test_those_without_a_part_have_no_page_of_a_console(
    part: str, client: Client, alices: Tenant, visitors: dict[str, User]
) -> None:
    client.force_login(visitors[part])
    if part == "removed":
        alices.row_of(WhiteLabel).admins.add(visitors[part])
        assert client.get("/whitelabel/").status_code == 200
        alices.row_of(WhiteLabel).admins.remove(visitors[part])
    visitor = NOBODY if part == "suspended" else WITHOUT_ROLE
    walk = Walk(client, alices, shut=lambda address, method: False, own=alices.number)
    let_in = [
        f"{method} {address}: answered with {answer.status}"
        for address in IN_CONSOLES
        if part == "nobody's" or address.console == WHITE_LABEL  # where the part was
        for method in ("GET", "POST")
        if not visitor.may_have(address, method)
        for answer in walk.own_answers(address, method)
        if answer.changed or not is_refused(answer)
    ]
    assert let_in == []


@pytest.mark.parametrize("method", METHODS)
def test_charlie_finds_nothing_of_alices(method: str, client: Client, alices: Tenant, charlies: Tenant) -> None:
    client.force_login(charlies.person)

    def shut(address: Address, method: str) -> bool:
        return is_of_a_row(address, method) or not ROLES["admin"].may_have(address, method)

    walk = Walk(client, alices, shut=shut, own=charlies.number)
    everywhere = [each for each in OUTSIDE_THE_API if method in ("GET", "POST") or each.console != OWNER]
    assert walk.findings(everywhere, [method]) == []


@pytest.mark.parametrize("part", ROLES)
def test_each_role_is_let_in_to_what_it_brings_and_to_nothing_else(
    part: str, client: Client, alices: Tenant, visitors: dict[str, User]
) -> None:
    client.force_login(visitors[part])
    walk = Walk(client, alices, shut=lambda address, method: False, own=alices.number, overlooked=NOTES)
    wrong = [
        f"{method} {address}: {fault}"
        for address in IN_CONSOLES
        if address.console in ROLES[part].rights
        for method in ("GET", "POST")
        for answer in walk.own_answers(address, method)
        if (fault := _fault(answer, address, ROLES[part], method))
    ]
    assert wrong == []


def _fault(answer: Answer, address: Address, visitor: Visitor, method: str) -> str:
    """Return what is wrong with the answer to somebody who asks about rows of their own tenant, "" where nothing is."""
    if not visitor.may_have(address, method):
        return "" if is_refused(answer) else f"is not refused but answered with {answer.status}"
    if answer.status in (403, 404) and any(part in str(address) for part in OTHERWISE_REFUSED):
        return ""
    if (answer.status >= 400 and answer.status not in MISTAKEN) or is_sign_in(answer):
        return f"lets nobody in, but answers with {answer.status} {answer.location}"
    if answer.changed and not (method == "POST" and visitor.may_change(address)):
        return "changes what may only be looked at"
    return ""


def test_the_walk_sees_what_is_shown_to_those_whose_it_is(client: Client, charlies: Tenant) -> None:
    client.force_login(charlies.person)
    walk = Walk(client, charlies, shut=lambda address, method: False, own=charlies.number)
    theirs = [f"/whitelabel/{page}" for page in OF_A_WHITE_LABEL]
    findings = walk.findings([address for address in EVERYWHERE if str(address) in theirs], ["GET"])
    for page in theirs:
        assert f"GET {page}: shows what is qzglobex's" in findings


@pytest.fixture
def charlies_key(charlies: Tenant, settings: LazySettings) -> tuple[Key, str]:
    settings.API_URL = "http://testserver/api"
    return make_key_and_secret(charlies.row_of(Application), charlies.person, scopes="domains send")


@pytest.mark.parametrize("key", ["none", "wrong", "revoked"])
def test_no_call_of_the_api_is_open_without_a_key(
    key: str, client: Client, alices: Tenant, charlies: Tenant, charlies_key: tuple[Key, str]
) -> None:
    if key == "revoked":
        charlies_key[0].revoke(by=charlies.person)
    secret = charlies_key[1][:-4] + "abcd" if key == "wrong" else charlies_key[1]
    headers = {} if key == "none" else {"Authorization": f"Bearer {secret}"}
    walk = Walk(client, alices, shut=_takes_a_key, own=charlies.number, headers=headers, form=JSON)
    assert walk.findings(API, METHODS) == []


def test_a_key_finds_nothing_of_another_white_labels(
    client: Client, alices: Tenant, charlies: Tenant, charlies_key: tuple[Key, str]
) -> None:
    headers = {"Authorization": f"Bearer {charlies_key[1]}"}
    walk = Walk(client, alices, shut=_is_of_a_row_of_the_api, own=charlies.number, headers=headers, form=JSON)
    assert walk.findings(API, METHODS) == []


def _takes_a_key(address: Address, method: str) -> bool:
    return address.access is Audience.KEY_HOLDERS


def _is_of_a_row_of_the_api(address: Address, method: str) -> bool:
    """Return whether a row is looked for there before the body is judged."""
    return _takes_a_key(address, method) and bool(address.ids) and method != "PATCH"

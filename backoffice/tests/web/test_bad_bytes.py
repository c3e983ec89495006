"""Whatever is asked of any page: 400, 404, a redirect or a page, never an error of ours, on each database."""

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver
from hypothesis import given
from hypothesis import strategies as st

from testing.factories import make_key_and_secret
from testing.nonsense import OF_LISTS, Request, pairs, requests
from testing.properties import examples
from testing.walls.addresses import addresses
from testing.walls.tenants import Tenant
from whitelabel.models import Application

NUMBER = 900_177
EVERYWHERE = list(addresses(get_resolver().url_patterns))
OF_THE_API = [address for address in EVERYWHERE if str(address).startswith("/api/")]
PAGES = [address for address in EVERYWHERE if address not in OF_THE_API]
pytestmark = pytest.mark.properties


@pytest.fixture(autouse=True)
def _thinking_takes_its_time(db: None) -> None:
    """The database does not end the test's transaction while hypothesis makes up its next request."""
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def answers(client: Client, request: Request, **headers: str) -> int:
    """Return the status; nothing that the request does outlives it."""
    with transaction.atomic():
        answer = client.generic(request.method, request.path, request.body, request.content_type, headers=headers)
        status = answer.status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize(
    "query", ["id__range=", "id__regex=(a%2B)%2B$", "status__startswith=F", "email__content=a", "x=1"]
)
@pytest.mark.parametrize("visitor", ["admin", "owner"], indirect=True)
def test_a_list_answers_its_own_filters_alone(query: str, visitor: Client) -> None:
    assert visitor.get("/whitelabel/deliveries/?status__exact=FAILED&q=rita&o=-1&p=1").status_code == 200
    assert visitor.get(f"/whitelabel/deliveries/?{query}").status_code in (302, 400)
    assert visitor.get(f"/backoffice/deliveries/?{query}").status_code in (302, 400, 403)


@pytest.mark.parametrize("octets", ["%00", "a%00b", "%ED%A0%80", "%C0%AF", "%FF"])
def test_an_address_that_is_no_text_is_refused(octets: str, visitor: Client) -> None:
    for path in ("/accounts/login/", "/backoffice/deliveries/", "/whitelabel/messages/"):
        assert visitor.get(f"{path}?q={octets}").status_code == 400
        assert visitor.get(f"{path}?{octets}=q").status_code == 400


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=\xff"])
def test_an_error_page_is_shown_to_whoever_sends_what_is_no_form(content_type: str, client: Client) -> None:
    assert client.generic("POST", "/accounts/nothing-is-here/", b"x", content_type).status_code == 404


@pytest.mark.parametrize("number", ["²", "x", "9" * 5000])
@pytest.mark.parametrize("visitor", ["admin", "owner"], indirect=True)
def test_what_is_no_id_names_no_row(number: str, visitor: Client) -> None:
    for console in ("/whitelabel", "/backoffice"):
        for address in ("deliveries", "keys", "applications", "people", "domains", "white-labels"):
            assert visitor.get(f"{console}/{address}/{number}/change/").status_code in (302, 403, 404)
        assert visitor.get(f"{console}/keys/add/?application={number}").status_code in (200, 302, 403)
        for address in ("deliveries", "suppressed-addresses"):
            for action in ("retry_selected", "release_selected"):
                chosen = {"action": action, "_selected_action": number}
                assert visitor.post(f"{console}/{address}/", chosen).status_code in (302, 400, 403)
    assert visitor.get(f"/whitelabel/?white_label={number}").status_code in (302, 403)
    assert visitor.post("/whitelabel/choose/", {"white_label": number}).status_code in (302, 403, 404)


@pytest.fixture
def caller(alices: Tenant, settings: LazySettings) -> tuple[Client, str]:
    """A client of the API and the key of an application."""
    settings.API_URL = "http://testserver/api"
    return Client(), make_key_and_secret(alices.row_of(Application), alices.person, scopes="send domains")[1]


@given(request=requests(PAGES, str(NUMBER)))
@examples(150)
def test_no_page_fails(request: Request, visitor: Client) -> None:
    visitor.raise_request_exception = True
    assert answers(visitor, request) < 500


@pytest.fixture
def filters(visitor: Client) -> dict[str, list[str]]:
    """The parameters by which each list is filtered, searched and ordered, by its address."""
    pages = {str(address): visitor.get(str(address)) for address in PAGES if not address.kinds}
    lists = {path: page.context["cl"] for path, page in pages.items() if page.context and "cl" in page.context}
    return {
        path: [*(name for spec in shown.filter_specs for name in spec.expected_parameters()), *OF_LISTS]
        for path, shown in lists.items()
    }


@pytest.mark.parametrize("visitor", ["admin", "owner"], indirect=True)
@given(data=st.data())
@examples(150)
def test_no_list_fails(data: st.DataObject, visitor: Client, filters: dict[str, list[str]]) -> None:
    visitor.raise_request_exception = True
    path = data.draw(st.sampled_from(sorted(filters)))
    query = data.draw(pairs(st.sampled_from(filters[path])))
    assert answers(visitor, Request("GET", f"{path}?{query}")) < 500


@given(request=requests(OF_THE_API, str(NUMBER)))
@examples(150)
def test_no_page_of_the_api_fails(request: Request, caller: tuple[Client, str]) -> None:
    client, secret = caller
    assert answers(client, request, authorization=f"Bearer {secret}") < 500

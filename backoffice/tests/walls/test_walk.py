"""The walk itself: each kind of hole in a wall, really built into the project, is found."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, include, path, re_path

from backoffice.owner_console.site import owner_console
from backoffice.urls import urlpatterns
from backoffice.whitelabel_console.site import whitelabel_console
from messages.models import Message, Thread
from people.access import Audience, access_of, declare, undeclared
from people.models import User
from people.roles import Right
from testing.walls.addresses import Address, addresses
from testing.walls.tenants import Tenant
from testing.walls.walk import Walk
from whitelabel.models import Application, WhiteLabel

KNOWN = {str(address) for address in addresses(urlpatterns)}
View = Callable[..., HttpResponse]
Build = Callable[[URLPattern | URLResolver], list[Address]]


@pytest.fixture
def build(settings: LazySettings) -> Build:
    """Put a page into the project, in front of all others, and return its address as it is found by the walk.

    A page by itself is declared to be for anybody.
    """

    def put(page: URLPattern | URLResolver) -> list[Address]:
        if isinstance(page, URLPattern) and access_of(page.callback) is None:
            declare(page.callback, Audience.ANYBODY)
        settings.ROOT_URLCONF = (page, *urlpatterns)
        found = [address for address in addresses(get_resolver().url_patterns) if str(address) not in KNOWN]
        assert len(found) == 1
        return found

    return put


@pytest.fixture
def as_charlie(client: Client, alices: Tenant, charlies: Tenant) -> Walk:
    client.force_login(charlies.person)
    return Walk(client, alices, shut=lambda address, method: False, own=charlies.number)


def of_white_label(view: View) -> View:
    """Return the view as the white-labels' console guards its pages."""
    guarded = whitelabel_console.guarded(view, get=Right.SEE, post=Right.SEE)
    guarded.console = whitelabel_console  # type: ignore[attr-defined]
    return guarded


def all_names(request: HttpRequest) -> HttpResponse:
    return HttpResponse(", ".join(WhiteLabel.objects.values_list("name", flat=True)))


def nothing_much(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nothing much")


def named_in_query(request: HttpRequest) -> HttpResponse:
    return HttpResponse(WhiteLabel.objects.get(pk=request.GET["white_label"]).name)


def named_in_body(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_object_or_404(Application, pk=request.POST.get("application", 0)).name)


def header_of(request: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"X-Owner": get_object_or_404(Application, pk=request.GET.get("pk", 0)).owner.email})


def is_there(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse("yes" if Message.objects.filter(pk=pk).exists() else "no")


def leads_there(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponseRedirect(f"/whitelabel/{get_object_or_404(Application, pk=pk).name}/")


def rename(request: HttpRequest, pk: int) -> HttpResponse:
    Application.objects.filter(pk=pk).update(name="Charlie's")
    return HttpResponse("done")


def promote(request: HttpRequest, pk: int) -> HttpResponse:
    User.objects.filter(email="email@qzglobex.test").update(is_superuser=True)
    return HttpResponse("done")


def write_into(request: HttpRequest, pk: int) -> HttpResponse:
    white_label = WhiteLabel.objects.filter(pk=pk).first()
    if white_label is not None:
        thread = Thread.objects.get(opened_by=white_label.mailbox)
        Message.objects.create(thread=thread, sender=white_label.mailbox, body="Not from you.")
    return HttpResponse("done")


def test_a_page_without_a_guard_is_found(client: Client, alices: Tenant, build: Build) -> None:
    found = Walk(client, alices, shut=lambda address, method: True).findings(build(path("report/", nothing_much)))
    assert "GET /report/: is not refused but answered with 200" in found


def test_a_page_that_says_nothing_is_found_and_nobodys(client: Client, owner: User, settings: LazySettings) -> None:
    settings.ROOT_URLCONF = (path("report/", lambda request: HttpResponse("report")), *urlpatterns)
    assert list(undeclared(get_resolver().url_patterns)) == ["/report/"]
    assert client.get("/report/").status_code == 403
    client.force_login(owner)
    assert client.get("/report/").status_code == 403


def test_a_page_of_the_owners_console_without_its_wrapper_is_found(
    client: Client, alices: Tenant, charlies: Tenant, build: Build
) -> None:
    patterns, app_name, namespace = owner_console.urls
    view = declare(lambda request: owner_console.render(request, "console/no_console.html"), Audience.ANYBODY)
    bad = path("report/", view)
    page = build(path("backoffice/", include(([bad, *patterns], app_name), namespace)))
    client.force_login(alices.person)
    for shut in (
        Walk(Client(), charlies, shut=lambda address, method: True),
        Walk(client, charlies, shut=lambda address, method: True),
    ):
        assert "GET /backoffice/report/: is not refused but answered with 200" in shut.findings(page)


def test_a_page_that_shows_every_tenant_is_found(as_charlie: Walk, build: Build) -> None:
    assert "GET /report/: shows what is qzacme's" in as_charlie.findings(build(path("report/", all_names)))


@pytest.mark.parametrize("guard", [lambda view: view, of_white_label])
def test_a_view_that_reads_a_foreign_id_from_the_query_is_found(
    guard: Callable[[View], View], as_charlie: Walk, build: Build
) -> None:
    found = as_charlie.findings(build(path("whitelabel/report/", guard(named_in_query))))
    assert "POST /whitelabel/report/: shows what is qzacme's" in found


@pytest.mark.parametrize(("view", "method"), [(named_in_body, "POST"), (header_of, "GET"), (header_of, "HEAD")])
def test_a_foreign_id_in_a_body_or_an_answer_in_a_header_is_found(
    view: View, method: str, as_charlie: Walk, build: Build
) -> None:
    page = build(path("whitelabel/report/", of_white_label(view)))
    assert f"{method} /whitelabel/report/: shows what is qzacme's" in as_charlie.findings(page)


def test_a_page_that_tells_what_is_there_is_found(as_charlie: Walk, build: Build) -> None:
    found = as_charlie.findings(build(re_path(r"^there/(?P<pk>\d+)/$", is_there)), ["GET"])
    assert found == ["GET /there/<pk>/: tells a foreign id (200) from an absent one (200)"]


def test_a_redirect_that_names_what_is_anothers_is_found(as_charlie: Walk, build: Build) -> None:
    found = as_charlie.findings(build(path("to/<int:pk>/", leads_there)), ["GET"])
    assert "GET /to/<pk>/: shows what is qzacme's" in found


@pytest.mark.parametrize("view", [rename, write_into, promote])
def test_a_change_or_an_addition_to_what_is_anothers_is_found(
    view: Callable[..., HttpResponse], as_charlie: Walk, build: Build
) -> None:
    found = as_charlie.findings(build(path("change/<int:pk>/", view)), ["GET", "PATCH"])
    assert found == [
        f"{method} /change/<pk>/: changes what is qzacme's or who may do what" for method in ("GET", "PATCH")
    ]


def test_a_parameter_of_an_unknown_kind_is_not_passed_over(build: Build) -> None:
    with pytest.raises(ValueError, match="which words the parameter colour takes"):
        build(path("paint/<slug:colour>/", nothing_much))

"""What the search of the owner's console finds: white-labels, applications, people, domains and mail of everybody."""

from django.http import HttpRequest
from django.urls import reverse

from backoffice.console.search import Found, Hit, found, rows
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.mail_search import search_mail_of
from people.models import User
from people.roles import Right
from whitelabel.models import Application, SendingDomain, WhiteLabel


@owner_console.searched("White-labels", Right.SEE)
def white_labels(request: HttpRequest, typed: str) -> Found:
    some = rows(WhiteLabel.objects.visible_to(request.user), typed, "name", "brand_name", "console_host", "ref")
    return found("White-labels", (_hit(each, _state(each, each.brand_name), "storefront") for each in some))


@owner_console.searched("Applications", Right.SEE)
def applications(request: HttpRequest, typed: str) -> Found:
    everybodys = Application.objects.visible_to(request.user).select_related("white_label")
    some = rows(everybodys, typed, "name", "sender_address", "ref")
    about = ((each, str(each.white_label or "The platform's own")) for each in some)
    return found("Applications", (_hit(each, _state(each, whose), "apps") for each, whose in about))


@owner_console.searched("People", Right.MANAGE_PEOPLE)
def people(request: HttpRequest, typed: str) -> Found:
    some = rows(User.objects.all(), typed, "email", "name", "ref")
    cannot = {True: "", False: "cannot sign in"}
    hits = (_hit(each, ", ".join(filter(None, (each.name, cannot[each.is_active]))), "person") for each in some)
    return found("People", hits)


@owner_console.searched("Domains", Right.SEE)
def domains(request: HttpRequest, typed: str) -> Found:
    some = rows(SendingDomain.objects.select_related("white_label").prefetch_related("records"), typed, "domain")
    hits = (
        _hit(each, f"{each.white_label}, {each.state_text[:1].lower()}{each.state_text[1:]}", "dns") for each in some
    )
    return found("Domains", hits)


search_mail_of(owner_console)


def _hit(row: WhiteLabel | Application | User | SendingDomain, about: str, icon: str) -> Hit:
    page = f"owner:{row._meta.app_label}_{row._meta.model_name}_change"
    return Hit(str(row), reverse(page, args=[row.pk]), about, icon)


def _state(row: WhiteLabel | Application, about: str) -> str:
    return f"{about}, archived" if row.is_archived else about

"""What the search of a white-label's console finds: its own applications, domains, colleagues and mail."""

from django.http import HttpRequest
from django.urls import reverse

from backoffice.console.scope import current_white_label
from backoffice.console.search import Found, Hit, found, rows
from backoffice.shared_pages.mail_search import search_mail_of
from backoffice.whitelabel_console.site import whitelabel_console
from people.roles import Right
from whitelabel import members
from whitelabel.models import Application, SendingDomain


@whitelabel_console.searched("Applications", Right.SEE)
def applications(request: HttpRequest, typed: str) -> Found:
    mine = Application.objects.filter(white_label=current_white_label(request)).select_related("owner")
    some = rows(mine, typed, "name", "sender_address")
    hits = (_hit(each, "whitelabel_application_change", str(each.owner), "apps") for each in some)
    return found("Applications", hits)


@whitelabel_console.searched("Domains", Right.SEE)
def domains(request: HttpRequest, typed: str) -> Found:
    own = SendingDomain.objects.filter(white_label=current_white_label(request)).prefetch_related("records")
    some = rows(own, typed, "domain")
    return found("Domains", (_hit(each, "domain", each.state_text, "dns") for each in some))


@whitelabel_console.searched("People", Right.MANAGE_PEOPLE)
def people(request: HttpRequest, typed: str) -> Found:
    some = rows(members.of(current_white_label(request)), typed, "email", "name")
    page = reverse("whitelabel:people")
    return found("People", (Hit(str(each), page, each.name, "person") for each in some))


search_mail_of(whitelabel_console)


def _hit(row: Application | SendingDomain, page: str, about: str, icon: str) -> Hit:
    return Hit(str(row), reverse(f"whitelabel:{page}", args=[row.pk]), about, icon)

"""The picture of the way a delivery took or will take: application, owner, white-label, server, and what decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from delivery.models import Attempt, Delivery
from smtp_settings.mailboxes import mailbox
from whitelabel.domain_names import domain_of
from whitelabel.models import SendingDomain
from whitelabel.route_steps import Step, deciding_step
from whitelabel.routing import Route

PLATFORMS_SERVER = "The platform's SMTP server"


@dataclass(frozen=True)
class Node:
    """A station; `link` is "" where the reader may not open its page."""

    what: str
    name: str
    note: str = ""
    link: str = ""
    decides: bool = False


@dataclass(frozen=True)
class Way:
    """What is known of a route, of a try or of now."""

    rule: int
    server: str
    sender: str
    reasons: Sequence[str]

    @classmethod
    def of_attempt(cls, attempt: Attempt) -> "Way":
        return cls(attempt.rule, attempt.server_name, attempt.sender, attempt.reasons)

    @classmethod
    def of_route(cls, route: Route) -> "Way":
        return cls(route.rule, str(route.server), str(route.sender), route.reasons)


def route_picture(request: HttpRequest, delivery: Delivery, way: Way, *, hide_platform: bool) -> list[Node]:
    """Return the stations of `way`; `hide_platform` leaves out the host of a server that is not the reader's."""
    email = delivery.email
    decided = deciding_step(way.rule, way.reasons, has_white_label=email.white_label_id is not None)
    server = PLATFORMS_SERVER if hide_platform and way.rule != 1 else way.server
    nodes = [
        Node("Application", str(email.application or "The platform"), "", _application(request, delivery)),
        _owner(request, delivery),
        _white_label(request, delivery, way),
        Node("Server", server, f"From {way.sender}", _server(request, way, delivery)),
    ]
    steps = (Step.APPLICATION, Step.OWNER, Step.WHITE_LABEL, Step.SERVER)
    return [
        Node(node.what, node.name, node.note, node.link, decides=step == decided)
        for step, node in zip(steps, nodes, strict=True)
        if node.name
    ]


def domain_link(request: HttpRequest, delivery: Delivery, way: Way) -> tuple[str, str] | None:
    """Return the sending domain that the mail is from, and the address of its page; None where it is no such domain."""
    try:
        name = domain_of(mailbox(way.sender)[1])
    except ValueError:
        return None
    domain = SendingDomain.objects.filter(white_label=delivery.tenant, domain=name).order_by("-id").first()
    if domain is None:
        return None
    pages = {"owner": "whitelabel_sendingdomain_change", "whitelabel": "domain"}
    return domain.letters, _opened(request, pages[_console(request)], domain.pk)


def _application(request: HttpRequest, delivery: Delivery) -> str:
    pk = delivery.email.application_id
    return _opened(request, "whitelabel_application_change", pk) if pk else ""


def _owner(request: HttpRequest, delivery: Delivery) -> Node:
    application = delivery.email.application
    if application is None:
        return Node("Owner", "")
    return Node("Owner", str(application.owner), "", _opened(request, "people_user_change", application.owner_id))


def _white_label(request: HttpRequest, delivery: Delivery, way: Way) -> Node:
    white_label = delivery.email.white_label
    if white_label is None:
        return Node("White-label", "")
    note = {1: "its own SMTP server is on", 2: "it has an active sending domain"}.get(way.rule, "")
    return Node("White-label", str(white_label), note, _opened(request, "whitelabel_whitelabel_change", white_label.pk))


def _server(request: HttpRequest, way: Way, delivery: Delivery) -> str:
    """Return where the server is set up: on the white-label's pages where it is its own, else on the platform's."""
    if way.rule == 1 and _console(request) == "owner":
        return _opened(request, "whitelabel_whitelabel_change", delivery.tenant)
    return _opened(request, "email" if way.rule == 1 else "communication")


def _console(request: HttpRequest) -> str:
    return str(request.console.name)  # type: ignore[attr-defined]


def _opened(request: HttpRequest, page: str, *ids: int) -> str:
    """Return the address of a page of the console, "" where the reader may not open it or there is none."""
    try:
        link = reverse(f"{_console(request)}:{page}", args=ids)
    except NoReverseMatch:
        return ""
    return link if request.console.opens(request, link) else ""  # type: ignore[attr-defined]

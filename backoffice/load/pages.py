"""The pages that are measured over a database of `seed_load`, and what each is to take."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Max
from django.utils import timezone

from delivery.models import Delivery
from people.models import User
from whitelabel.models import Application, WhiteLabel

Parameters = dict[str, object]

OWNER, WHITE_LABEL = "/backoffice/", "/whitelabel/"
MADE_UP = r"@people[0-9]+\.example$"  # the addresses of those whom `seed_load` makes: nobody real is signed in
LIST_MS, LITTLE_MS, SEARCH_MS, DASHBOARD_MS, ANYTHING_MS = 200, 100, 300, 150, 100
LIST_QUERIES = 15
FAILED: Parameters = {"status__exact": "FAILED"}
OF_OWNER = {
    "applications": "applications/",
    "applications, a word": "applications/?q=kali",
    "white-labels": "white-labels/",
    "people": "people/",
    "people, a word": "people/?q=kali",
    "audit log": "audit/",
    "audit log, a person": "audit/?q=owner%40people0.example",
    "audit log, without a hit": "audit/?q=nobodywaseverhere",
    "messages": "messages/",
    "messages, a word": "messages/?q=kali",
    "domain requests": "domains/",
    "suppressed addresses": "suppressed-addresses/",
    "suppressed addresses, without a hit": "suppressed-addresses/?q=nobodywaseverhere",
    "keys": "keys/",
}
OF_WHITE_LABEL = {
    "applications": "applications/",
    "activity": "activity/",
    "messages": "messages/",
    "suppressed addresses": "suppressed-addresses/",
    "people": "people/",
}


@dataclass(frozen=True)
class Page:
    """An address of a console, who reads it, and in how many milliseconds the server is to answer."""

    name: str
    address: str
    reader: User
    goal_ms: int
    most_queries: int | None = field(default=None)


def pages() -> Iterator[Page]:
    """Yield every page that is measured; raises `LookupError` where the database is none of `seed_load`."""
    owner = User.objects.filter(email__regex=f"^owner{MADE_UP}", is_superuser=True).first()
    if owner is None:
        raise LookupError
    yield Page("dashboard", OWNER, owner, DASHBOARD_MS)
    yield from (Page(f"log, {name}", address, owner, LIST_MS) for name, address in _logs())
    yield from (Page(f"log, search: {name}", address, owner, SEARCH_MS) for name, address in _searches(OWNER))
    yield from (Page(name, OWNER + address, owner, LIST_MS, LIST_QUERIES) for name, address in OF_OWNER.items())
    yield Page("what an open page asks for", f"{OWNER}live/", owner, ANYTHING_MS, 10)
    yield from (Page(f"Ctrl+K: {name}", address, owner, ANYTHING_MS) for name, address in _everywhere(OWNER))
    by_mail = {"much mail": _white_label("id"), "little mail": _white_label("-id", 1), "no mail": _white_label("-id")}
    for amount, white_label in by_mail.items():
        admin = _admin(white_label)
        goal = LIST_MS if amount == "much mail" else LITTLE_MS
        yield Page(f"a white-label's log, {amount}", f"{WHITE_LABEL}deliveries/", admin, goal)
        yield Page(f"what an open page asks for, {amount}", f"{WHITE_LABEL}live/", admin, ANYTHING_MS, 10)
        for name, address in _searches(WHITE_LABEL):
            yield Page(f"a white-label's log, {amount}, search: {name}", address, admin, SEARCH_MS)
    admin = _admin(by_mail["much mail"])
    for name, address in _logs_of_white_label(by_mail["much mail"]):
        yield Page(f"a white-label's log, {name}", address, admin, LIST_MS)
    yield Page("a white-label's home", WHITE_LABEL, admin, DASHBOARD_MS)
    yield Page("a white-label's e-mail", f"{WHITE_LABEL}email/", admin, LIST_MS)
    for name, address in OF_WHITE_LABEL.items():
        yield Page(f"a white-label's {name}", WHITE_LABEL + address, admin, LIST_MS, LIST_QUERIES)
    for name, address in _everywhere(WHITE_LABEL):
        yield Page(f"a white-label's Ctrl+K: {name}", address, admin, ANYTHING_MS)


def _white_label(order: str, place: int = 0) -> WhiteLabel:
    made_up = WhiteLabel.admins.through.objects.filter(user__email__regex=MADE_UP, user__is_active=True)
    return WhiteLabel.objects.filter(pk__in=made_up.values("whitelabel")).order_by(order)[place]


def _admin(white_label: WhiteLabel) -> User:
    return white_label.admins.filter(is_active=True, email__regex=MADE_UP)[0]


def _logs() -> Iterator[tuple[str, str]]:
    """Yield the log with every filter and pair of filters, its first page and one far back."""
    day, failed = _long_ago(), FAILED
    of_application: Parameters = {"application__id__exact": Application.objects.order_by("id")[0].pk}
    of_white_label: Parameters = {"email__white_label__id__exact": _white_label("id").pk}
    statuses: dict[str, Parameters] = {
        status.label.lower(): {"status__exact": status.value} for status in Delivery.Status
    }
    filters: dict[str, Parameters] = {
        "all": {},
        **statuses,
        "possible duplicates": {"possible_duplicate__exact": 1},
        "an application": of_application,
        "an application with little mail": {"application__id__exact": Application.objects.order_by("-id")[0].pk},
        "a white-label": of_white_label,
        "a day 200 days ago": day,
        "what a figure counts": {
            "figure": "failed",
            "since": f"{_days_ago(200)}T00Z",
            "before": f"{_days_ago(193)}T00Z",
        },
        "failed + application": failed | of_application,
        "failed + white-label": failed | of_white_label,
        "failed + day": failed | day,
        "application + day": of_application | day,
        "white-label + day": of_white_label | day,
    }
    last = Delivery.objects.aggregate(last=Max("pk"))["last"]
    for name, chosen in filters.items():
        yield name, _log(OWNER, chosen)
        yield f"{name}, far back", _log(OWNER, chosen | {"older_than": last // 2})
    yield "all, the second page", _log(OWNER, {"older_than": Delivery.objects.order_by("-accepted_at", "-id")[49].pk})
    yield "all, the oldest page", _log(OWNER, {"newer_than": 0})


def _logs_of_white_label(white_label: WhiteLabel) -> Iterator[tuple[str, str]]:
    day = _long_ago()
    application = white_label.applications.order_by("id")[0]
    of_application: Parameters = {"application__id__exact": application.pk}
    filters = {"failed": FAILED, "a day 200 days ago": day, "an application": of_application}
    pairs = {"failed + day": FAILED | day, "failed + application": FAILED | of_application}
    for name, chosen in (filters | pairs | {"application + day": of_application | day}).items():
        yield name, _log(WHITE_LABEL, chosen)


def _long_ago() -> Parameters:
    return {"accepted_at_from_0": _days_ago(200), "accepted_at_to_0": _days_ago(200)}


def _days_ago(days: int) -> str:
    return f"{timezone.now() - timedelta(days=days):%Y-%m-%d}"


def _everywhere(console: str) -> Iterator[tuple[str, str]]:
    """Return the search of every page."""
    known = Delivery.objects.order_by("-id")[1000]
    typed = {
        "a name": "kali",
        "a page": "suppressed",
        "the beginning of a recipient": known.recipient[:-6],
        "the beginning of many recipients": known.recipient[:3],
        "a message's id": known.email_id,
        "without a hit": "nobodywaseverhere",
    }
    for name, words in typed.items():
        yield name, f"{console}search/?{urlencode({'s': words, 'extended': 1})}"


def _searches(console: str) -> Iterator[tuple[str, str]]:
    known = Delivery.objects.select_related("email").order_by("-id")[1000]
    words = {
        "a recipient": known.recipient,
        "the beginning of a recipient": known.recipient[:-6],
        "a Message-ID": known.email.message_id,
        "a word of many subjects": "order",
        "a word of many subjects, none of the last three days": "shipped",
        "a word of few subjects": "kalidu",
        "a word of an old campaign": "catalogue",
        "two words": "booking kalidu",
        "without a hit": "nobodywaseverhere",
    }
    return ((name, _log(console, {"q": typed})) for name, typed in words.items())


def _log(console: str, parameters: Parameters) -> str:
    return f"{console}deliveries/?{urlencode(parameters)}"

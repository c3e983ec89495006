"""Decide which SMTP server an application's mail leaves through, and as whom. The only place that decides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from phrases import names
from smtp_settings.header_fields import readable
from smtp_settings.models import Communication, SmtpServer
from smtp_settings.scope import PLATFORM, SECOND
from whitelabel import brands
from whitelabel.domain_names import display_name, domain_of
from whitelabel.models import Application, WhiteLabel
from whitelabel.models.application import ARCHIVED
from whitelabel.route_facts import FactsOfMany, RouteFacts

DEFAULT_LOCAL_PART = "no-reply"
NOT_AN_ADMIN = "who is not an admin of"  # in the reason of each route that its owner decides


@dataclass(frozen=True)
class Address:
    """A display name, possibly "", and an address, possibly ""."""

    name: str = ""
    address: str = ""

    def __str__(self) -> str:
        return readable(self.name, self.address)

    @property
    def honest(self) -> "Address":
        """The address with its name as far as receivers may see it, "" where that holds another address."""
        return Address(names.beside(self.address, self.name), self.address)

    @property
    def nameless(self) -> "Address":
        return Address("", self.address)


@dataclass(frozen=True)
class Route:
    """Server and sender, decided together, and why.

    `hold` says why mail must wait; "" means it may leave. `hold_until` is when that is worth another try.
    """

    rule: int
    server: SmtpServer
    sender: Address
    reply_to: Address | None
    reasons: tuple[str, ...] = field(default=())
    hold: str = ""
    hold_until: datetime | None = None


NOBODY = Address()
AS_THEY_ARE_NEEDED = RouteFacts()


def routes_of(applications: Collection[Application]) -> list[Route]:
    """Return the route of each, for a few queries however many they are; owners and white-labels come with them."""
    facts = FactsOfMany(applications)
    return [route_for(application, facts=facts) for application in applications]


def route_for(
    application: Application | None, wanted: Address = NOBODY, *, facts: RouteFacts = AS_THEY_ARE_NEEDED
) -> Route:
    """Return the route of `application` (None: the platform itself) for mail that asks to be from `wanted`.

    Reads the database and changes nothing. The rows of the table are those of the docs, "The one rule".
    """
    route = _named(_route(application, _wanted(application, wanted), [], facts), application, wanted)
    route = _with_honest_names(route, application)
    return replace(route, hold=ARCHIVED, hold_until=None) if application and application.is_archived else route


def _named(route: Route, application: Application | None, wanted: Address) -> Route:
    """Return the route of mail of the platform itself with the name that it writes under, as of a white-label."""
    if application or wanted.address or not wanted.name:
        return route
    reasons = (*route.reasons, f"The platform writes in the name of {wanted.name}.")
    return replace(route, sender=Address(wanted.name, route.sender.address), reasons=reasons)


def _with_honest_names(route: Route, application: Application | None) -> Route:
    """Return the route without names that receivers would take for somebody else's; the only place for all of them.

    What cannot be seen is left out of a name. One that holds another address, or a brand that is not its white-label's,
    is dropped; the platform's own name is nobody else's.
    """
    judged = [application.white_label_id] if application else []
    reasons = list(route.reasons)
    sender = _honest(route.sender, judged if route.rule in (1, 2) else [], reasons)
    reply_to = route.reply_to and _honest(route.reply_to, judged, reasons)
    return replace(route, sender=sender, reply_to=reply_to, reasons=tuple(reasons))


def sender_of(server: SmtpServer) -> Address:
    """Return whom receivers see as the sender of mail that leaves through `server` as its scope has named it."""
    white_label = server.scope_key.partition(WhiteLabel.SCOPE)[2]
    sender = Address(server.sender_name, server.sender_address)
    return _honest(sender, [int(white_label)] if white_label else [], [])


def honest_reply_to(mailbox: Address, application: Application | None) -> Address:
    """Return where an application wants answers to go, its name judged as that of a route is."""
    return _honest(mailbox, [application.white_label_id] if application else [], [])


def _honest(mailbox: Address, holders: Sequence[brands.Holder], reasons: list[str]) -> Address:
    """Return the mailbox as receivers may see it; `holders` are whose brands it may hold, [] where all are."""
    honest, name = mailbox.honest, names.without_unseen(mailbox.name)
    why = "receivers would take the address in it for the sender's"
    if any(brands.is_anothers(honest.name, holder) for holder in holders):
        honest, why = honest.nameless, "it holds a name of somebody else here"
    if name and not honest.name:
        reasons.append(f"The name “{name}” is left out, because {why}.")
    elif name != mailbox.name:
        reasons.append(f"Characters that cannot be seen are left out of the name “{name}”.")
    return honest


def _route(application: Application | None, wanted: Address, reasons: list[str], facts: RouteFacts) -> Route:
    white_label = _white_label_of(application, reasons, facts)
    if white_label and white_label.own_smtp_on:
        own = _own_server(white_label, wanted, reasons, facts)
        if own.hold == "" or not white_label.fall_back:
            return own
        reasons.append(f"{own.hold} {white_label} agreed to fall back to the platform's SMTP meanwhile.")
    elif white_label:
        reasons.append(f"{white_label} uses the platform's SMTP.")
    return _platform(white_label, wanted, reasons, facts)


def _wanted(application: Application | None, wanted: Address) -> Address:
    if wanted.address or application is None:
        return wanted
    return Address(wanted.name or application.sender_name or application.name, application.sender_address)


def _white_label_of(application: Application | None, reasons: list[str], facts: RouteFacts) -> WhiteLabel | None:
    """Return the white-label whose choice counts: the one the application's owner is an admin of."""
    if application is None:
        reasons.append("Mail of the platform itself.")
        return None
    white_label = application.white_label
    if white_label is None:
        reasons.append("The application is the platform's own.")
        return None
    if facts.is_admin(white_label, application.owner):
        reasons.append(f"{application.owner} owns the application and is an admin of {white_label}.")
        return white_label
    what = "own SMTP server" if white_label.own_smtp_on else "sending domain" if facts.live_domains(white_label) else ""
    belongs = f"application belongs to {application.owner}, {NOT_AN_ADMIN} {white_label}"
    unused = f"The {what} of {white_label} is not used, because this {belongs}; change its owner to use it."
    reasons.append(unused if what else f"This {belongs}.")
    return None


def _own_server(white_label: WhiteLabel, wanted: Address, reasons: list[str], facts: RouteFacts) -> Route:
    server = white_label.server
    assert server is not None
    hold, until = _trouble(server, f"The SMTP server of {white_label}", white_label.scope_key, facts)
    return Route(
        rule=1,
        server=server,
        sender=Address(server.sender_name, server.sender_address),
        reply_to=_reply_to(wanted, server.sender_address),
        reasons=(*reasons, f"{white_label} switched on its own SMTP server."),
        hold=hold,
        hold_until=until,
    )


def _platform(white_label: WhiteLabel | None, wanted: Address, reasons: list[str], facts: RouteFacts) -> Route:
    """Rows 2 to 4."""
    communication = facts.communication()
    server, (hold, until), sender = _platform_server(communication, reasons, facts)
    if not (communication.custom_smtp and communication.server):
        rule = 4
        reasons.append("The platform's custom SMTP is off: the built-in default server applies.")
    elif domain := _live_domain(white_label, wanted, facts):
        rule, sender = 2, _sender_on(domain, wanted)
        reasons.append(f"The platform's SMTP sends for {display_name(domain)}, an active domain of {white_label}.")
    else:
        rule = 3
        reasons.append("The platform's custom SMTP is on.")
        if white_label:
            reasons.append(f"{white_label} has no active sending domain, so the platform's sender is used.")
    return Route(rule, server, sender, _reply_to(wanted, sender.address), tuple(reasons), hold, until)


def _platform_server(
    communication: Communication, reasons: list[str], facts: RouteFacts
) -> tuple[SmtpServer, tuple[str, datetime | None], Address]:
    """Return the platform's server, what keeps its mail back, and its sender.

    While the first server is down, those of the second one, if that is set and well.
    """
    server, standby = communication.smtp, communication.standby
    scope_key = server.scope_key if server.is_default else PLATFORM
    trouble = _trouble(server, "The platform's SMTP server", scope_key, facts)
    if trouble[0] and communication.custom_smtp and standby and not (other := _trouble(standby, "", SECOND, facts))[0]:
        reasons.append(f"{trouble[0]} The platform's second SMTP server takes over meanwhile.")
        return standby, other, Address(standby.sender_name, standby.sender_address)
    return server, trouble, Address(*communication.sender)


def _trouble(server: SmtpServer, name: str, scope_key: str, facts: RouteFacts) -> tuple[str, datetime | None]:
    """Return why mail for the server of a scope must wait, "" where it need not, and until when."""
    if not server.if_of(scope_key):
        return f"{name} is somebody else's: what names it was changed in the database.", None
    if not server.usable:
        why = f"is paused: {server.pause_reason}" if server.pause_reason else "has not passed its check."
        return f"{name} {why}", None
    health = facts.health(server.key)
    if health.keeps_back:
        return f"{name} is not available: {health.why}", health.open_until
    return "", None


def _live_domain(white_label: WhiteLabel | None, wanted: Address, facts: RouteFacts) -> str | None:
    """Return the live domain that the wanted address is on, else the white-label's oldest live one."""
    if white_label is None:
        return None
    domains, asked = facts.live_domains(white_label), domain_of(wanted.address)
    return asked if asked in domains else next(iter(domains), None)


def _sender_on(domain: str, wanted: Address) -> Address:
    if domain_of(wanted.address) == domain:
        return Address(wanted.name, f"{wanted.address.rpartition('@')[0]}@{domain}")
    return Address(wanted.name, f"{DEFAULT_LOCAL_PART}@{domain}")


def _reply_to(wanted: Address, sender_address: str) -> Address | None:
    return wanted if wanted.address and wanted.address.lower() != sender_address.lower() else None

"""Who may do what: the roles of people, and the rights that each brings. The one table that decides it.

A platform-wide role is a column of the person; in a white-label, the white-label says which roles somebody has there.
Rights do not cross over: a platform owner has none in a white-label, whose console is its own people's.
"""

from collections.abc import Set
from enum import StrEnum
from typing import Protocol

from django.db.models import Q


class Role(StrEnum):
    """The first two are of the platform, the others of a white-label."""

    PLATFORM_OWNER = "Platform owner"
    SUPPORT = "Support"
    ADMIN = "Admin"
    VIEWER = "Viewer"


class Right(StrEnum):
    """A kind of act that pages offer: on the platform for every white-label, in a white-label for its own."""

    SEE = "see the console: mail, applications, domains and messages"
    WRITE_MESSAGES = "write and answer messages, also about domain requests"
    HANDLE_MAIL = "send mail again, cancel it, release addresses, send a test as an application"
    CHECK_DOMAINS = "have the DNS of a domain looked up now"
    REQUEST_DOMAINS = "request domains, withdraw them, share links to their records"
    DECIDE_DOMAINS = "decide domain requests and their records"
    CONFIGURE_SERVERS = "configure SMTP servers and what belongs to them: forms that hold secrets"
    MANAGE_KEYS = "make, confirm and revoke keys"
    MANAGE_APPLICATIONS = "create and change applications, and whose they are"
    MANAGE_WHITE_LABELS = "create and change white-labels"
    MANAGE_PEOPLE = "invite and change people, and what they may do"
    IMPORT_LISTS = "import lists of people, white-labels and applications"
    SEE_AUDIT_LOG = "see the audit log, or a white-label's part of it"
    LOOK_AS = "look at a white-label's console as its admins see it"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.PLATFORM_OWNER: frozenset(Right) - {Right.REQUEST_DOMAINS},
    Role.SUPPORT: frozenset(
        {Right.SEE, Right.WRITE_MESSAGES, Right.HANDLE_MAIL, Right.CHECK_DOMAINS, Right.SEE_AUDIT_LOG}
    ),
    Role.ADMIN: frozenset(
        {Right.SEE, Right.WRITE_MESSAGES, Right.HANDLE_MAIL, Right.CHECK_DOMAINS, Right.REQUEST_DOMAINS}
        | {Right.CONFIGURE_SERVERS, Right.MANAGE_KEYS, Right.MANAGE_PEOPLE, Right.SEE_AUDIT_LOG}
    ),
    Role.VIEWER: frozenset({Right.SEE}),
}

# Platform owners who may sign in, as a condition on rows; `roles_of` says the same of one person.
PLATFORM_OWNERS = Q(is_active=True, is_superuser=True)


class Place(Protocol):
    """Where people have roles of their own: a white-label."""

    def roles_of(self, person: object) -> Set[Role]:
        """Return the roles that somebody has there, whether or not they may sign in."""


def roles_of(person: object) -> Set[Role]:
    """Return the platform-wide roles of somebody, or of nobody, whether or not they may sign in."""
    if getattr(person, "is_superuser", False):
        return {Role.PLATFORM_OWNER}
    return {Role.SUPPORT} if getattr(person, "is_staff", False) else set()


def rights_of(person: object, *, at: Place | None = None) -> frozenset[Right]:
    """Return the rights of somebody who may sign in, on the platform or `at` a white-label; nobody has any."""
    if not getattr(person, "is_active", False):
        return frozenset()
    roles = roles_of(person) if at is None else at.roles_of(person)
    return frozenset().union(*(RIGHTS[role] for role in roles))


def may(person: object, right: Right, *, at: Place | None = None) -> bool:
    """Return whether somebody who may sign in has a role that brings `right`, on the platform or `at` a white-label."""
    return right in rights_of(person, at=at)

"""Who may do what: the roles of people, and the rights that each brings. The one place that decides it.

Platform-wide roles are columns of the person. A white-label's admins are its `admins` (`whitelabel`), an application's
owner its `owner`: their rights end at that white-label or application, so those are asked there.
"""

from enum import StrEnum

from django.db.models import Q


class Role(StrEnum):
    PLATFORM_OWNER = "Platform owner"


class Right(StrEnum):
    SEE_EVERYTHING = "see the rows of every white-label"
    USE_OWNER_CONSOLE = "use the owner's console"
    ACT_FOR_PLATFORM = "decide what is the platform's to decide"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.PLATFORM_OWNER: frozenset(Right),
}

# Platform owners who may sign in, as a condition on rows; `may` says the same of one person.
PLATFORM_OWNERS = Q(is_active=True, is_superuser=True)


def roles_of(person: object) -> set[Role]:
    """Return the platform-wide roles of somebody, or of nobody, whether or not they may sign in."""
    return {Role.PLATFORM_OWNER} if getattr(person, "is_superuser", False) else set()


def may(person: object, right: Right) -> bool:
    """Return whether somebody who may sign in has a role that brings `right`; nobody has one."""
    return bool(getattr(person, "is_active", False)) and any(right in RIGHTS[role] for role in roles_of(person))

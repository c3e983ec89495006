"""Who walks, and what the declarations of the pages say they are let in to."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from people.access import Audience, Rights
from people.roles import RIGHTS, Right, Role
from testing.walls.addresses import Address

OWNER, WHITE_LABEL = "owner", "whitelabel"


@dataclass(frozen=True)
class Visitor:
    """Somebody with `rights` in a console, by its name; nobody's rights reach outside the consoles."""

    rights: Mapping[str, Set[Right]] = field(default_factory=dict)
    is_signed_in: bool = True

    @classmethod
    def with_role(cls, role: Role) -> "Visitor":
        console = OWNER if role in (Role.PLATFORM_OWNER, Role.SUPPORT) else WHITE_LABEL
        return cls({console: RIGHTS[role]})

    def may_have(self, address: Address, method: str) -> bool:
        """Return whether the page says that it is for them, by `method`."""
        access = address.access
        if isinstance(access, Rights):
            return access.needed(method) in self.rights.get(address.console, ())
        return access is Audience.ANYBODY or (access is Audience.SIGNED_IN and self.is_signed_in)

    def may_change(self, address: Address) -> bool:
        """Return whether they may change a tenant's rows there: looking does not."""
        access = address.access
        return not isinstance(access, Rights) or access.post not in (None, Right.SEE)


NOBODY = Visitor(is_signed_in=False)
WITHOUT_ROLE = Visitor()

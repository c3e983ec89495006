"""Who has which role in a white-label, for the audit log: by the address, which a removed row does not take along."""

from django.http import HttpRequest

from backoffice.audit.middleware import record_instead
from backoffice.console.scope import current_person
from people.audit import Change, name_of
from whitelabel.models import WhiteLabel


def record_role(
    request: HttpRequest, act: str, white_label: WhiteLabel, email: str, *, before: str = "", after: str = ""
) -> None:
    """Append an entry about what somebody was in a white-label and is now, "" for nothing."""
    change: Change = {
        "thing": name_of(white_label),
        "field": "role",
        "before": f"{before}: {email}" if before else "",
        "after": f"{after}: {email}" if after else "",
    }
    record_instead(request, act, person=current_person(request), changes=[change], concerns=[white_label.pk])

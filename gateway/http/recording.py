"""What a key does is in the audit log under the public beginning of the key, for its application's white-label."""

from collections.abc import Iterable

from django.http import HttpRequest

from gateway.http.bearer import application_of, key_of
from gateway.networks import household_of
from people import audit
from people.audit_repeated import worth_an_entry
from people.client_address import client_address
from phrases.phrase import Phrase

PATH_CHARS = 300


def record(request: HttpRequest, act: str, changes: Iterable[audit.Change], number: Phrase | None = None) -> None:
    """Append an entry about a request with a key of an application."""
    audit.record(
        act,
        who=key_of(request).shown,
        white_label=application_of(request).white_label_id,
        address=client_address(request)[:64],
        path=request.path[:PATH_CHARS],
        changes=changes,
        detail=number,
    )


def record_repeated(request: HttpRequest, act: str, change: audit.Change) -> None:
    """Append one about what a program does as often as it likes: less and less often, with the number."""
    worth, number = worth_an_entry(act, key_of(request).prefix, household_of(client_address(request)))
    if worth:
        record(request, act, [change], number)

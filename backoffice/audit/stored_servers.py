"""Record what a worker stored when the check that a person had begun was passed."""

from collections.abc import Mapping
from typing import Any

from people.audit import differences, record
from smtp_settings.models import SmtpCheck, SmtpServer
from whitelabel.own_server import white_label_of


def record_stored(
    sender: type[SmtpServer], *, check: SmtpCheck, before: Mapping[str, Any], after: Mapping[str, Any], **_: object
) -> None:
    """Append an entry with the values of the server before and after, named by its scope: see `server_verified`."""
    name = f"{SmtpServer._meta.label} {check.scope_key}"
    snapshots = [{name: {column: str(value) for column, value in values.items()}} for values in (before, after)]
    white_label = white_label_of(check.scope_key)
    record("smtp_server.store", person=check.person, white_label=white_label, changes=differences(*snapshots))

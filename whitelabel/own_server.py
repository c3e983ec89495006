"""The scope in which a white-label's own SMTP server is configured."""

from collections.abc import Mapping
from typing import Any, Self

from smtp_settings.choices import Policy
from smtp_settings.models import SmtpServer
from smtp_settings.scope import Scope
from whitelabel.models import WhiteLabel


class WhiteLabelScope(Scope):
    """A white-label's own server; the switch is its choice between that one and the platform's."""

    policy = Policy.WHITE_LABEL

    @classmethod
    def load(cls, key: str, beside: Mapping[str, Any]) -> Self | None:
        white_label = WhiteLabel.objects.select_related("server").filter(pk=_id_in(key)).first()
        if white_label is None:
            return None
        server = white_label.server and white_label.server.if_of(key)
        return cls(key=key, server=server, in_use=white_label.own_smtp_on, beside=beside)

    def save_choice(self, server: SmtpServer | None, on: bool) -> None:
        option = WhiteLabel.MailOption.OWN if on and server else WhiteLabel.MailOption.PLATFORM
        values = {**self.beside, "server": server, "mail_option": option}
        WhiteLabel.objects.filter(pk=_id_in(self.key)).update(**values)


def white_label_of(key: str) -> int | None:
    """Return the id of the white-label whose scope `key` names, None for the platform's scopes."""
    return int(_id_in(key)) if key.startswith("white-label:") else None


def _id_in(key: str) -> str:
    """Return the id in what `WhiteLabel.scope_key` gave."""
    return key.partition(":")[2]

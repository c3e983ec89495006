"""The scope in which a white-label's own SMTP server is configured."""

from collections.abc import Mapping
from typing import Any

from smtp_settings.choices import Policy
from smtp_settings.models import SmtpServer
from smtp_settings.scope import Scope
from whitelabel.models import WhiteLabel


def of_white_label(tenant: str, beside: Mapping[str, Any]) -> Scope | None:
    """Return the scope of `tenant`, None where the white-label is gone."""
    white_label = WhiteLabel.objects.select_related("server").filter(pk=tenant.partition(":")[2]).first()
    if white_label is None:
        return None

    def attach(server: SmtpServer | None, on: bool) -> None:
        option = WhiteLabel.MailOption.OWN if on and server else WhiteLabel.MailOption.PLATFORM
        WhiteLabel.objects.filter(pk=white_label.pk).update(**{**beside, "server": server, "mail_option": option})

    return Scope(Policy.WHITE_LABEL, tenant, white_label.server, white_label.own_smtp_on, attach)

"""The rows that programs make in the product: the platform's server, white-labels with an application each, keys."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smtp_settings.models import SmtpServer
    from whitelabel.models import Application

PASSWORD = "a password that nobody types"
PLATFORM_OWNER = "platform@people.test"


def platform_server(*, secret: str = "", **values: Any) -> None:
    """Make a verified server and switch it on for the whole platform."""
    from smtp_settings.models import Communication

    communication = Communication.current()
    communication.server, communication.custom_smtp = verified_server("platform", secret=secret, **values), True
    communication.save()


def verified_server(scope_key: str, *, secret: str = "", **values: Any) -> "SmtpServer":
    """Make a server with the platform's policy, the only one under which a server may be in clear and on any port."""
    from smtp_settings.choices import Policy, State
    from smtp_settings.models import SmtpServer

    server = SmtpServer(policy=Policy.PLATFORM, scope_key=scope_key, state=State.VERIFIED, **values)
    server.seal_secret(secret)
    server.save()
    return server


def shop() -> None:
    """Make the application Shop of the white-label Acme, which uses the platform's server."""
    application("Shop", "Acme", "alice@acme.test")


def application(name: str, white_label: str, owner: str, own_server: "dict[str, Any] | None" = None) -> "Application":
    """Make an application whose owner is an admin of its white-label; `own_server` is what the white-label's has."""
    from people.models import User
    from whitelabel.models import Application, WhiteLabel

    made = WhiteLabel.objects.create(name=white_label, brand_name=white_label)
    if own_server:
        made.server, made.mail_option = verified_server(made.scope_key, **own_server), WhiteLabel.MailOption.OWN
        made.save()
    person = User.objects.create_user(owner, PASSWORD)
    made.admins.set([person])
    return Application.objects.create(name=name, owner=person, white_label=made)


def key(application: str) -> str:
    """Make a key of an application, as the platform does, and return its secret."""
    from whitelabel.models import Application

    return _issued(application=Application.objects.get(name=application))


def provisioning_key() -> str:
    """Make a key of the platform and return its secret."""
    from gateway.choices import Scope

    return _issued(scopes=Scope.PROVISION)


def _issued(**values: Any) -> str:
    from gateway.choices import Maker
    from gateway.models import Key
    from people.models import User

    by = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser(PLATFORM_OWNER, PASSWORD)
    return Key(name="key", **values).issue(by=by, maker=Maker.PLATFORM)

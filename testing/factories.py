"""Small makers of rows. Alice owns Acme, Bob is her colleague there, Charlie belongs to Globex and is refused."""

from collections.abc import Iterable
from typing import Any

from gateway.choices import Maker
from gateway.models import Key
from people.models import User
from smtp_settings.choices import Auth, Policy, Security, State
from smtp_settings.models import Communication, Credential, SmtpServer
from testing.servers.oauth import LoopbackOAuthServer
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, SendingDomain, WhiteLabel

PASSWORD = "correct horse battery"


def make_owner(email: str = "owner@platform.test") -> User:
    return User.objects.create_superuser(email, PASSWORD)


def make_support(email: str = "support@platform.test") -> User:
    return User.objects.create_user(email, PASSWORD, is_staff=True)


def make_person(email: str) -> User:
    return User.objects.create_user(email, PASSWORD)


def make_white_label(name: str = "Acme", *admins: User, viewers: Iterable[User] = ()) -> WhiteLabel:
    white_label = WhiteLabel.objects.create(name=name, brand_name=f"{name} Apps")
    white_label.admins.set(admins)
    white_label.viewers.set(viewers)
    return white_label


def make_application(owner: User, white_label: WhiteLabel | None = None, name: str = "Shop") -> Application:
    return Application.objects.create(name=name, owner=owner, white_label=white_label)


def make_key(application: Application | None, by: User, maker: Maker = Maker.WHITE_LABEL, **values: Any) -> Key:
    """Return a new key of `application` (None: of the platform), made in the console of `maker`."""
    return make_key_and_secret(application, by, maker, **values)[0]


def make_key_and_secret(
    application: Application | None, by: User, maker: Maker = Maker.WHITE_LABEL, **values: Any
) -> tuple[Key, str]:
    """Return a new key as `make_key` does, and its secret."""
    scopes = "send" if application else "provision"
    key = Key(application=application, **{"name": "Shop server", "scopes": scopes, **values})
    return key, key.issue(by=by, maker=maker)


def make_server(
    policy: str = Policy.PLATFORM, *, scope_key: str = "platform", secret: str = "", **values: object
) -> SmtpServer:
    """Return a saved, verified server on loopback; `values` override its fields."""
    fields: dict[str, object] = {
        "host": "localhost",
        "port": 2525,
        "security": Security.STARTTLS,
        "auth": Auth.PASSWORD if secret else Auth.NONE,
        "username": "user" if secret else "",
        "sender_name": "Sender",
        "sender_address": f"sender@{scope_key.replace(':', '-')}.test",
        "state": State.VERIFIED,
    }
    server = SmtpServer(policy=policy, scope_key=scope_key, **(fields | values))
    server.seal_secret(secret)
    server.save()
    return server


def make_token_server(
    smtp: LoopbackSmtpServer,
    oauth: LoopbackOAuthServer,
    source: str = "OTHER_APPLICATION",
    credential: Credential | None = None,
    **values: object,
) -> SmtpServer:
    """Return a server that is signed in to with tokens of `oauth`."""
    secret = (credential or Credential(oauth.client_secret)).pack()
    return make_server(secret=secret, **{**smtp.fields, **oauth.fields, "token_source": source, **values})


def switch_on_platform_smtp(server: SmtpServer) -> Communication:
    communication = Communication.current()
    communication.server, communication.custom_smtp = server, True
    communication.save()
    return communication


def give_own_smtp(white_label: WhiteLabel, server: SmtpServer, *, fall_back: bool = False) -> None:
    white_label.server, white_label.mail_option = server, WhiteLabel.MailOption.OWN
    white_label.fall_back = fall_back
    white_label.save()


def make_domain(
    white_label: WhiteLabel, domain: str = "acme.test", state: str = SendingDomain.State.ACTIVE
) -> SendingDomain:
    return SendingDomain.objects.create(white_label=white_label, domain=domain, state=state)


def smtp_form(loopback: LoopbackSmtpServer, **changed: object) -> dict[str, object]:
    """Return what the SMTP form posts for a good configuration of `loopback`."""
    return {
        "action": "save",
        "switched_on": "on",
        "host": "localhost",
        "port": loopback.port,
        "security": loopback.security,
        "auth": "PASSWORD",
        "username": "user",
        "password": "secret",
    } | changed

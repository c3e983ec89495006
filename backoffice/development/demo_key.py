"""A key for the doors that works on this machine alone: its secret is kept in the stack's folder, to be shown at each start."""

from pathlib import Path

from gateway.choices import Maker
from gateway.keys.authentication import authenticate
from gateway.models import Key
from people.audit import record
from people.models import User
from whitelabel.models import Application

FILE = "demo.key"
NAME, APPLICATION, OWNER = "bin/dev", "Acme Shop", "owner@builder.example"
HERE = "127.0.0.1"


def keep(path: Path) -> None:
    """Let `path` hold the secret of a key of the demo's application, for its owner's eyes only; make one if need be."""
    if path.exists() and isinstance(authenticate(path.read_text(), HERE), Key):
        return
    application = Application.objects.filter(name=APPLICATION).first()
    owner = User.objects.filter(email=OWNER).first()
    if application is None or owner is None:  # somebody made something else of the demo
        path.unlink(missing_ok=True)
        return
    for known in Key.objects.alive().filter(application=application, name=NAME):
        known.revoke(by=owner)
    key = Key(application=application, name=NAME, scopes="send")
    secret = key.issue(by=owner, maker=Maker.PLATFORM)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(secret)
    record("key.make", who="bin/dev")

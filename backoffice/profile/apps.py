"""allauth's list of sessions, whose rows have the names that the session store gives."""

from allauth.account.signals import user_logged_in
from allauth.usersessions.apps import UserSessionsConfig


class SessionListConfig(UserSessionsConfig):
    """Without allauth's own receivers, which would write down the keys."""

    def ready(self) -> None:
        from backoffice.profile.last_seen import note_sign_in

        user_logged_in.connect(note_sign_in, dispatch_uid="list of sessions")

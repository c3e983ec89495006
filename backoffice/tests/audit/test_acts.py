"""Every act of the product has a code and words: each page that takes a POST, each call that changes something."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from backoffice.audit.acts import VERBS, WORDS
from backoffice.audit.middleware import act_of
from backoffice.urls import AUDIENCES
from gateway.http.api import api
from people.access import Rights, access_of

CONSOLES = ("owner", "whitelabel")
OF_THE_SIGN_IN = {"login", "logout", "password_change", "password_change_done"}  # its signals are heard
OUTSIDE = {  # the pages outside the consoles, and what each is called in the log; None: nothing is done there
    "account_change_password": "password.change",
    "account_confirm_email": None,
    "account_confirm_login_code": None,
    "account_email": None,
    "account_email_verification_sent": None,
    "account_inactive": None,
    "account_login": "sign_in",
    "account_logout": "sign_out",
    "account_reauthenticate": None,
    "account_reset_password": None,  # a mail may leave; what its link does is recorded
    "account_reset_password_done": None,
    "account_reset_password_from_key": "password.set_by_link",
    "account_reset_password_from_key_done": None,
    "account_set_password": "password.set",
    "account_signup": None,
    "account_to_profile": None,
    "console_arrive": None,  # the sign-in was recorded where it was
    "console_leave": None,
    "dns_check": None,  # whoever holds the link has DNS looked up
    "dns_records": None,
    "dns_status": None,
    "healthz": None,
    "home": None,
    "invitation_accept": "member.accept",
    "invitation_decline": "member.decline",
    "membership_leave": "member.leave",
    "memberships": None,
    "mfa_activate_totp": "factor.add",
    "mfa_add_webauthn": "factor.add",
    "mfa_authenticate": "factor.fail",
    "mfa_deactivate_totp": "factor.remove",
    "mfa_download_recovery_codes": None,
    "mfa_edit_webauthn": None,  # its name
    "mfa_generate_recovery_codes": "factor.renew",
    "mfa_index": None,
    "mfa_list_webauthn": None,
    "mfa_login_webauthn": "sign_in",
    "mfa_reauthenticate": "factor.fail",
    "mfa_reauthenticate_webauthn": "factor.fail",
    "mfa_remove_webauthn": "factor.remove",
    "mfa_view_recovery_codes": None,
    "organisation": None,
    "organisation_callback": "sign_in",
    "palette": None,
    "profile": None,
    "profile_email": "email_change.ask",
    "profile_email_cancel": "email_change.cancel",
    "profile_email_confirm": "email_change.confirm",
    "profile_email_link": None,
    "profile_locale": "profile.change",
    "profile_name": "profile.change",
    "profile_notices": "profile.change",
    "profile_session_end": "session.end",
    "profile_sessions_end": "session.end_others",
    "sessions_to_profile": None,
    "usersessions_list": None,
}
CALLS = {  # the calls of the HTTP API that change something, and what the audit log calls them
    "POST /domains": "domain.request",
    "POST /domains/{domain_id}/verify": "domain.check",
    "DELETE /domains/{domain_id}": "domain.withdraw",
    "POST /emails": None,  # each mail is in the delivery log, with its key
    "POST /emails/batch": None,
    "PATCH /emails/{email_id}": "delivery.reschedule",
    "POST /emails/{email_id}/cancel": "delivery.cancel",
    "PUT /people/{ref}": "people.user.add",
    "PATCH /people/{ref}": "people.user.change",
    "DELETE /people/{ref}": "people.user.archive",
    "PUT /white-labels/{ref}": "whitelabel.whitelabel.add",
    "PATCH /white-labels/{ref}": "whitelabel.whitelabel.change",
    "DELETE /white-labels/{ref}": "whitelabel.whitelabel.archive",
    "PUT /applications/{ref}": "whitelabel.application.add",
    "PATCH /applications/{ref}": "whitelabel.application.change",
    "DELETE /applications/{ref}": "whitelabel.application.archive",
    "POST /sync": "whitelabel.application.change",
}


def test_every_page_outside_the_consoles_is_known_with_its_act() -> None:
    assert set(AUDIENCES) - set(OUTSIDE) == set()
    assert all(has_words(act) for name, act in OUTSIDE.items() if act and name in AUDIENCES)


def posted_to(patterns: list[URLPattern | URLResolver], console: str = "") -> Iterator[str]:
    """Yield the names of the consoles' pages that take a POST, from whomever."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from posted_to(pattern.url_patterns, pattern.namespace or console)
        elif console in CONSOLES and pattern.name:
            access = access_of(pattern.callback)
            if not isinstance(access, Rights) or access.post:
                yield pattern.name


def has_words(act: str) -> bool:
    label, _, verb = act.rpartition(".")
    return act in WORDS or (label.count(".") == 1 and verb in VERBS)


def test_every_page_of_the_consoles_that_takes_a_post_has_a_code_and_words() -> None:
    names = set(posted_to(get_resolver().url_patterns))
    assert "domain_refuse" in names
    assert {name for name in names - OF_THE_SIGN_IN if not has_words(act_of(name))} == set()


def calls() -> set[str]:
    found = set()
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                found |= {f"{method} {prefix}{path}".rstrip("/") for method in operation.methods if method != "GET"}
    return found


def test_every_call_that_changes_something_has_a_code_and_words() -> None:
    assert {call.replace("//", "/") for call in calls()} == set(CALLS)
    assert all(has_words(act) for act in CALLS.values() if act)

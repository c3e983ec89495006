"""Whatever people read about their account is written here: no page and no e-mail is allauth's own."""

from pathlib import Path

import allauth
import pytest
from django.core import mail
from django.template import Template
from django.template.loader import get_template
from django.test import Client
from django.urls import NoReverseMatch, reverse

from backoffice.accounts.notifications import CHANGES
from backoffice.tests.accounts.steps import sign_in
from backoffice.urls import AUDIENCES
from people.access import Audience
from people.models import User
from testing.factories import PASSWORD

ALLAUTHS = Path(allauth.__file__).parent / "templates"
WORDLESS = ("base", "snippets/")  # names of templates that hold a frame or scripts
NOTICES = [
    *(f"account/email/password_{what}" for what in ("changed", "reset", "set")),
    *(f"mfa/email/totp_{what}" for what in ("activated", "deactivated")),
    *(f"mfa/email/webauthn_{what}" for what in ("added", "removed")),
    "mfa/email/recovery_codes_generated",
]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def pages() -> list[str]:
    """Return the addresses of sign-in and account that name nothing of their own."""
    names = [name for name, audience in AUDIENCES.items() if audience is not Audience.NOBODY]
    return [address for name in names if name.startswith(("account_", "mfa_")) for address in _address(name)]


def _address(name: str) -> list[str]:
    try:
        return [reverse(name)]
    except NoReverseMatch:
        return []


def not_ours(templates: list[Template]) -> list[str]:
    origins = [Path(template.origin.name) for template in templates if template.origin]
    names = [str(origin.relative_to(ALLAUTHS)) for origin in origins if origin.is_relative_to(ALLAUTHS)]
    return [name for name in names if not any(each in name for each in WORDLESS)]


@pytest.mark.parametrize("address", pages())
def test_no_page_is_in_allauths_words(address: str, client: Client, alice: User) -> None:
    shown = [client.get(address), client.post(address)]
    sign_in(client, alice.email)
    shown.append(client.get(address))
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    shown += [client.get(address), client.post(address)]
    assert not_ours([template for each in shown for template in getattr(each, "templates", [])]) == []


@pytest.mark.parametrize("notice", NOTICES)
def test_no_notice_is_in_allauths_words(notice: str) -> None:
    subject, what = CHANGES[notice]
    allauths = [get_template(f"{notice}_{part}.txt").render({}) for part in ("subject", "message")]
    assert not [words for words in allauths if subject in words or what in words]


def test_a_notice_names_the_device_in_plain_words_and_says_what_to_do(alice: User) -> None:
    client, new = Client(headers={"user-agent": FIREFOX}), "a whole new word"
    sign_in(client, alice.email)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    notice = mail.outbox[-1]
    assert notice.subject == "Your password was changed"
    assert "Device: Firefox on Linux" in str(notice.body)
    assert "/accounts/password/reset/" in str(notice.body)
    assert FIREFOX not in str(notice.body)

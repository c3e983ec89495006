"""A second factor works for the person it was set up by; rows that are copied, edited or put in by SQL open nothing."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.test import Client

from backoffice.accounts.sealed_factors import REFUSED, FactorRefused
from backoffice.tests.accounts.steps import FACTORS, SECOND_STEP, SECRET, code_for, is_signed_in, sign_in
from people.models import User

COLUMNS = "user_id, type, data, created_at, last_used_at"


def sql(statement: str, *values: str | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def copy_factors(of: User, to: User) -> None:
    others = COLUMNS.replace("user_id", "%s")
    sql(
        f"INSERT INTO mfa_authenticator ({COLUMNS}) SELECT {others} FROM mfa_authenticator WHERE user_id = %s",
        to.pk,
        of.pk,
    )


def put_in(person: User, kind: str, data: dict[str, object]) -> None:
    values = "VALUES (%s, %s, %s, CURRENT_TIMESTAMP, NULL)"
    sql(f"INSERT INTO mfa_authenticator ({COLUMNS}) {values}", person.pk, kind, json.dumps(data))


def second_step(client: Client, person: User, code: str) -> str:
    sign_in(client, person.email)
    response = client.post(SECOND_STEP, {"code": code})
    assert response.status_code in (200, 302, 403)
    return "" if response.status_code == 302 else response.content.decode()


def test_the_secret_is_not_to_be_read_in_the_database(alice: User) -> None:
    TOTP.activate(alice, SECRET)
    seed = RecoveryCodes.activate(alice).instance.data["seed"]
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in stored
    assert seed not in stored


def test_a_factor_that_was_saved_again_works(client: Client, alice: User) -> None:
    TOTP.activate(alice, SECRET)
    Authenticator.objects.get().record_usage()
    Authenticator.objects.get().save()
    assert second_step(client, alice, code_for()) == ""
    assert is_signed_in(client, alice)


def test_a_factor_that_was_copied_to_another_person_is_refused_in_words_and_in_the_log(
    client: Client, alice: User, charlie: User, caplog: pytest.LogCaptureFixture
) -> None:
    TOTP.activate(alice, SECRET)
    copy_factors(alice, charlie)
    assert REFUSED in second_step(client, charlie, code_for())
    assert not is_signed_in(client, charlie)
    assert f"Refused the second factor totp of person {charlie.pk}" in caplog.text


def test_recovery_codes_that_were_copied_are_refused(client: Client, alice: User, charlie: User) -> None:
    codes = RecoveryCodes.activate(alice).get_unused_codes()
    TOTP.activate(charlie, SECRET)
    copy_factors(alice, charlie)
    assert REFUSED in second_step(client, charlie, codes[0])
    assert not is_signed_in(client, charlie)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("totp", {"secret": SECRET}),
        ("totp", {"sealed": SECRET}),
        ("totp", {"sealed": 7}),
        ("totp", {}),
        ("recovery_codes", {"seed": "00", "used_mask": 0}),
        ("recovery_codes", {"migrated_codes": [code_for()], "used_mask": 0}),
    ],
)
def test_a_factor_that_was_put_in_by_sql_is_refused(
    kind: str, data: dict[str, object], client: Client, alice: User
) -> None:
    if kind != "totp":
        TOTP.activate(alice, "NB2W45DFOIZA====")
    put_in(alice, kind, data)
    assert REFUSED in second_step(client, alice, code_for())
    assert not is_signed_in(client, alice)


def test_a_factor_that_was_turned_into_another_kind_is_refused(alice: User) -> None:
    RecoveryCodes.activate(alice)
    sql("UPDATE mfa_authenticator SET type = 'totp'")
    with pytest.raises(FactorRefused):
        Authenticator.objects.get().wrap().validate_code(code_for())


def test_a_copied_row_does_not_become_a_genuine_one_by_being_saved(alice: User, charlie: User) -> None:
    TOTP.activate(alice, SECRET)
    copy_factors(alice, charlie)
    copied = Authenticator.objects.get(user=charlie)
    stored = Authenticator.objects.filter(user=charlie).values_list("data", flat=True)
    before = stored.get()
    copied.record_usage()
    copied.save()
    assert stored.get() == before


def test_the_page_of_ones_factors_is_shown_beside_one_that_is_refused(client: Client, alice: User) -> None:
    client.force_login(alice)
    put_in(alice, "webauthn", {"name": "Stolen", "credential": {}})
    client.force_login(alice)
    page = client.get(FACTORS)
    assert page.status_code == 200
    assert "Unreadable" in page.content.decode()
    assert "Stolen" not in page.content.decode()

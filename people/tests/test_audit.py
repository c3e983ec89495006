"""Recording what was done, by whatever door: differences between rows, and secrets that stay secret."""

import pytest
from django.apps import apps

from people.audit import SECRET_FIELDS, SECRET_PREFIX, differences, record, snapshot
from people.models import User


@pytest.mark.django_db
def test_what_changed_in_a_row_is_told_and_nothing_else(alice: User) -> None:
    before = snapshot(alice, None)
    alice.name, alice.last_login = "Alice A.", alice.date_joined
    (change,) = differences(before, snapshot(alice))
    assert change == {"thing": f"people.User {alice.pk}", "field": "name", "before": "", "after": "Alice A."}


@pytest.mark.django_db
def test_a_new_row_and_one_that_is_gone_are_told_in_full(alice: User) -> None:
    made = {change["field"]: change for change in differences({}, snapshot(alice))}
    gone = {change["field"]: change for change in differences(snapshot(alice), {})}
    assert (made["email"]["before"], made["email"]["after"]) == ("", "alice@acme.test")
    assert (gone["email"]["before"], gone["email"]["after"]) == ("alice@acme.test", "")


@pytest.mark.django_db
def test_a_password_is_only_said_to_be_there_or_not(alice: User) -> None:
    before = snapshot(alice)
    alice.set_unusable_password()
    (change,) = differences(before, snapshot(alice))
    assert (change["before"], change["after"]) == ("[secret]", "")


@pytest.mark.django_db
def test_an_entry_names_who_acted_or_which_command(alice: User) -> None:
    assert record("domain.request", person=alice).who == "alice@acme.test"
    assert record("secrets.rotate", who="manage.py rotate_secrets").who == "manage.py rotate_secrets"
    assert str(record("sign_in.fail")) == "sign_in.fail by nobody signed in"


@pytest.mark.django_db
def test_a_path_with_a_nul_is_recorded_as_people_can_read_it() -> None:
    assert (
        record("sign_in", path="/backoffice/white-labels/\0/change/").path == "/backoffice/white-labels/\ufffd/change/"
    )


def test_every_column_of_our_own_that_sounds_secret_is_masked() -> None:
    ours = [config for config in apps.get_app_configs() if config.name in ("people", "smtp_settings", "whitelabel")]
    names = {field.name for config in ours for model in config.get_models() for field in model._meta.concrete_fields}
    secret = {name for name in names if name.endswith(("password", "secret", "token", "tokens"))}
    assert {name for name in secret if not name.startswith(SECRET_PREFIX)} <= SECRET_FIELDS

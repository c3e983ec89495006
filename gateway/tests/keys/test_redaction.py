"""What is logged holds no secret of a key."""

import base64
import logging
from io import StringIO
from typing import Any

import pytest
from django.conf import settings

from gateway.keys.redaction import RedactingFormatter, redact
from gateway.secret import new_prefix, new_secret


@pytest.fixture
def secret() -> str:
    return new_secret(new_prefix())


def forms_of(secret: str) -> list[str]:
    sasl = [secret, f"\0key\0{secret}", f"a\0key\0{secret}", f"ab\0key\0{secret}", f"key:{secret}", f"xx{secret}"]
    encoded = [base64.b64encode(form.encode()).decode() for form in sasl]
    return [secret, *encoded, *(form.rstrip("=") for form in encoded), secret.encode().hex()]


def test_a_secret_is_masked_in_every_form_of_a_sign_in(secret: str) -> None:
    for form in forms_of(secret):
        line = redact(f"AUTH PLAIN {form} from 203.0.113.7")
        assert form not in line
        assert secret[-20:] not in line
        assert line.startswith("AUTH PLAIN ")
        assert line.endswith("[secret] from 203.0.113.7")


def test_the_public_beginning_stays(secret: str) -> None:
    assert redact(f"Authorization: Bearer {secret}") == f"Authorization: Bearer {secret[:20]}[secret]"
    assert redact(f"GET /?key={secret}&x=1").endswith(f"key={secret[:20]}[secret]&x=1")


def test_other_text_stays_as_it_is(secret: str) -> None:
    text = f"Sent 4711 to dana@customer.example, {'A' * 60}, {secret[:20]}…"
    assert redact(text) == text


def test_messages_arguments_and_tracebacks_are_masked(secret: str) -> None:
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(RedactingFormatter("%(message)s"))
    logger = logging.Logger("door")
    logger.addHandler(handler)
    try:
        raise ValueError(secret)
    except ValueError:
        logger.exception("refused %s and %r", secret, [secret])
    assert secret not in written.getvalue()
    assert written.getvalue().count("[secret]") == 3


def test_everything_that_the_product_logs_goes_this_way() -> None:
    logs: Any = settings.LOGGING
    assert logs["root"]["handlers"] == list(logs["handlers"]) == ["console"]
    formatter = logs["formatters"][logs["handlers"]["console"]["formatter"]]
    assert formatter["()"] == "gateway.keys.redaction.RedactingFormatter"


def test_long_hostile_lines_take_no_longer_than_their_length() -> None:
    assert redact("Ym9fbWFp" * 200_000) == "[secret]"


@pytest.mark.parametrize(
    ("line", "logged"),
    [
        (
            '"GET /accounts/password/reset/key/2s-d0m9s0-0a1b2c3d4e5f/ HTTP/1.1" 302 0',
            '"GET /accounts/password/reset/key/2s-[secret]/ HTTP/1.1" 302 0',
        ),
        (
            "Not Found: /accounts/profile/email/link/2s-d0m9s0-0a1b2c3d4e5f/",
            "Not Found: /accounts/profile/email/link/[secret]/",
        ),
        ("Not Found: /dns/Zm9vYmFyMTIz/status/", "Not Found: /dns/[secret]/status/"),
        ("GET /accounts/password/reset/key/2s-set-password/", "GET /accounts/password/reset/key/2s-set-password/"),
        ("GET /backoffice/domains/", "GET /backoffice/domains/"),
    ],
)
def test_a_link_that_opens_something_by_its_address_is_not_logged(line: str, logged: str) -> None:
    record = logging.LogRecord("django.server", logging.INFO, "", 0, line, None, None)
    assert RedactingFormatter("%(message)s").format(record) == logged


@pytest.mark.parametrize("logger", ["django.request", "django.server"])
def test_what_django_says_of_an_address_goes_through_the_formatter(logger: str) -> None:
    assert not logging.getLogger(logger).handlers
    assert logging.getLogger(logger).propagate

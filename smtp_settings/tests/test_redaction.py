"""Secrets are taken out of what servers say, in whatever form they echo them."""

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_settings.redaction import MASK, Redactor, xoauth2
from smtp_settings.transport.session import Session, SessionFailed
from testing import factories
from testing.servers.smtp import LoopbackSmtpServer

CANARY = 'canary-Tr0ub4dor&3 "x"'


@pytest.mark.parametrize(
    "echo",
    [
        CANARY,
        quote(CANARY, safe=""),
        html.escape(CANARY),
        json.dumps(CANARY),
        CANARY.encode().hex(),
        base64.b64encode(CANARY.encode()).decode(),
        base64.b64encode(f"\0user\0{CANARY}".encode()).decode(),
        base64.b64encode(xoauth2("user", CANARY).encode()).decode(),
    ],
)
def test_each_form_of_a_secret_is_masked(echo: str) -> None:
    text = Redactor("user", CANARY).clean(f"535 you said {echo} just now")
    assert MASK in text
    assert echo not in text
    assert text.endswith("just now")


@given(st.binary(max_size=20), st.text(st.characters(codec="utf-8"), min_size=11, max_size=40), st.binary(max_size=20))
def test_a_secret_is_masked_wherever_base64_hides_it(before: bytes, secret: str, after: bytes) -> None:
    hidden = base64.b64encode(before + secret.encode() + after).decode()
    assert Redactor("user", secret).clean(f"no: {hidden}") == f"no: {MASK}"


def test_it_does_not_show_what_it_knows() -> None:
    assert repr(Redactor("user", CANARY)) == "<Redactor>"


@pytest.mark.django_db
def test_a_secret_of_an_earlier_session_is_masked_from_the_first_word_on(smtp_server: LoopbackSmtpServer) -> None:
    server = factories.make_server(secret=CANARY, **smtp_server.fields)
    smtp_server.script("CONNECT", f"554 go away with {CANARY}")
    with Session(server) as session, pytest.raises(SessionFailed) as failed:
        session.connect()
    assert failed.value.text == f"go away with {MASK}"
    assert CANARY not in str(session.transcript)

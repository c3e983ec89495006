"""Secrets are taken out of what servers say, in whatever form they echo them."""

import base64
import html
import json
import random
import re
import string
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smtp_settings.redaction import LEFT_ASIDE, MASK, RAW_MAX_CHARS, TEXT_MAX_CHARS, Redactor, xoauth2
from smtp_settings.transport.session import Session, SessionFailed
from testing import factories
from testing.servers.smtp import LoopbackSmtpServer

CANARY = 'canary-Tr0ub4dor&3 "x"'
ENCODINGS: list[Callable[[str], str]] = [
    str,
    lambda secret: "".join(char.upper() if char.isascii() else char for char in secret),
    lambda secret: secret[::-1],
    lambda secret: quote(secret, safe=""),
    html.escape,
    lambda secret: json.dumps(secret)[1:-1],
    lambda secret: secret.encode().hex(),
    lambda secret: secret.encode().hex(" ").upper(),
    lambda secret: base64.b64encode(secret.encode()).decode(),
    lambda secret: base64.urlsafe_b64encode(f"x{secret}".encode()).decode(),
    lambda secret: quote(base64.b64encode(f"\0user\0{secret}".encode()).decode(), safe=""),
    lambda secret: base64.b64encode(xoauth2("user", secret).encode()).decode(),
]
SECRETS = st.text(string.ascii_letters + string.digits + string.punctuation + " éß", min_size=11, max_size=40)
SURROUNDINGS = st.text(string.ascii_letters + " \t\r\n\0.:+/é", max_size=60)
BREAKS = st.sampled_from(["\r\n", "\n", " ", "\r\n535-", "\r\n535 ", "\r\n535-5.7.8 ", "\u200b", "\t\xa0", "\0"])


def bare(text: str) -> str:
    return LEFT_ASIDE.sub("", text).lower()


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


@given(SECRETS, st.sampled_from(ENCODINGS), SURROUNDINGS, SURROUNDINGS, st.lists(BREAKS, max_size=6), st.randoms())
def test_a_secret_is_masked_whatever_surrounds_and_breaks_it(
    secret: str, encode: Callable[[str], str], before: str, after: str, breaks: list[str], chance: random.Random
) -> None:
    echo = encode(secret)
    places = {chance.randrange(1, len(echo)): line_end for line_end in breaks}
    broken = "".join(places.get(at, "") + char for at, char in enumerate(echo))
    assume(not re.search(r"\n(\d{3}[- ]\d|\d{3}[- ]|\d\.)\d", broken))  # the line goes on like another code
    text = Redactor("user", secret).clean(f"{before} {broken} {after}")
    assert MASK in text
    assert bare(echo).rstrip("=") not in bare(text)
    assert bare(secret) not in bare(text)


@pytest.mark.parametrize("encode", ENCODINGS[:-2])  # without a username before it
@pytest.mark.parametrize("limit", [RAW_MAX_CHARS, TEXT_MAX_CHARS])
def test_no_beginning_of_a_secret_is_left_where_a_text_is_cut(encode: Callable[[str], str], limit: int) -> None:
    echo = encode(CANARY)
    for left in range(len(echo) + 1):
        text = Redactor("user", CANARY).clean(" " * (limit - left - 100) + "no " * 33 + "-" + echo + " and more" * 600)
        rest = text.partition("-")[2].replace(MASK, "").replace("and more", "").strip()
        assert rest in "and more", left


@pytest.mark.parametrize(
    "reply", ['canary-Tr0\n ub4dor&3 "x"', 'canary-Tr0ub4dor&3\n"x" is wrong', 'c a nary-Tr0ub4dor&3"x"']
)
def test_a_secret_that_is_split_over_the_lines_of_a_reply_is_masked(reply: str) -> None:
    text = Redactor("user", CANARY).clean(reply)
    assert text.startswith(MASK)
    assert not re.search("canary|dor&", text)


def test_a_line_that_begins_like_a_code_may_be_the_secret() -> None:
    assert Redactor("user", "535-hello-535-there").clean("you said\n535-hello-535-there").endswith(MASK)


@pytest.mark.parametrize("secret", [CANARY, "a" * 500 + "b" + "a" * 499, "a"])
@pytest.mark.parametrize("part", ["YWFh", "a", "canary-Tr0ub4dor&3 ", "\n535 5.7.8 a", " \n", "é", "\u200b", "canary"])
def test_the_time_grows_with_the_length_and_not_with_its_square(secret: str, part: str) -> None:
    redactor = Redactor("user", secret)

    def seconds(length: int) -> float:
        reply = (part * length)[:length].encode()[:length]
        times = []
        for _ in range(5):
            started = time.process_time()
            redactor.clean(reply)
            times.append(time.process_time() - started)
        return min(times)

    assert seconds(RAW_MAX_CHARS) < 32 * seconds(RAW_MAX_CHARS // 8) + 0.01  # the square would be 64, and 1.4 s


def test_what_is_innocent_is_left_as_it_is() -> None:
    said = "5.7.8 Username and Password not accepted. For more information, go to https://support.example/?p=BadCredentials"
    assert Redactor("user", "Password1!").clean(said) == said


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

"""What a name may say beside an address: receivers must not take it for the address of somebody else."""

import pytest

from phrases.names import beside, without_unseen

OWN = "x@own.example"


@pytest.mark.parametrize(
    "name",
    [
        "ceo@bank.example",
        '"ceo@bank.example"',
        "The Bank (ceo@bank.example)",
        "CEO <ceo@bank.example>",
        '"john doe"@bank.example',
        "ceo@localhost",
        "ceo@[192.0.2.1]",
        "ceo @ bank.example",
        "ceo @bank.example",
        "ceo＠bank.example",
        "ceo﹫bank。example",
        "ceoⓐbank.example",
        "ceo@\u200bbank.example",
        "ceo\u2060@\u2060bank.example",
        "ceo@\u0332bank.example",
        "\u202eelpmaxe.knab@oec",
        "директор@банк.example",
        "notx@own.example",
        "x@own.example.evil.example",
        "x@own.example, ceo@bank.example",
        "ceo=?utf-8?q?=2C?=@bank.example",
    ],
)
def test_a_name_that_holds_another_address_is_left_out(name: str) -> None:
    assert beside(OWN, name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Zoë & Söhne",
        "Doe, Eve",
        "@acme",
        "Tom @ Acme",
        "Meet @ 8",
        "Müller @ Söhne",
        OWN,
        "X@OWN.example",
        f"Shop ({OWN})",
        "bank.example",
        "=?utf-8?q?a=0D=0ABcc:_x@users.test?=",
    ],
)
def test_any_other_name_stays_as_it_is(name: str) -> None:
    assert beside(OWN, name) == name


@pytest.mark.parametrize(
    "unseen", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\u2060\ufeff\u00ad\u3164"
)
def test_what_turns_letters_around_or_cannot_be_seen_is_left_out(unseen: str) -> None:
    assert beside(OWN, f"{unseen}Müller{unseen} Shop{unseen}") == "Müller Shop"
    assert without_unseen(f"Sh{unseen}op") == "Shop"


@pytest.mark.parametrize("joined", ["می‌خواهم", "क्‍ष", "👩‍💻 Ada", "❤️‍🔥"])
def test_joiners_stay_where_letters_need_them(joined: str) -> None:
    assert without_unseen(joined) == joined


@pytest.mark.parametrize("joiner", "\u200c\u200d")
def test_joiners_between_other_letters_are_left_out(joiner: str) -> None:
    assert without_unseen(f"{joiner}Pay{joiner}Pal ü{joiner}") == "PayPal ü"


@pytest.mark.parametrize("piece", ["@", " ", "ü", "@ ", "a@", "\u200b", "=?u?q?"])
def test_a_long_name_takes_no_time(piece: str) -> None:
    beside(OWN, "ü" + piece * 20_000 + "@")

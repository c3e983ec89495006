"""Names that are meant to be misread are remarked on."""

import pytest

from whitelabel.domain_names import canonical
from whitelabel.lookalikes import remarks

KNOWN = ["paypal.com", "acme.test", "bucher.de"]


@pytest.mark.parametrize(
    ("typed", "remark"),
    [
        ("аpple.com", "mixes letters of different scripts: Cyrillic, Latin"),
        ("рауо.com", "is written in Cyrillic letters but reads like “payo”"),
        ("paypa1.com", "looks like paypal.com"),
        ("acrne.test", "looks like acme.test"),
        ("bücher.de", "looks like bucher.de"),
        ("раураӏ.com", "looks like paypal.com"),
        ("ƿaypal.com", "looks like paypal.com"),
        ("paɣpal.com", "looks like paypal.com"),
        ("ɑᴄme.test", "looks like acme.test"),
        ("ⲣⲟⲥⲟ.com", "is written in Coptic letters but reads like “poco”"),
        ("ꮪꮃꭺ.com", "is written in Cherokee letters but reads like “swa”"),
        ("шум.com", "is written in Cyrillic letters but reads like “wym”"),
        ("լոս.com", "is written in Armenian letters but reads like “lnu”"),
    ],
)
def test_a_name_that_reads_like_another_is_remarked_on(typed: str, remark: str) -> None:
    assert remark in " ".join(remarks(canonical(typed), KNOWN))


@pytest.mark.parametrize("typed", ["acme.test", "example.com", "яндекс.рф", "東京カメラ.jp", "한국abc.kr", "größe.de"])
def test_an_honest_name_is_not(typed: str) -> None:
    assert remarks(canonical(typed), KNOWN) == []

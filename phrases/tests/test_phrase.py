"""Sentences for people: stored as message id and parameters, put into the reader's words when they are shown."""

import json
import pickle
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.template import Context, Template
from django.utils.translation import gettext_lazy, override, trans_real

from phrases.phrase import NESTED_MAX, Phrase

ONE, MANY = "%(what)s: %(count)s secret was sealed.", "%(what)s: %(count)s secrets were sealed."
GERMAN = {
    "": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n",
    "Hello %(name)s": "Guten Tag, %(name)s",
    "Half %(one)s": "Halb %(another)s",
    f"{ONE}\0{MANY}": "%(what)s: %(count)s Geheimnis versiegelt.\0%(what)s: %(count)s Geheimnisse versiegelt.",
}


def compiled(messages: dict[str, str]) -> bytes:
    """Return a catalogue as msgfmt writes it (gettext manual 10.3)."""
    pairs = [(key.encode(), messages[key].encode()) for key in sorted(messages)]
    start, tables, texts = 28 + 16 * len(pairs), [], b""
    for side in (0, 1):
        for pair in pairs:
            tables += [len(pair[side]), start + len(texts)]
            texts += pair[side] + b"\0"
    return struct.pack(f"<7I{len(tables)}I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0, *tables) + texts


@pytest.fixture
def german(tmp_path: Path, settings: LazySettings) -> Iterator[None]:
    """A real catalogue, which Django reads as any other."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(compiled(GERMAN))
    settings.LOCALE_PATHS = [str(tmp_path)]
    translations: dict[str, object] = vars(trans_real)["_translations"]
    translations.clear()
    yield
    translations.clear()


def there_and_back(phrase: Phrase) -> Phrase:
    return Phrase.from_json(json.loads(json.dumps(phrase.as_json())))


@pytest.mark.parametrize(
    "phrase",
    [
        Phrase("Hello"),
        Phrase("%(a)s %(b)s %(c)s %(d)s %(e)s", {"a": "text", "b": 1, "c": 1.5, "d": True, "e": None}),
        Phrase(ONE, {"what": "SMTP"}, count=0, plural=MANY),
        Phrase("%(who)s wrote: %(what)s", {"who": "Alice", "what": Phrase("Hello %(name)s", {"name": "Bob"})}),
    ],
)
def test_a_phrase_comes_back_as_it_was_stored(phrase: Phrase) -> None:
    assert there_and_back(phrase) == phrase
    assert pickle.loads(pickle.dumps(phrase)) == phrase
    assert {phrase: "may be a key"}[there_and_back(phrase)]


def test_what_is_empty_is_not_stored() -> None:
    assert Phrase("Hello").as_json() == {"message": "Hello"}


def test_the_count_chooses_the_plural() -> None:
    assert str(Phrase(ONE, {"what": "SMTP"}, count=1, plural=MANY)) == "SMTP: 1 secret was sealed."
    assert str(Phrase(ONE, {"what": "SMTP"}, count=3, plural=MANY)) == "SMTP: 3 secrets were sealed."
    assert str(Phrase(ONE, {"what": "SMTP"}, count=3)) == "SMTP: 3 secret was sealed."


def test_it_is_translated_when_it_is_shown(german: None) -> None:
    greeting, sealed = Phrase("Hello %(name)s", {"name": "Dana"}), Phrase(ONE, {"what": "SMTP"}, count=2, plural=MANY)
    with override("de"):
        assert str(greeting) == "Guten Tag, Dana"
        assert str(sealed) == "SMTP: 2 Geheimnisse versiegelt."
        assert str(Phrase("Never %(seen)s", {"seen": 1})) == "Never 1"
    assert str(greeting) == "Hello Dana"


def test_nested_phrases_and_numbers_are_in_the_readers_language_too(german: None) -> None:
    phrase = Phrase("%(share)s of %(what)s", {"share": 0.5, "what": Phrase("Hello %(name)s", {"name": "Dana"})})
    with override("de"):
        assert str(phrase) == "0,5 of Guten Tag, Dana"


def test_a_parameter_that_is_missing_shows_the_message_id(german: None) -> None:
    assert str(Phrase("Hello %(name)s")) == "Hello %(name)s"
    with override("de"):
        assert str(Phrase("Half %(one)s", {"one": 1})) == "Half %(one)s"


@pytest.mark.parametrize("typed", ["100%", "%s", "%(name)s", "{name.__class__}", "{0}", "%(count)99999999s", "\\1"])
def test_what_somebody_typed_stays_as_it_is(typed: str) -> None:
    assert str(Phrase("Hello %(name)s", {"name": typed})) == f"Hello {typed}"


def test_percent_signs_are_written_as_gettext_does() -> None:
    assert str(Phrase("%(share)s %% of all")) == "%(share)s %% of all"
    assert str(Phrase("%(share)s %% of all", {"share": 5})) == "5 % of all"


def test_a_template_escapes_it() -> None:
    phrase = Phrase("<b>%(name)s</b>", {"name": "<script>"})
    assert Template("{{ phrase }}").render(Context({"phrase": phrase})) == "&lt;b&gt;&lt;script&gt;&lt;/b&gt;"


def test_truths_and_nothing_have_words() -> None:
    assert str(Phrase("%(a)s/%(b)s/%(c)s", {"a": True, "b": False, "c": None})) == "yes/no/"


def test_only_what_json_keeps_may_be_a_parameter() -> None:
    for value in (object(), ["list"], gettext_lazy("lazy, which would be stored in one language")):
        with pytest.raises(TypeError):
            Phrase("%(value)s", {"value": value})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="no form in JSON"):
        Phrase("%(value)s", {"value": float("nan")})
    assert Phrase("%(value)s", {"value": "\x00\ud800"}).parameters == {"value": "\ufffd\ufffd"}


def deep(levels: int) -> dict[str, object]:
    return {"message": "%(x)s", "parameters": {"x": deep(levels - 1) if levels else "bottom"}}


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (None, ""),
        ("text", ""),
        ([1], ""),
        ({}, ""),
        ({"message": 7}, ""),
        ({"message": ""}, ""),
        ({"message": "Hi %(x)s", "parameters": []}, "Hi %(x)s"),
        ({"message": "Hi %(x)s", "parameters": {"x": [1]}}, "Hi %(x)s"),
        ({"message": "Hi %(x)s", "parameters": {"x": 1e999}}, "Hi %(x)s"),
        ({"message": "Hi %(x)s", "parameters": {"x": {}}}, "Hi "),
        ({"message": "Hi", "count": "7", "plural": 3}, "Hi"),
        ({"message": "Hi", "count": True}, "Hi"),
        ({"message": "%(a)1000000000s %(a.b)s %n %", "parameters": {"a": 1}}, "%(a)1000000000s %(a.b)s %n %"),
        (deep(NESTED_MAX), "bottom"),
        (deep(300), ""),
    ],
)
def test_hostile_json_never_raises(stored: object, shown: str) -> None:
    assert str(Phrase.from_json(stored)) == shown

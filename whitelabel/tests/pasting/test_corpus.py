"""Pastes as providers, DNS hosts, tools and people write them: nothing is wrong in silence, and most is right."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelabel.pasting import read
from whitelabel.tests.pasting.corpus import SAMPLES, Grade, Sample, grade, lost, sample_of

RIGHT_MIN = 0.95
SHOWN = [sample_of(path) for path in SAMPLES]


@pytest.mark.parametrize("sample", SHOWN, ids=lambda sample: sample.name)
def test_nothing_is_wrong_or_lost_in_silence(sample: Sample) -> None:
    pasted = read(sample.text, sample.domain)
    wrong = [row for row in pasted.rows if row.record not in sample.wanted]
    assert [row for row in wrong if not row.remarks] == []
    assert lost(sample, pasted) == []


def test_nearly_all_samples_are_read_right() -> None:
    grades = {sample.name: grade(sample, read(sample.text, sample.domain)) for sample in SHOWN}
    worse = sorted(name for name, given in grades.items() if given < Grade.REMARKED)
    assert len(worse) <= (1 - RIGHT_MIN) * len(SHOWN), worse


def test_the_corpus_is_large() -> None:
    assert len(SHOWN) >= 200
    assert len({sample.text for sample in SHOWN}) == len(SHOWN)


@pytest.mark.parametrize("sample", SHOWN, ids=lambda sample: sample.name)
def test_a_sample_is_read_the_same_within_a_letter(sample: Sample) -> None:
    letter = f"Hello,\n\n{sample.text}\nBest regards\nBob"
    inside, alone = read(letter, sample.domain), read(sample.text, sample.domain)
    assert {row.record for row in inside.rows} == {row.record for row in alone.rows}
    assert {"Hello,", "Best regards", "Bob"} <= {line for one in inside.unread for line in one.line.splitlines()}


@pytest.mark.parametrize("sample", SHOWN, ids=lambda sample: sample.name)
def test_a_sample_is_read_the_same_with_other_line_ends(sample: Sample) -> None:
    assert read(sample.text.replace("\n", "\r\n"), sample.domain) == read(sample.text, sample.domain)


def quoted(lines: list[str]) -> list[str]:
    return [f"> {line}" for line in lines]


def with_single_blanks(lines: list[str]) -> list[str]:
    return [line.replace("\t", " ") for line in lines]


def without_its_beginning(lines: list[str]) -> list[str]:
    return lines[len(lines) // 3 :]


def from_below(lines: list[str]) -> list[str]:
    return lines[::-1]


def in_another_order(lines: list[str]) -> list[str]:
    return sorted(lines)


def on_one_line(lines: list[str]) -> list[str]:
    return [" ".join(lines)]


DAMAGES = [quoted, with_single_blanks, without_its_beginning, from_below, in_another_order, on_one_line]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_paste_is_not_wrong_in_silence(damage: Callable[[list[str]], list[str]]) -> None:
    for sample in SHOWN:
        pasted = read("\n".join(damage(sample.text.split("\n"))), sample.domain)
        wrong = [row for row in pasted.rows if row.record not in sample.wanted]
        assert [row for row in wrong if not row.remarks] == [], sample.name


LETTERS = "\n\t |;,:\"'<>()[]{}=*`-@.#\\&%$"
SLIPS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.sampled_from(LETTERS)), max_size=8)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SHOWN), SLIPS)
def test_a_paste_with_wrong_letters_is_read_without_an_error(sample: Sample, slips: list[tuple[float, str]]) -> None:
    letters = list(sample.text)
    for place, letter in slips:
        letters[int(place * len(letters))] = letter
    read("".join(letters), sample.domain)

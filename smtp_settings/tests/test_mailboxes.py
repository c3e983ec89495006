"""Mailboxes as they are typed, and that reading them takes time by their length alone."""

import time

import pytest

from smtp_settings.mailboxes import mailbox, mailboxes

SECONDS = 5  # of CPU, for what takes a hundredth of it; anything superlinear would take minutes


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("eve@users.test", ("", "eve@users.test")),
        ("  Eve   <eve@users.test> ", ("Eve", "eve@users.test")),
        ("Eve<eve@users.test>", ("Eve", "eve@users.test")),
        ('"Doe, \\"Eve\\"" <eve@users.test>', ('Doe, "Eve"', "eve@users.test")),
        ('"Eve" von "Doe" <eve@users.test>', ("Eve von Doe", "eve@users.test")),
        ("Eve \\ Co <eve@users.test>", ("Eve \\ Co", "eve@users.test")),
        ("=?utf-8?q?caf=C3=A9?= <eve@users.test>", ("=?utf-8?q?caf=C3=A9?=", "eve@users.test")),
        ("Doe, Eve <eve@users.test>", ("Doe, Eve", "eve@users.test")),
        ('"f, g"@users.test', ("", '"f, g"@users.test')),
    ],
)
def test_a_mailbox_is_a_name_and_an_address(typed: str, parts: tuple[str, str]) -> None:
    assert mailbox(typed) == parts


@pytest.mark.parametrize(
    "typed", ["<a@users.test> <b@users.test>", '"Eve <eve@users.test>', "eve@users.test>", 'E"e <a@b>']
)
def test_what_is_no_mailbox_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="no mailbox"):
        mailbox(typed)


def test_a_list_has_commas_that_are_not_those_of_its_names() -> None:
    typed = '"Doe, Eve" <eve@users.test>,, "f, g"@users.test , Gus <gus@users.test>,'
    assert mailboxes(typed) == [("Doe, Eve", "eve@users.test"), ("", '"f, g"@users.test'), ("Gus", "gus@users.test")]
    assert mailboxes(" Undisclosed recipients: ;") == mailboxes("") == []
    with pytest.raises(ValueError, match="no mailbox"):
        mailboxes('a@users.test, "b')


@pytest.mark.parametrize(
    "piece", [" ", '"', '\\"', "\\", "<", ">", "(", "((", ", ", "<a", 'a "b\\" ', ":", "@", "a@b, "]
)
@pytest.mark.parametrize("before", ["", '"', "<"])
def test_reading_takes_time_by_the_length_alone(piece: str, before: str) -> None:
    begun = time.process_time()
    for behind in ("", "<eve@users.test>", '" <eve@users.test>'):
        for read in (mailbox, mailboxes):
            try:
                read(before + piece * 50_000 + behind)
            except ValueError:
                continue
    assert time.process_time() - begun < SECONDS

"""However many white-labels, people, applications and domains there are, no page brings them all to choose from."""

from collections import Counter
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import get_resolver

from people.access import Rights
from people.models import User
from testing.walls.addresses import addresses
from testing.walls.tenants import Tenant
from whitelabel.models import Application, SendingDomain, WhiteLabel

pytestmark = pytest.mark.django_db
MANY, MARK, MOST = 300, "qzcrowd", 20


class Choices(HTMLParser):
    """Counts what each chooser of a page offers of the crowd."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = Counter[str]()
        self.inside = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag in ("select", "datalist"):
            self.inside = given.get("name") or given.get("id") or tag
        if tag == "option" and MARK in (given.get("value") or ""):
            self.counts[self.inside] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "datalist"):
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside and MARK in data:
            self.counts[self.inside] += 1


@pytest.fixture
def crowd(alices: Tenant) -> None:
    """Make as many of everything, in white-labels of their own and in Alice's."""
    white_label: WhiteLabel = alices.row_of(WhiteLabel)
    people = User.objects.bulk_create(
        User(email=f"{number}@{MARK}.test", name=f"{MARK} {number}", password="!") for number in range(MANY)
    )
    others = [WhiteLabel.objects.create(name=f"{MARK} {number}", brand_name=MARK) for number in range(MANY)]
    for number, (person, other) in enumerate(zip(people, others, strict=True)):
        for where in (white_label, other):
            Application.objects.create(name=f"{MARK} {number}", owner=person, white_label=where)
        SendingDomain.objects.create(domain=f"{MARK}{number}.test", white_label=other)


@pytest.mark.parametrize(("part", "console"), [("owner", "owner"), ("admin", "whitelabel")])
def test_no_page_lists_all_there_are_to_choose_from(
    part: str, console: str, client: Client, alices: Tenant, visitors: dict[str, User], crowd: None
) -> None:
    client.force_login(visitors[part])
    too_many, read = list[str](), 0
    for address in addresses(get_resolver().url_patterns):
        if address.console != console or not isinstance(address.access, Rights) or address.access.get is None:
            continue
        for path in address.filled(str(alices.number), own=str(alices.number)):
            answer = client.get(path)
            if answer.status_code == 200 and "html" in answer["Content-Type"]:
                choices = Choices()
                choices.feed(answer.content.decode())
                too_many += [f"{path}: {name} offers {n}" for name, n in choices.counts.items() if n > MOST]
                read += 1
    assert too_many == []
    assert read > MOST  # it has been there

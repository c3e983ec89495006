"""Ask for every address by every method, and report what a visitor is shown, told or let change."""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode, urlsplit

from django.db import connection, transaction
from django.db.models import Q
from django.test import Client
from django.urls import Resolver404, resolve

from people.models import User
from testing.walls.addresses import Address
from testing.walls.parameters import parameter_names
from testing.walls.tenants import Tenant

WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")
METHODS = ("GET", "HEAD", "OPTIONS", *WITH_BODY)
NOBODYS, OF_NO_TENANT = 800_311, 0
GUARDS = ("in_white_label", "csrfmiddlewaretoken")  # with these the console refuses a form before it is looked at
DECIDED = {"action": "delete_selected", "post": "yes", "index": "0"}
REFUSALS = (401, 403, 404, 405)
SIGN_IN = ("account_login", "login")
FORM = "application/x-www-form-urlencoded"
CHANGES_AT_EACH_REQUEST = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"')
ADDS, NUMBER = re.compile(r"\s*INSERT\b", re.IGNORECASE), re.compile(r"\d+")
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b(?!.*django_session)", re.IGNORECASE | re.DOTALL)


def uuid_of(number: int) -> str:
    return str(uuid.UUID(int=number))


WAYS: tuple[tuple[Callable[[int], str], bool], ...] = ((str, True), (str, False), (uuid_of, True))


class Answer(NamedTuple):
    """What was answered, ids as "N", and whether the foreign tenant's rows were other ones afterwards."""

    status: int
    location: str
    body: str
    headers: str
    changed: bool


@dataclass
class Walk:
    """`client` walks for somebody of the tenant `own` among the rows of `foreign`; `shut` says what must refuse them.

    What is shut is asked for in one way, as nothing that is sent is looked at. Nothing that a request
    does outlives it. `headers` go with each request, `form` is how a body is written. Changes of the models that are
    `overlooked`, by label, are none.
    """

    client: Client
    foreign: Tenant
    shut: Callable[[Address, str], bool]
    own: int = OF_NO_TENANT
    headers: dict[str, str] = field(default_factory=dict)
    form: str = FORM
    overlooked: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.client.raise_request_exception = False
        numbers = (self.foreign.number, NOBODYS)
        self._keys = re.compile("|".join(spell(number) for number in numbers for spell in (str, uuid_of)))
        self.before, self._cookies = self._state(), self.client.cookies.output(header="", sep=";")

    def findings(self, addresses: Iterable[Address], methods: Iterable[str] = METHODS) -> list[str]:
        """Return a sentence for everything that is wrong."""
        return [
            f"{method} {address}: {wrong}"
            for address in addresses
            for method in methods
            for wrong in dict.fromkeys(self._wrong(address, method))
        ]

    def own_answers(self, address: Address, method: str) -> Iterator[Answer]:
        """Yield what is answered about the rows of the walker's own tenant."""
        for path in address.filled(str(self.own), own=str(self.own)):
            yield self._ask(method, path, None)

    def _wrong(self, address: Address, method: str) -> Iterator[str]:
        is_shut = self.shut(address, method)
        for spell, with_parameters in WAYS if method in ("GET", "POST") and not is_shut else WAYS[:1]:
            own = spell(self.own)
            theirs, nobodys = (address.filled(spell(number), own=own) for number in (self.foreign.number, NOBODYS))
            for path, absent in zip(theirs, nobodys, strict=True):
                answer = self._ask(method, path, spell(self.foreign.number) if with_parameters else None)
                yield from self._judged(answer, is_shut)
                if (address.ids or with_parameters) and not (is_shut and method not in ("GET", "POST")):
                    yield from _told_apart(
                        answer, self._ask(method, absent, spell(NOBODYS) if with_parameters else None)
                    )

    def _judged(self, answer: Answer, is_shut: bool) -> Iterator[str]:
        if answer.status >= 500:
            yield f"fails with {answer.status}"
        if is_shut and not is_refused(answer):
            yield f"is not refused but answered with {answer.status}"
        if self.foreign.mark in (answer.body + answer.headers).lower():
            yield f"shows what is {self.foreign.mark}'s"
        if answer.changed:
            yield f"changes what is {self.foreign.mark}'s or who may do what"

    def _state(self) -> object:
        """Return what no request may change: the foreign rows, and who has rights everywhere."""
        privileged = User.objects.filter(Q(is_staff=True) | Q(is_superuser=True))
        rows = self.foreign.state()
        watched = {label: rows[label] for label in rows.keys() - self.overlooked}
        return watched, sorted(privileged.values_list("pk", flat=True))

    def _ask(self, method: str, path: str, key: str | None) -> Answer:
        given = _given(key) if key else ""
        body = "" if not key or method not in WITH_BODY else given if self.form == FORM else _as_json(key)
        writes: list[str] = []
        with transaction.atomic():
            with connection.execute_wrapper(_noting_writes(writes)):
                self.client.cookies = SimpleCookie(self._cookies)
                response = self._follow(method, f"{path}?{given}" if given else path, body)
                text = _text(response)
            changed = bool(writes) and self._state() != self.before
            transaction.set_rollback(True)
        location, text = (self._keys.sub("N", part) for part in (response.get("Location", ""), text))
        if any(map(ADDS.match, writes)):  # PostgreSQL counts on where it was rolled back
            location = NUMBER.sub("NEW", location)
        headers = unquote(f"{response.serialize_headers()!r} {response.cookies.output()}")
        return Answer(response.status_code, location, text, headers, changed)

    def _follow(self, method: str, path: str, body: str) -> Any:
        """Go on where the console takes a parameter out of the address, until the page itself is asked."""
        response = self.client.generic(method, path, body, self.form, headers=self.headers)
        while (again := response.get("Location", "")) and urlsplit(again).path == urlsplit(path).path:
            if again == path or len(again) >= len(path):
                break
            path = again
            response = self.client.generic(method, path, body, self.form, headers=self.headers)
        return response


def _told_apart(theirs: Answer, nobodys: Answer) -> Iterator[str]:
    if theirs[:3] != nobodys[:3]:
        yield f"tells a foreign id ({theirs.status}) from an absent one ({nobodys.status})"


def is_refused(answer: Answer) -> bool:
    """Return whether nothing is to be had there; which methods there are (RFC 9110, 9.3.7) tells nothing of a row."""
    says_methods_only = answer.status == 200 and not answer.body and "Allow: " in answer.headers
    return answer.status in REFUSALS or says_methods_only or is_sign_in(answer)


def is_sign_in(answer: Answer) -> bool:
    """Return whether somebody is sent to the sign-in."""
    try:
        return answer.status == 302 and resolve(urlsplit(answer.location).path).url_name in SIGN_IN
    except Resolver404:
        return False


def _given(value: str) -> str:
    return urlencode({name: value for name in sorted(parameter_names()) if name not in GUARDS} | DECIDED)


def _as_json(value: str) -> str:
    return json.dumps(dict.fromkeys(sorted(parameter_names()), value))


def _text(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return CHANGES_AT_EACH_REQUEST.sub("", unquote(content.decode(errors="replace")))


def _noting_writes(writes: list[str]) -> Callable[..., Any]:
    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if WRITES.match(sql):
            writes.append(sql)
        return run(sql, params, many, context)

    return execute

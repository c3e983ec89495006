"""Slow down whoever guesses: behind some failures each further try has to wait longer, and nothing is ever closed.

Tries are counted by address, by address and account, and by account. A device that has signed in as the account before
(`known_device`) has a lane of its own, so that no stranger delays it. Without the cache each process counts for itself.
"""

import hashlib
import math
import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from allauth.account.utils import get_next_redirect_url
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from backoffice.accounts import known_device
from gateway.networks import household_of
from people.client_address import client_address
from people.models import User

TOLD_IN_SECONDS = 120  # what is shorter; longer times in minutes
FORGET_SECONDS = 3600  # without a further failure


@dataclass(frozen=True)
class Pace:
    """After `free` failures the next try waits 2 s, then 4 s, and so on up to `slowest_seconds`."""

    free: int
    slowest_seconds: int
    forgiving: bool = False  # whether a success makes the failures forgotten: not where others may have made them

    def seconds_after(self, tries: int) -> int:
        over = tries - self.free
        return min(2 ** min(over, 30), self.slowest_seconds) if over > 0 else 0


ADDRESS = Pace(free=30, slowest_seconds=60)  # a whole office may be behind it
PAIR = Pace(free=5, slowest_seconds=900, forgiving=True)
ACCOUNT = Pace(free=20, slowest_seconds=60)
DEVICE = Pace(free=5, slowest_seconds=300, forgiving=True)
CODES_OF_ACCOUNT = Pace(free=10, slowest_seconds=900)  # a code has six digits: some hundred guesses a day


class SlowDown(Exception):
    """Too many tries; the next one is looked at in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Try again in {seconds} s.")
        self.seconds = seconds


@dataclass(frozen=True)
class Lane:
    """Tries that are counted together under `name`."""

    name: str
    pace: Pace

    def wait(self) -> int:
        """Return the seconds until the next try, the slowest at most: others may have written into the cache."""
        until, now = cache.get(self._until, 0), time.time()
        if type(until) not in (int, float):
            return 0
        return math.ceil(max(0, min(until, now + self.pace.slowest_seconds) - now))

    def enter(self) -> bool:
        """Count a try and return whether it may go on: of those that come at once behind the free ones, one may."""
        seconds = self.pace.seconds_after(self._count())
        return not seconds or cache.add(self._until, time.time() + seconds, timeout=seconds)

    def succeed(self) -> None:
        """Take the try back."""
        cache.delete(self._until)
        if self.pace.forgiving:
            cache.delete(self._tries)
            return
        with suppress(ValueError):  # forgotten meanwhile
            cache.decr(self._tries)

    def _count(self) -> int:
        cache.add(self._tries, 0, timeout=FORGET_SECONDS)
        try:
            tries = cache.incr(self._tries)
        except ValueError:  # forgotten in between
            return 1
        cache.touch(self._tries, timeout=FORGET_SECONDS)
        return int(tries)

    @property
    def _tries(self) -> str:
        return f"sign-in:{self.name}:tries"

    @property
    def _until(self) -> str:
        return f"sign-in:{self.name}:until"


def for_password(request: HttpRequest, email: str) -> list[Lane]:
    """Return the lanes of a try to sign in; they do not differ between an account that is here and one that is not."""
    account = _name_of(email)
    if device := known_device.of_address(request, email):
        return [Lane(f"device:{device}:{account}", DEVICE)]
    return [*_of_household(request, account), Lane(f"account:{account}", ACCOUNT)]


def for_code(request: HttpRequest, person: User) -> list[Lane]:
    """Return the lanes of a try of a code by somebody who knows the password."""
    account = f"code:{person.pk}"
    if device := known_device.of_person(request, person):
        return [Lane(f"device:{device}:{account}", DEVICE)]
    return [*_of_household(request, account), Lane(f"account:{account}", CODES_OF_ACCOUNT)]


def enter(lanes: list[Lane]) -> None:
    """Count a try in each lane; raises `SlowDown`, and counts nothing where it is known beforehand."""
    if wait := max(lane.wait() for lane in lanes):
        raise SlowDown(wait)
    late = [lane for lane in lanes if not lane.enter()]
    if late:
        raise SlowDown(max(1, *(lane.wait() for lane in late)))


def succeed(lanes: list[Lane]) -> None:
    """Take back what `enter` counted: the try was none of somebody who guesses."""
    for lane in lanes:
        lane.succeed()


class SlowDownMiddleware:
    """Answer `SlowDown` with 429 and the seconds, in the header and in words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, SlowDown):
            return None
        context = {"wait": in_words(exception.seconds), "again": _here(request)}
        response = render(request, "429.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(exception.seconds)
        response["Cache-Control"] = "no-store"
        return response


def in_words(seconds: int) -> str:
    if seconds < TOLD_IN_SECONDS:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = math.ceil(seconds / 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _here(request: HttpRequest) -> str:
    """Return the address of the form that was sent, with where it leads."""
    wanted = get_next_redirect_url(request)
    return f"{request.path}?{urlencode({REDIRECT_FIELD_NAME: wanted})}" if wanted else request.path


def _of_household(request: HttpRequest, account: str) -> list[Lane]:
    household = household_of(client_address(request))
    return [Lane(f"address:{household}", ADDRESS), Lane(f"pair:{household}:{account}", PAIR)]


def _name_of(email: str) -> str:
    """Return a name for the account, the same for all spellings that a database may take for one address."""
    plain = unicodedata.normalize("NFKC", email.strip()).upper().casefold()
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()

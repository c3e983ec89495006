"""Who takes part, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks import peers
from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.field import Field, Run
from benchmarks.product import deliver

PRODUCT, POST_OFFICE, CELERY = "product", "django-post_office", "celery-send_mail"
DJANGO, DJANGO_EACH, SMTPLIB = "django-one-connection", "django-connection-per-mail", "smtplib"


@dataclass(frozen=True)
class Contestant:
    """`database` is "" for those that keep no record."""

    name: str
    database: str
    processes: int
    run: Callable[[Field], Run]

    def __str__(self) -> str:
        kept = f", {self.database}" if self.database else ""
        return f"{self.name}{kept}, {self.processes} process{'es' if self.processes > 1 else ''}"


def _product(kind: str, processes: int) -> Contestant:
    return Contestant(PRODUCT, kind, processes, partial(deliver, kind=kind, processes=processes))


def _post_office(kind: str, processes: int) -> Contestant:
    return Contestant(POST_OFFICE, kind, processes, partial(peers.post_office, kind=kind, processes=processes))


CONTESTANTS: Sequence[Contestant] = (
    Contestant(SMTPLIB, "", 1, peers.bare_smtplib),
    Contestant(DJANGO, "", 1, partial(peers.django_backend, how="one")),
    Contestant(DJANGO_EACH, "", 1, partial(peers.django_backend, how="each")),
    Contestant(CELERY, "", 2, partial(peers.celery_send_mail, processes=2)),
    *(
        make(kind, processes)
        for kind in (POSTGRESQL, SQLITE)
        for processes in (1, 2)
        for make in (_post_office, _product)
    ),
)
NAMES = tuple(dict.fromkeys(contestant.name for contestant in CONTESTANTS))

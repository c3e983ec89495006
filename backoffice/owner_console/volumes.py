"""Which white-labels send most, and whose mail fails most, in the period of the page's picture."""

from collections import Counter
from dataclasses import dataclass

from backoffice.shared_pages.figure_filter import query_of
from delivery.figures.reading import Bar, Kind, Period, by_tenant
from whitelabel.models import WhiteLabel

SHOWN = 8


@dataclass(frozen=True)
class Volume:
    """`share` is the length of its bar in percent: of the most that one of the list has."""

    white_label: WhiteLabel | None
    count: int
    link: str
    of: int
    share: int

    @property
    def per_cent(self) -> str:
        return f"{100 * self.count / self.of:.1f} %" if self.of else ""


@dataclass(frozen=True)
class Volumes:
    sent: list[Volume]
    failed: list[Volume]


def volumes(period: Period, whole: Bar) -> Volumes:
    """Return the white-labels with most mail sent, and with most failed, in `period`, which `whole` spans."""
    counts = by_tenant(period)
    names = WhiteLabel.objects.in_bulk(counts)
    return Volumes(*(_most(kind, counts, names, whole) for kind in (Kind.SENT, Kind.FAILED)))


def _most(kind: Kind, counts: dict[int, Counter[Kind]], names: dict[int, WhiteLabel], whole: Bar) -> list[Volume]:
    ranked = sorted((pk for pk in counts if counts[pk][kind] > 0), key=lambda pk: (-counts[pk][kind], pk))[:SHOWN]
    most = max((counts[pk][kind] for pk in ranked), default=0)
    return [
        Volume(
            names.get(pk),
            counts[pk][kind],
            query_of(kind, whole, {"tenant": pk}),
            counts[pk].total(),
            max(1, round(100 * counts[pk][kind] / most)),
        )
        for pk in ranked
    ]

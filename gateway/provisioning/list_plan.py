"""What a list of items would change: each beside the row of its reference, asked about as the consoles' forms ask.

Rows are read in a few statements, however many there are, and none is written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, cast

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from gateway.provisioning.items import COLUMNS, Item, Kind, Problem
from people.models import Provisioned, User
from people.models.provisioned import reference
from phrases.phrase import UNSTORABLE
from whitelabel.models import Side

AT_ONCE = 2_000  # values in one statement
REQUIRED = "This field is required."
SIDE = ("owner", "white_label")
TWICE = "This reference is in the list twice."

Row = TypeVar("Row", bound=Provisioned)


@dataclass(eq=False)
class Planned(Generic[Row]):
    """The row as it will be, what was in it (None: it is new), and the fields that differ."""

    item: Item
    row: Row
    before: dict[str, Any] | None = None
    changed: set[str] = field(default_factory=set)
    admins: list[User] = field(default_factory=list)  # of a white-label, as they will be
    side: Side | None = None  # whose an application was

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_given_away(self) -> bool:
        """Return whether an application that was there changes hands."""
        return self.side is not None and not self.changed.isdisjoint(SIDE)


class ListPlan(Generic[Row]):
    """The plan of one list. `earlier` are the plans of the lists before it, whose new rows its items may name.

    With `lock`, the rows stay as they are to the end of the transaction.
    """

    kind: ClassVar[Kind]
    model: type[Row]
    required: ClassVar[Sequence[str]]
    unique: ClassVar[Sequence[str]] = ()
    not_asked: ClassVar[Sequence[str]] = ()  # columns whose rules need other rows: they are held here

    def __init__(self, items: Sequence[Item], earlier: "Mapping[Kind, ListPlan[Any]]", *, lock: bool = False) -> None:
        self.items, self.earlier, self.lock = items, earlier, lock
        self.planned: dict[str, Planned[Row]] = {}
        self.problems: list[Problem] = []
        self._plan()

    def named(self, refs: Iterable[str]) -> dict[str, Row]:
        """Return the rows of these references, as they will be."""
        wanted = {ref for ref in refs if isinstance(ref, str)}
        mine = {ref: self.planned[ref].row for ref in wanted if ref in self.planned}
        return mine | {row.ref or "": row for row in stored(self.model, "ref", wanted - mine.keys())}

    def missing(self) -> list[str]:
        """Return the references in use that the list lacks, in the order of their rows."""
        listed = {item.ref for item in self.items}
        in_use = self.model._default_manager.filter(archived_at=None).exclude(ref=None).order_by("pk")
        return [ref for ref in self._in_use(in_use).values_list("ref", flat=True) if ref not in listed]

    def _in_use(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        return rows

    def _plan(self) -> None:
        known = {row.ref or "": row for row in self._rows("ref", {item.ref for item in self.items})}
        known |= self._adopted([item for item in self.items if item.ref not in known])
        self.load_links()
        seen = set[str]()
        for item in self.items:
            try:
                if item.ref in seen:
                    raise ValidationError({"ref": TWICE})
                seen.add(item.ref)
                self.planned[item.ref] = self._plan_item(item, known.get(item.ref))
            except ValidationError as error:
                self._refuse(item, error)
        self._look_for_others()

    def _plan_item(self, item: Item, row: Row | None) -> Planned[Row]:
        planned = Planned(item, row or self.model())
        self.begin(planned)
        planned.before = self.columns(planned) if row else None
        needed = (name for name in self.required if row is None or name in item.fields)
        missing = [name for name in needed if item.fields.get(name) in (None, "")]
        if missing:
            raise ValidationError(dict.fromkeys(missing, REQUIRED))
        about("ref", lambda: reference(item.ref))
        planned.row.ref = item.ref
        if planned.row.is_archived:
            planned.row.restore()
        self.assign(planned, {name: _stripped(value) for name, value in item.fields.items()})
        planned.row.clean_fields(exclude=self.not_asked)
        self.ask(planned)
        before, after = planned.before, self.columns(planned)
        planned.changed = {name for name in after if before is None or before[name] != after[name]}
        return planned

    def load_links(self) -> None:
        """Read the rows that items name."""

    def differences(self, planned: Planned[Row]) -> dict[str, tuple[Any, Any]]:
        """Return what the fields that differ said, and say then."""
        before, after = planned.before or {}, self.columns(planned)
        return {name: (before.get(name), after[name]) for name in sorted(planned.changed)}

    def begin(self, planned: Planned[Row]) -> None:
        """Note what is to be known of the row as it is."""

    def assign(self, planned: Planned[Row], fields: Mapping[str, Any]) -> None:
        """Give the row its fields. Raises `ValidationError`."""
        for name, value in fields.items():
            setattr(planned.row, name, value)

    def ask(self, planned: Planned[Row]) -> None:
        """Ask the model about the row as a whole. Raises `ValidationError`."""
        planned.row.clean()

    def _adopted(self, items: Sequence[Item]) -> dict[str, Row]:
        """Return rows without a reference that these items mean."""
        return {}

    def _rows(self, column: str, values: Iterable[str]) -> Iterator[Row]:
        return stored(self.model, column, values, lock=self.lock)

    @classmethod
    def columns(cls, planned: Planned[Row]) -> dict[str, Any]:
        """Return what provisioning may change, by name of the field."""
        fields = (field for field in cls.model._meta.concrete_fields if field.name in COLUMNS[cls.kind])
        return {field.name: getattr(planned.row, field.attname) for field in fields}

    def _look_for_others(self) -> None:
        """Find what another row has already, of the list or of the database."""
        for column in self.unique:
            wanted: dict[Any, Planned[Row]] = {}
            for ref, planned in list(self.planned.items()):
                value = getattr(planned.row, column)
                if value in (None, "") or column not in planned.changed:
                    continue
                if value in wanted:
                    self._refuse_taken(ref, column)
                wanted.setdefault(value, planned)
            for row in stored(self.model, column, wanted):
                taken = wanted.get(self._compared(row, column))
                if taken and taken.row.pk != row.pk:
                    self._refuse_taken(taken.row.ref or "", column)

    def _compared(self, row: Row, column: str) -> Any:
        return getattr(row, column)

    def _refuse_taken(self, ref: str, column: str) -> None:
        planned = self.planned.pop(ref, None)
        if planned:
            error = planned.row.unique_error_message(self.model, (column,))
            self._refuse(planned.item, ValidationError({column: error}))

    def _refuse(self, item: Item, error: ValidationError) -> None:
        errors = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for name, messages in errors.items():
            about = "" if name == NON_FIELD_ERRORS else name
            self.problems.append(Problem(self.kind, item.at, item.ref, about, " ".join(messages)))


def stored(
    model: type[Row],
    column: str,
    values: Iterable[str],
    *,
    lock: bool = False,
    related: Sequence[str] = (),
    prefetch: Sequence[str] = (),
) -> Iterator[Row]:
    """Yield the rows whose `column` is one of `values`, e-mail addresses whatever their case."""
    ordered = sorted(value for value in values if value and not UNSTORABLE.search(value))
    rows = model._default_manager.select_related(*related) if related else model._default_manager.all()
    rows = rows.prefetch_related(*prefetch).order_by("pk")
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    if column == "email":
        rows, column = cast("QuerySet[Row]", rows.alias(lower=Lower("email"))), "lower"
    for start in range(0, len(ordered), AT_ONCE):
        yield from rows.filter(Q(**{f"{column}__in": ordered[start : start + AT_ONCE]}))


def linked(rows: Mapping[str, Any], refs: Sequence[str], name: str, what: str) -> list[Any]:
    """Return the rows that `refs` name; raises `ValidationError` about the field `name`."""
    absent = [ref for ref in refs if ref not in rows]
    if absent:
        raise ValidationError({name: f"There is no {what} with the reference “{absent[0]}”."})
    return list({ref: rows[ref] for ref in refs}.values())


def about(name: str, check: Callable[[], Any]) -> Any:
    """Return what `check` returns; what it raises is about the field `name`."""
    try:
        return check()
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from error


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value

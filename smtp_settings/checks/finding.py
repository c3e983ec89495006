"""What a step of a check has found, as it is stored and shown."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """What a step has found; `field` is that of the form at fault, `fix` what to do, `diagnosis` the row's name."""

    step: str
    ok: bool
    sentence: str
    field: str = ""
    milliseconds: int = 0
    fix: str = ""
    diagnosis: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def passed(step: str, sentence: str, fix: str = "") -> Finding:
    """Return what `step` found where all is well; `fix` is advice where it could be better."""
    return Finding(step, True, sentence, fix=fix)

"""The table of roles as it stands in `docs/security.md`, between two markers.

`python -m testing.role_table` writes it there.
"""

from pathlib import Path

from people.roles import RIGHTS, Right, Role

PAGE = Path(__file__).resolve().parents[1] / "docs" / "security.md"
BEGIN, END = "<!-- roles: written by python -m testing.role_table -->", "<!-- end of roles -->"


def table() -> str:
    """Return who may do what, in Markdown: a line for each right, a column for each role."""
    head = f"| Right | {' | '.join(Role)} |"
    rule = "|---" + "|:-:" * len(Role) + "|"
    lines = (
        f"| {right[0].upper()}{right[1:]} | {' | '.join('yes' if right in RIGHTS[role] else '' for role in Role)} |"
        for right in Right
    )
    return "\n".join([head, rule, *lines])


def with_table(page: str) -> str:
    """Return `page` with the table as it is now; raises `ValueError` where it has no markers."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"There must be {BEGIN} and {END} in {PAGE.name}.")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))

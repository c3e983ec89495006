"""What the documentation says of roles is what the code does."""

from people.roles import RIGHTS, Right, Role
from testing.role_table import PAGE, table, with_table


def test_the_documented_table_of_roles_is_the_one_in_force() -> None:
    page = PAGE.read_text()
    assert with_table(page) == page, "The table of roles is stale; `python -m testing.role_table` writes it."


def test_every_role_and_right_is_in_the_table() -> None:
    lines = table().splitlines()
    assert len(lines) == len(Right) + 2
    assert sum(line.count(" yes ") for line in lines) == sum(map(len, RIGHTS.values()))
    assert all(role in lines[0] for role in Role)

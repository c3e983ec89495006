"""What is ready to copy: it is valid in its language, whatever stands in it."""

import ast
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.keys.doors import Doors
from gateway.keys.snippets import Example, snippets
from gateway.models import Key

SECRET = "bo_mail_abcdefghijkl_secret"
BOTH = Doors("smtp.example.com", 587, 465, "https://mail.example.com/api")
SMTP, HTTP, CLOSED = Doors("smtp.example.com", 587, 465, ""), Doors("", 587, 465, BOTH.api_url), Doors("", 587, 465, "")
PLAIN = Example("shop@acme.example", "alice@acme.example")
AWKWARD = Example('o\'brien+"x\\y"$HOME`id`@acme.example', "ålice'\\@acme.example")


def made(doors: Doors, scopes: str = "send", example: Example = PLAIN) -> dict[str, str]:
    return {snippet.title: snippet.text for snippet in snippets(Key(scopes=scopes), SECRET, doors, example)}


def test_every_way_to_send_is_there_with_the_key_filled_in() -> None:
    ways = made(BOTH)
    assert list(ways) == ["SMTP settings", "curl", "Python", "Node", "PHP", "PHPMailer", "Django settings"]
    assert all(SECRET in text for text in ways.values())


def test_a_closed_door_is_not_spoken_of() -> None:
    assert made(CLOSED) == {}
    assert "api" not in "".join(made(SMTP).values())
    assert "smtp.example.com" not in "".join(made(HTTP).values())
    assert list(made(SMTP)) == ["SMTP settings", "Python", "Node", "PHPMailer", "Django settings"]
    assert list(made(HTTP)) == ["curl", "Python", "Node", "PHP"]


def test_a_key_is_shown_only_what_it_may() -> None:
    assert list(made(BOTH, "domains")) == ["curl, your domains"]
    assert "/applications" in made(BOTH, "provision")["curl"]
    assert made(SMTP, "provision") == {}


@pytest.mark.parametrize("doors", [SMTP, HTTP, BOTH])
@pytest.mark.parametrize("example", [PLAIN, AWKWARD])
def test_python_and_django_can_read_theirs(doors: Doors, example: Example) -> None:
    ways = made(doors, example=example)
    texts = {node.value for node in ast.walk(ast.parse(ways["Python"])) if isinstance(node, ast.Constant)}
    assert {example.sender, example.recipient, SECRET} <= texts
    ast.parse(ways.get("Django settings", ""))


@pytest.mark.parametrize("example", [PLAIN, AWKWARD])
def test_a_shell_reads_one_command(example: Example) -> None:
    command = shlex.split(made(HTTP, example=example)["curl"])
    assert command[:2] == ["curl", "https://mail.example.com/api/emails"]
    assert f"Authorization: Bearer {SECRET}" in command
    assert json.loads(command[-1])["from"] == example.sender


@pytest.mark.parametrize(
    ("title", "doors", "check"),
    [
        ("Node", SMTP, ["node", "--check"]),
        ("Node", HTTP, ["node", "--check"]),
        ("PHP", HTTP, ["php", "-l"]),
        ("PHPMailer", SMTP, ["php", "-l"]),
    ],
)
def test_the_language_itself_can_read_the_file(title: str, doors: Doors, check: list[str], tmp_path: Path) -> None:
    if not shutil.which(check[0]):
        pytest.skip(f"{check[0]} is not installed")
    text = made(doors, example=AWKWARD)[title]
    file = tmp_path / next(iter(re.findall(r"save as (\S+)", text)), "hello.php")
    file.write_text(text)
    done = subprocess.run([*check, file], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr

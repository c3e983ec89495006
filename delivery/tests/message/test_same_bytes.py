"""A message is the same to the byte whichever Python writes it; compared where several of them are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import django
import pytest

from delivery.tests.message import digests

VERSIONS = ("3.11", "3.12", "3.13")
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
PATH = os.pathsep.join(str(folder) for folder in (Path(__file__).parents[3], Path(django.__file__).parents[1]))


def interpreter(version: str) -> str | None:
    """Return the path of a Python of that version, None where there is none."""
    installed = [str(path) for path in sorted(PYENV.glob(f"{version}.*/bin/python"))]
    return next(iter(installed), None) or shutil.which(f"python{version}")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_python_writes_the_same_bytes(version: str) -> None:
    path = interpreter(version)
    if path is None:
        pytest.skip(f"Python {version} is not installed here.")
    surroundings = os.environ | {"PYTHONPATH": PATH, "PYTHONDONTWRITEBYTECODE": "1"}
    there = subprocess.run(
        [path, digests.__file__], env=surroundings, stdout=subprocess.PIPE, text=True, check=True, timeout=120
    )
    assert there.stdout.split("\n")[:-1] == list(digests.digests()), f"Python {sys.version_info} differs from {version}"

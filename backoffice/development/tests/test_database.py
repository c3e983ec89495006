"""The database of `bin/dev`: data of another version is refused with one sentence, not with a traceback."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

FILE = "backoffice.sqlite3"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    var = tmp_path_factory.mktemp("var")
    assert prepare(var).stderr == ""
    return var / FILE


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM django_migrations WHERE app = 'people'", id="history"),
        pytest.param("DELETE FROM django_migrations WHERE app = 'delivery'", id="table"),
        pytest.param("ALTER TABLE whitelabel_application RENAME COLUMN name TO title", id="column"),
        pytest.param("DROP TABLE delivery_attempt", id="no-table"),
    ],
)
def test_data_of_another_version_is_refused_with_one_sentence(migrated: Path, tmp_path: Path, statement: str) -> None:
    shutil.copy(migrated, tmp_path / FILE)
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute(statement)
    done = prepare(tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Cannot start: another version made the data in {tmp_path} (")
    assert done.stderr.endswith("). Delete that folder to begin anew, or choose another one with VAR_DIR.\n")
    assert done.stderr.count("\n") == 1


def prepare(var: Path) -> subprocess.CompletedProcess[str]:
    surroundings = os.environ | {"VAR_DIR": str(var), "DATABASE_URL": "", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "backoffice.development.database"]
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)

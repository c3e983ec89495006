"""What the product makes in its folder of data is readable by its owner alone, whatever the umask at its start."""

import os
import stat
import sys
from pathlib import Path

import pytest

from backoffice.environment import private_folder
from testing.processes import CELERY, ProcessFactory

AS_USUAL = ["sh", "-c", 'umask 022; exec "$@"', "sh"]
MIGRATE = [sys.executable, "manage.py", "migrate"]


def readable_by_others(folder: Path) -> list[str]:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    return [str(path) for path in folder.rglob("*") if path.stat().st_mode & 0o077]


@pytest.mark.usefixtures("valkey")
def test_the_database_and_the_schedule_are_their_owners(process_factory: ProcessFactory, tmp_path: Path) -> None:
    var = tmp_path / "var"
    migrated = process_factory([*AS_USUAL, *MIGRATE], VAR_DIR=str(var), DATABASE_URL="")
    assert migrated.wait(120) == 0, migrated.said
    beat = process_factory([*AS_USUAL, *CELERY, "beat", "-l", "INFO"], VAR_DIR=str(var), DATABASE_URL="")
    beat.wait_for("Scheduler: Sending due task")
    made = {path.name.partition(".")[0] for path in var.rglob("*")}
    assert made == {"backoffice", "celerybeat-schedule"}
    assert readable_by_others(var) == []


def test_a_folder_that_is_there_is_left_as_it_is(process_factory: ProcessFactory, tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    code = "from backoffice import settings; open(settings.VAR_DIR / 'made', 'w').close()"
    assert process_factory([*AS_USUAL, sys.executable, "-c", code], VAR_DIR=str(tmp_path)).wait() == 0
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o600


def test_the_usual_folder_becomes_its_owners_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    umask = os.umask(0o022)
    try:
        assert private_folder("NO_SUCH_SETTING", tmp_path) == tmp_path
    finally:
        os.umask(umask)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_static_files_are_everybodys_to_read(process_factory: ProcessFactory, tmp_path: Path) -> None:
    code = (
        "import django; from django.conf import settings; django.setup(); settings.STATIC_ROOT = '%s';"
        "from django.core.management import call_command; call_command('collectstatic', '--no-input', verbosity=0)"
    ) % (tmp_path / "static")
    process = process_factory([*AS_USUAL, sys.executable, "-c", code], DJANGO_SETTINGS_MODULE="backoffice.settings")
    assert process.wait() == 0, process.said
    modes = {stat.S_IMODE(Path(folder).stat().st_mode) for folder, _, _ in os.walk(tmp_path / "static" / "backoffice")}
    assert modes == {0o755}
    assert stat.S_IMODE((tmp_path / "static" / "backoffice" / "base.css").stat().st_mode) == 0o644

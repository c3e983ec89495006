"""The shell commands say what they are and what they miss."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from testing.command import ABOUT_SOCKETS, APPS_WITH_ROWS

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("module", ["backoffice.development", "testing.command"])
def test_help_explains_the_command(module: str) -> None:
    command = [sys.executable, "-m", module, "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: bin/")


def test_a_run_on_postgresql_has_pytests_words_and_exit_code() -> None:
    only = ["--collect-only", "-q", "delivery/tests/worker/test_heartbeat.py", "-m", "postgres", "-p", "no:randomly"]
    command = [sys.executable, "-m", "testing.command", "--postgres", *only]
    nowhere = os.environ | {"TEST_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}  # collecting asks no database
    done = subprocess.run(command, cwd=ROOT, env=nowhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert re.search(r"[1-9]\d*/\d+ tests collected \(\d+ deselected\)", done.stdout.splitlines()[-1])
    command += ["-k", "no_such_test"]
    done = subprocess.run(command, cwd=ROOT, env=nowhere, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_what_is_left_out_on_postgresql_is_there() -> None:
    assert [path for path in ABOUT_SOCKETS if not (ROOT / path).exists()] == []
    assert all((ROOT / app / "tests").is_dir() for app in APPS_WITH_ROWS)


def test_every_folder_with_tests_is_run(pytestconfig: pytest.Config) -> None:
    with_tests = {path.relative_to(ROOT).parts[0] for path in ROOT.glob("[a-z]*/**/tests/test_*.py")}
    assert with_tests - {"var", "node_modules"} == set(pytestconfig.getini("testpaths"))


def test_without_a_fitting_python_the_set_up_says_what_is_needed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    (tmp_path / "path").mkdir()
    dirname = shutil.which("dirname")
    assert dirname is not None
    (tmp_path / "path" / "dirname").symlink_to(dirname)
    command = [shutil.which("bash") or "bash", str(tmp_path / "bin" / "dev")]
    done = subprocess.run(command, env={"PATH": str(tmp_path / "path")}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Python 3.11, 3.12 or 3.13" in done.stderr

"""The shell commands say what they are and what they miss."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("module", ["backoffice.development", "testing.command"])
def test_help_explains_the_command(module: str) -> None:
    command = [sys.executable, "-m", module, "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: bin/")


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

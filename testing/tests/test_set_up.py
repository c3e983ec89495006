"""`bin/set_up.py`: where packages come from, what happens without uv, and what is shown meanwhile."""

import base64
import hashlib
import importlib.util
import os
import pty
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
WHEEL = "greeting-1.0-py3-none-any.whl"
PIN = "greeting==1.0 --hash=sha256:{}"


@pytest.fixture(scope="module")
def set_up() -> ModuleType:
    spec = importlib.util.spec_from_file_location("set_up", ROOT / "bin" / "set_up.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Serve a package index that has nothing but a module which greets."""
    folder = tmp_path / "index" / "greeting"
    folder.mkdir(parents=True)
    write_wheel(folder / WHEEL)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder.parent)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def write_wheel(path: Path) -> None:
    """Write a wheel (PEP 427) with one module."""
    files = {
        "greeting.py": "print('Hello')",
        "greeting-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n",
        "greeting-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "greeting-1.0.dist-info/RECORD"
    lines = [f"{name},sha256={digest(text)},{len(text)}" for name, text in files.items()]
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in {**files, record: "\n".join([*lines, f"{record},,", ""])}.items():
            wheel.writestr(name, text)


def digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


class Clone:
    """A tree with nothing but the set-up and one pinned package; only `path` is on the PATH."""

    def __init__(self, folder: Path, index: str) -> None:
        self.path, self.venv = folder / "path", folder / "clone" / ".venv"
        self.path.mkdir()
        shutil.copytree(ROOT / "bin", folder / "clone" / "bin")
        self.pin(hashlib.sha256((folder / "index" / "greeting" / WHEEL).read_bytes()).hexdigest())
        self.command = [sys.executable, str(folder / "clone" / "bin" / "set_up.py"), "greeting"]
        own = {"PATH": str(self.path), "PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull}
        others = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
        self.surroundings = others | own

    def pin(self, sha256: str) -> None:
        self.venv.with_name("requirements-dev.txt").write_text(f"{PIN.format(sha256)}\n")

    def start(self) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(self.command, env=self.surroundings, capture_output=True, text=True, check=False)

    def run(self) -> str:
        done = self.start()
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def test_an_index_without_uv_is_served_by_pip_and_the_second_start_installs_nothing(tmp_path: Path, index: str) -> None:
    clone = Clone(tmp_path, index)
    said = clone.run()
    assert "There is no uv, going on with pip: ERROR: No matching distribution found" in said
    assert "Installing the 1 packages of requirements-dev.txt" in said
    assert said.endswith("Hello\n")
    assert "\r" not in said
    assert clone.run() == "   0 s  .venv is up to date\nHello\n"


def test_a_package_that_is_not_the_pinned_one_is_refused(tmp_path: Path, index: str) -> None:
    clone = Clone(tmp_path, index)
    clone.pin("0" * 64)
    done = clone.start()
    assert done.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert "Hello" not in done.stdout


@pytest.mark.parametrize(
    "path", ["requirements.txt", "requirements-dev.txt", "benchmarks/requirements.txt", "bin/uv.txt"]
)
def test_every_pin_has_hashes_and_no_file_names_where_packages_come_from(path: str) -> None:
    text = (ROOT / path).read_text()
    pins = re.split(r"^(?=[a-z0-9])", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)[1:]
    assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)
    assert "://" not in text
    assert not re.search(r"^\s*-", re.sub(r"^ +--hash=.*\n", "", text, flags=re.MULTILINE), re.MULTILINE)


def test_an_environment_behind_a_link_is_used_where_it_fits_and_never_changed(tmp_path: Path, index: str) -> None:
    clone, shared = Clone(tmp_path, index), tmp_path / "shared"
    clone.run()
    clone.venv.rename(shared)
    clone.venv.symlink_to(shared)
    assert clone.run().endswith(".venv is up to date\nHello\n")
    (shared / "requirements.sha256").write_text("others")
    done = clone.start()
    assert (done.returncode, (shared / "requirements.sha256").read_text()) == (1, "others")
    assert f".venv is a link to {shared}" in done.stderr


def test_where_uv_fails_pip_goes_on(tmp_path: Path, index: str) -> None:
    clone = Clone(tmp_path, index)
    uv = clone.path / "uv"
    uv.write_text('#!/bin/sh\n[ "$1" = --version ] || { echo no such index; exit 1; }\n')
    uv.chmod(0o755)
    said = clone.run()
    assert "uv failed, going on with pip: no such index" in said
    assert said.endswith("Hello\n")


def test_uv_fetches_from_where_pip_would(set_up: ModuleType) -> None:
    listed = """\
:env:.index-url='https://pip:secret@packages.example/simple'
global.index-url='https://elsewhere.example/simple'
global.find-links='/wheels\\n/more'
install.extra-index-url='https://one.example/simple https://two.example/simple'
global.cert='/etc/company.pem'
global.timeout='60'
"""
    settings = set_up.uv_settings(listed)
    assert settings["UV_DEFAULT_INDEX"] == "https://pip:secret@packages.example/simple"
    assert settings["UV_INDEX"] == "https://one.example/simple https://two.example/simple"
    assert settings["UV_FIND_LINKS"] == "/wheels,/more"
    assert settings["SSL_CERT_FILE"] == "/etc/company.pem"


def test_without_settings_of_pip_uv_has_its_own_index(set_up: ModuleType) -> None:
    assert set_up.uv_settings("") == set_up.AS_PIP_DOES


def test_a_terminal_shows_a_stage_in_one_line(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    script = "import set_up; set_up.show('Making tea'); set_up.say('Making tea')"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT / "bin", stdout=theirs, check=True)
    shown = os.read(ours, 10_000).decode()
    assert shown.count("\r   0 s  Making tea") == 2
    assert shown.count("\n") == 1

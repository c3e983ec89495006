"""Debian packages, unpacked into folders of their own: as installed packages, mail servers exclude each other.

A server of theirs runs in namespaces of its own (mount and process ids, `unshare` of util-linux), in which the unpacked
files lie over /usr, where they look for each other, and the users that they want exist. The system itself is not
touched. When the first process ends, the kernel ends all others of the namespace.
"""

import os
import platform
import re
import shutil
import subprocess
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.interop.workspace import FOLDER
from benchmarks.processes import Failed

PACKAGES = FOLDER / "debian"
INSTALLED = re.compile(r"^Inst (\S+)", re.MULTILINE)
FIRST_USER_ID = 61_000
CALL_SECONDS = 300
SMALL_PACKAGE = "postgrey"
FETCHING = threading.Lock()
SOURCES = Path("/etc/apt/sources.list")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
IN_USR = ("bin", "sbin", "lib")
ENTER = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c"]
# Called with the unpacked files, the folder of passwd and group, pairs of a folder and its place, and the command.
OVERLAY = """set -e
mount -t overlay overlay -o lowerdir="$1/usr:/usr" /usr
mount --bind "$2/passwd" /etc/passwd
mount --bind "$2/group" /etc/group
shift 2
while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done
shift
exec "$@"
"""


@dataclass(frozen=True)
class Tree:
    """Packages unpacked into `files`; `version` is that of the one that gives them their name."""

    files: Path
    version: str

    def command(self, command: Sequence[str], accounts: Path, over: Mapping[str, Path] | None = None) -> list[str]:
        """Return how to run `command` where these files are installed and `accounts` (see `write_accounts`) exist.

        `over` has folders of the system, and what is seen in their places.
        """
        if os.geteuid():
            raise Failed("Only root may start servers of Debian packages: they run in namespaces of their own.")
        binds = [str(path) for place, folder in (over or {}).items() for path in (folder, place)]
        return [*ENTER, OVERLAY, "sh", str(self.files), str(accounts), *binds, "--", *command]


def fetch(package: str, *, backport_for: str = "") -> Tree:
    """Download and unpack `package` and what it needs that is not installed, once; remove the folder to fetch anew.

    `backport_for` is the release of Debian on which the package comes from the backports.
    """
    folder = PACKAGES / package
    stamp = folder / "version"
    with FETCHING:
        if not stamp.exists():
            shutil.rmtree(folder, ignore_errors=True)
            (folder / "files").mkdir(parents=True)
            suite = f"{_release()}-backports" if backport_for and backport_for == _release() else ""
            _call(folder, *_apt(suite), "download", *_needed(folder, package, suite))
            for archive in folder.glob("*.deb"):
                _call(folder, "dpkg", "-x", str(archive), "files")
            _move_into_usr(folder / "files")
            stamp.write_text(_call(folder, "dpkg-deb", "-f", *map(str, folder.glob(f"{package}_*.deb")), "Version"))
    return Tree(folder / "files", stamp.read_text().strip())


def missing() -> str:
    """Return what servers of Debian packages would lack on this machine, "" where they lack nothing."""
    if os.geteuid():
        return "root"
    if absent := [program for program in ("unshare", "apt-get", "dpkg") if not shutil.which(program)]:
        return " and ".join(absent)
    if subprocess.run([*ENTER, "true"], capture_output=True, check=False).returncode:
        return "leave to make namespaces"
    try:
        fetch(SMALL_PACKAGE)
    except Failed:
        return "Debian's packages"
    return ""


def write_accounts(folder: Path, *names: str) -> Path:
    """Write passwd and group of the system with a user and a group for each of `names`; return their folder.

    Their ids are those of `user_id`, also where the system has users of these names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    users, groups = (_without(names, Path("/etc") / name) for name in ("passwd", "group"))
    for number, name in enumerate(names, start=FIRST_USER_ID):
        users += f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n"
        groups += f"{name}:x:{number}:\n"
    (folder / "passwd").write_text(users)
    (folder / "group").write_text(groups)
    return folder


def user_id(accounts: Path, name: str) -> int:
    """Return the id of a user, and of the group, of that name."""
    return int(re.findall(rf"^{name}:x:(\d+):", (accounts / "group").read_text(), re.MULTILINE)[-1])


def _without(names: Collection[str], path: Path) -> str:
    return "".join(line for line in path.read_text().splitlines(True) if line.split(":", 1)[0] not in names)


def _needed(folder: Path, package: str, suite: str) -> list[str]:
    """Ask apt what it would install; what it would remove for that does not matter here."""
    simulated = _call(folder, *_apt(suite), "install", "--simulate", "--no-install-recommends", package)
    return sorted({package, *INSTALLED.findall(simulated)})


@cache
def _apt(suite: str) -> Sequence[str]:
    """Return apt-get with the sources of the system, and `suite` of its archive, and lists of its own that are new."""
    folder = PACKAGES / f"apt-{suite or 'release'}"
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    sources = SOURCES.read_text() if SOURCES.exists() else ""
    if suite:
        targets = ("indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Codename: {_release()}")
        archive = _call(folder, *_apt(""), *targets).split()
        if not archive:
            raise Failed(f"apt knows no archive of Debian {_release()}, so none of its backports.")
        sources += f"\ndeb [signed-by={KEYRING}] {archive[0]} {suite} main\n"
    (folder / "sources.list").write_text(sources)
    own = (f"Dir::Etc::sourcelist={folder / 'sources.list'}", f"Dir::State::lists={folder / 'lists'}")
    command = ["apt-get", *(f"-o{option}" for option in ("APT::Sandbox::User=root", *own))]
    _call(folder, *command, "update")
    return [*command, *(("--target-release", suite) if suite else ())]


def _release() -> str:
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "")


def _move_into_usr(files: Path) -> None:
    """Put what packages ship as /lib where it is since /lib is a link to /usr/lib."""
    for name in IN_USR:
        if (files / name).is_dir():
            shutil.copytree(files / name, files / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(files / name)


def _call(folder: Path, *command: str) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=CALL_SECONDS, check=False)
    except FileNotFoundError as error:
        raise Failed(f"{command[0]} is missing: these servers are fetched on Debian only.") from error
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{' '.join(command)} did not end within {CALL_SECONDS} s.") from error
    if done.returncode:
        raise Failed(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout

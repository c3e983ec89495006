"""npm packages, installed into a folder of their own. What they would run at installation is not run."""

import json
import shutil
import subprocess
import threading
from pathlib import Path

from benchmarks.interop.workspace import FOLDER
from benchmarks.processes import Failed

MODULES = FOLDER / "npm" / "node_modules"
FETCHING = threading.Lock()
INSTALL_SECONDS = 300
OPTIONS = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"]


def fetch(package: str, version: str) -> Path:
    """Install exactly `version` of `package`, once, and return its folder."""
    with FETCHING:
        return _installed(package, version)


def missing() -> str:
    """Return what servers of npm packages would lack on this machine, "" where they lack nothing."""
    return " and ".join(program for program in ("node", "npm") if not shutil.which(program))


def _installed(package: str, version: str) -> Path:
    folder = MODULES / package
    if not (folder / "package.json").exists() or _version(folder) != version:
        if not shutil.which("npm"):
            raise Failed(f"{package} needs Node.js and npm on the PATH.")
        MODULES.parent.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(MODULES.parent), *OPTIONS, f"{package}@{version}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        if done.returncode:
            raise Failed(f"npm could not install {package} {version}:\n{done.stderr}")
    return folder


def _version(folder: Path) -> str:
    return str(json.loads((folder / "package.json").read_text())["version"])

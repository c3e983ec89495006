"""`python -m testing.advisories`: which pinned packages have published advisories. A report, which stops nothing.

It ends well whatever it says: an advisory of today is no fault of the change at hand and must not hold it back.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PINS = ("requirements-dev.txt", "benchmarks/requirements.txt", "bin/uv.txt")  # the first has the product's, too
SECONDS_MAX = 60
REPLY_SECONDS_MAX = 5
COMMAND = (
    *(sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--disable-pip"),
    *("--require-hashes", "--timeout", str(REPLY_SECONDS_MAX)),
)


def main() -> None:
    print("Published advisories of the pinned packages:")
    try:
        for line in report(ask()):
            print(line)
    except (subprocess.TimeoutExpired, ValueError) as error:
        print(f"They could not be had, as without a network: {error}")


def ask() -> str:
    """Return what pip-audit says in JSON. Raises `TimeoutExpired`, and `ValueError` with its last words instead."""
    files = [part for path in PINS for part in ("--requirement", path)]
    done = subprocess.run(
        [*COMMAND, *files], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
    )
    if not done.stdout.strip():
        raise ValueError(done.stderr.strip().rpartition("\n")[2])
    return done.stdout


def report(said: str) -> Iterator[str]:
    """Yield the advisories, a line each, then how many packages were looked up."""
    packages: list[dict[str, Any]] = json.loads(said)["dependencies"]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    for package in packages:
        for advisory in package.get("vulns", []):
            fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
            yield f"  {package['name']} {package['version']}: {advisory['id']}, mended in {fixed}"
    yield f"  {len(packages) - len(unknown)} of {len(packages)} packages were looked up."
    if unknown:
        yield f"  The index, perhaps a mirror, has no advisories of {len(unknown)}: {', '.join(unknown[:3])} ..."


if __name__ == "__main__":
    main()

"""The report of published advisories: what is found, what could not be looked up, and no network at all."""

import json
import subprocess
import sys

from testing.advisories import ROOT, report

SAID = json.dumps(
    {
        "dependencies": [
            {"name": "django", "version": "5.2.1", "vulns": [{"id": "CVE-2025-1", "fix_versions": ["5.2.2", "4.2.9"]}]},
            {"name": "idna", "version": "3.20", "vulns": []},
            {"name": "ours", "skip_reason": "not found"},
        ],
        "fixes": [],
    }
)


def test_an_advisory_is_told_with_the_versions_that_mend_it() -> None:
    assert list(report(SAID)) == [
        "  django 5.2.1: CVE-2025-1, mended in 5.2.2, 4.2.9",
        "  2 of 3 packages were looked up.",
        "  The index, perhaps a mirror, has no advisories of 1: ours ...",
    ]


def test_without_a_network_it_says_so_and_ends_well() -> None:
    surroundings = {"HTTPS_PROXY": "http://127.0.0.1:9", "PATH": "", "HOME": str(ROOT / "var" / "nowhere")}
    command = [sys.executable, "-m", "testing.advisories"]
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "They could not be had, as without a network" in done.stdout

"""What is shown on SQLite is shown once more on PostgreSQL, together with what only PostgreSQL can show."""

import os
import subprocess
import sys

from testing.database import postgresql

APPS = ["delivery", "whitelabel", "smtp_settings", "messages", "people", "phrases"]
ABOUT_SOCKETS = ["submission", "diagnoses", "preflight", "token_endpoint", "discovery", "network"]  # not about rows


def test_the_apps_pass_their_tests_on_postgresql() -> None:
    with postgresql() as address:
        surroundings = os.environ | {"RUN_ON_POSTGRES": "1", "TEST_DATABASE_URL": address}
        left_out = [f"--ignore=smtp_settings/tests/test_{name}.py" for name in ABOUT_SOCKETS]
        command = [sys.executable, "-m", "pytest", "--quiet", *left_out, *APPS]
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout

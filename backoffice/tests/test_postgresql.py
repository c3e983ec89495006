"""What is shown on SQLite is shown once more on PostgreSQL, together with what only PostgreSQL can show."""

import os
import subprocess
import sys

from testing.database import postgresql

APPS = ["delivery", "whitelabel", "smtp_settings", "messages"]


def test_the_apps_pass_their_tests_on_postgresql() -> None:
    with postgresql() as address:
        surroundings = os.environ | {"RUN_ON_POSTGRES": "1", "TEST_DATABASE_URL": address}
        command = [sys.executable, "-m", "pytest", "--quiet", *APPS]
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout

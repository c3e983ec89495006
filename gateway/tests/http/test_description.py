"""What the description at /api/openapi.json says is what the running server does: schemathesis tries it."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer

from gateway.choices import Maker
from gateway.models import Key
from gateway.tests.http.conftest import Caller
from people.models import User
from testing.factories import make_key_and_secret

EXAMPLES = 25
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_schema_conformance", "response_headers_conformance"),
)
PROVISIONING = "/(people|white-labels|applications|sync)"
SECONDS = 300


@pytest.mark.properties
@pytest.mark.parametrize("provisioning", [False, True])
def test_no_request_is_answered_but_as_described(
    provisioning: bool, live_server: LiveServer, settings: LazySettings, caller: Caller, owner: User, tmp_path: Path
) -> None:
    settings.API_URL = f"{live_server.url}/api"
    if provisioning:
        caller = Caller(*make_key_and_secret(None, owner, Maker.PLATFORM))
    command = [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{settings.API_URL}/openapi.json"),
        *("--header", f"Authorization: Bearer {caller.secret}", "--checks", ",".join(CHECKS)),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", "1", "--no-color"),
        *("--suppress-health-check", "all", "--continue-on-failure", "--no-shrink"),
        *("--include-path-regex" if provisioning else "--exclude-path-regex", PROVISIONING),
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert Key.objects.get(pk=caller.key.pk).used_at

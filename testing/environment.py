"""A pytest plugin, loaded before Django: the same environment for every test run, whatever the shell has set."""

import atexit
import base64
import os
import shutil
import tempfile
from pathlib import Path

WORKER = os.environ.get("PYTEST_XDIST_WORKER")  # one of several processes: it is ended, and cleans up nothing itself
FOLDER = Path(
    tempfile.mkdtemp(prefix=f"{WORKER}-", dir=os.environ["VAR_DIR"])
    if WORKER
    else tempfile.mkdtemp(prefix="backoffice-tests-")
)
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

OF_THE_SHELL = (
    *("ALLOWED_HOSTS", "EMAIL_URL", "SITE_URL", "PORT", "COMMAND_STARTED", "API_URL", "MAX_MESSAGE_BYTES"),
    *("SUBMISSION_HOST", "SUBMISSION_PORT", "SUBMISSION_TLS_PORT", "SUBMISSION_LISTEN", "SUBMISSION_CERTIFICATE"),
    *("OIDC_ISSUER", "OIDC_NAME", "OIDC_SECOND_FACTOR_TRUSTED", "OWNER_SESSION_SECONDS", "SESSION_SECONDS"),
    *("SMTP_CA_FILE", "SMTP_ALLOWED_CIDRS", "DNS_RESOLVERS", "DNS_AUTHORITY_PORT"),
)
for name in OF_THE_SHELL:
    os.environ.pop(name, None)

os.environ.setdefault("XDG_RUNTIME_DIR", str(FOLDER))  # the embedded PostgreSQL asks for it
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "backoffice.settings",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright's synchronous interface keeps an event loop in the main thread
    "DEBUG": "1",
    "SECRET_KEY": "only for tests: " + "0123456789" * 5,
    "SECRETS_KEYS": base64.urlsafe_b64encode(b"k" * 32).decode(),
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "") if os.environ.get("RUN_ON_POSTGRES") else "",
    "REDIS_URL": f"unix://{FOLDER / 'broker.sock'}?db=0",
    "VAR_DIR": str(FOLDER),
}

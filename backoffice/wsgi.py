"""The entry for gunicorn: `gunicorn backoffice.wsgi`."""

import gc
import os

import django
from django.urls import get_resolver

GUNICORN_GIVES_UP = 3  # by any other exit code of a worker it starts the next one, which says the same

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
try:
    django.setup(set_prefix=False)
    from backoffice.sealed import stop_unless_keys_fit  # which needs the apps
    from backoffice.web.request import Handler

    application = Handler()
    stop_unless_keys_fit()
except SystemExit as stopped:
    raise SystemExit(GUNICORN_GIVES_UP) from stopped

# What the first request would wait for, and what lives as long as the process: collecting garbage passes it over.
get_resolver().url_patterns  # noqa: B018 (reading it loads every page)
gc.collect()
gc.freeze()

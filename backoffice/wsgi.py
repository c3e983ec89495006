"""The entry for gunicorn: `gunicorn backoffice.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
application = get_wsgi_application()

# What the first request would wait for, and what lives as long as the process: collecting garbage passes it over.
get_resolver().url_patterns  # noqa: B018 (reading it loads every page)
gc.collect()
gc.freeze()

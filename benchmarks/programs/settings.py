"""Django settings of the peers: the same database options as the product's, mail to the sink."""

import os
from typing import Any

import dj_database_url

SECRET_KEY = "only for benchmarks"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.contenttypes"]
DATABASES: dict[str, Any] = {}
if os.environ.get("DATABASE_URL"):
    INSTALLED_APPS.append("post_office")
    DATABASES["default"] = dj_database_url.config(conn_max_age=60, conn_health_checks=True)
    if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        DATABASES["default"]["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ["SINK_PORT"])
EMAIL_USE_TLS = bool(os.environ.get("STARTTLS"))
POST_OFFICE = {"BACKENDS": {"default": EMAIL_BACKEND}}
LOGGING_CONFIG = None

CELERY_BROKER_URL = os.environ["BROKER_URL"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "mail"

"""Django settings of the bare view: no middleware, the same database options as the product's."""

import dj_database_url

SECRET_KEY = "only for benchmarks"
ALLOWED_HOSTS = ["localhost"]
USE_TZ = True
INSTALLED_APPS = ["benchmarks.bare"]
ROOT_URLCONF = "benchmarks.bare.view"
DATABASES = {"default": dj_database_url.config(conn_max_age=60, conn_health_checks=True)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING_CONFIG = None

"""Settings, all read from the environment; `.env.example` lists every one with its default and meaning."""

from pathlib import Path
from urllib.parse import urlsplit

from django.templatetags.static import static
from django.urls import reverse_lazy

from backoffice import environment as env
from backoffice import environment_mail as env_mail
from smtp_settings import host_name

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.private_folder("VAR_DIR", BASE_DIR / "var")

# Who may be here -----------------------------------------------------------------------------------------------------

DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.secret_key("SECRET_KEY", trusting=DEBUG)
SECRETS_KEYS = env.key_ring("SECRETS_KEYS")
_site = env.site_url("SITE_URL", f"http://localhost:{env.port('PORT', 8000)}")
SITE_URL = f"{_site.scheme}://{_site.netloc}"
API_URL = env.api_url("API_URL")  # where applications in other languages come in over HTTP; "": nowhere
_hosts = (host_name.in_url(_site.hostname or "localhost"), urlsplit(API_URL).hostname or "")
ALLOWED_HOSTS = env.listed("ALLOWED_HOSTS", ",".join(_hosts))
CSRF_TRUSTED_ORIGINS = [SITE_URL]
INTERNAL_HTTPS = _site.scheme == "https"

# Ours from the ground floor up: whoever is ready first hears a signal first. What records it in the audit log hears it
# last, because the log is locked from then on to the end of the transaction.
INSTALLED_APPS = [
    "people.apps.PeopleConfig",
    "messages.apps.MessagesConfig",
    "smtp_settings.apps.SmtpSettingsConfig",
    "whitelabel.apps.WhitelabelConfig",
    "delivery.apps.DeliveryConfig",
    "gateway.apps.GatewayConfig",
    "backoffice.apps.BackofficeConfig",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "backoffice.profile.apps.SessionListConfig",
]
if DEBUG:
    INSTALLED_APPS.append("backoffice.development.apps.DevelopmentConfig")

MIDDLEWARE = [
    "backoffice.web.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "backoffice.web.readable.ReadableMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "backoffice.accounts.throttle.SlowDownMiddleware",
    "backoffice.accounts.hand_over.ConsoleHostMiddleware",
    "backoffice.accounts.sessions.IdleSessionMiddleware",
    "backoffice.profile.last_seen.LastSeenMiddleware",
    "backoffice.profile.locale.PersonalLocaleMiddleware",
    "backoffice.accounts.second_factor.SecondFactorMiddleware",
    "backoffice.web.statement_limit.StatementLimitMiddleware",
    "backoffice.console.middleware.ConsoleMiddleware",
    "backoffice.audit.middleware.AuditMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "backoffice.web.methods.MethodsMiddleware",
]

ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backoffice.console.branding.outside_the_consoles",
                "backoffice.console.scope.rights_for_templates",
            ],
        },
    },
]

# Where things are kept -----------------------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'backoffice.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}  # a file, as in production: threads share it
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # What the outbox says for each mail is prepared, and planned only once for a connection. A process that is stopped
    # within a transaction keeps its locks from the others for less than a lease (see `delivery.models.delivery`).
    _given = DATABASES["default"].get("OPTIONS", {})
    _own = "-c plan_cache_mode=force_generic_plan -c idle_in_transaction_session_timeout=20s"
    _options = f"{_own} {_given.get('options', '')}".strip()
    DATABASES["default"]["OPTIONS"] = {"prepare_threshold": 5, **_given, "options": _options}
# The same backends, whose columns hold what their type says.
DATABASES["default"]["ENGINE"] = DATABASES["default"]["ENGINE"].replace("django.db.backends", "tables")
REDIS_URL = env.broker("REDIS_URL", "redis://127.0.0.1:6379/0", trusting=DEBUG)
CACHES = {
    "default": {
        "BACKEND": "backoffice.cache.SteadyCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "serializer": "backoffice.cache.JsonSerializer",
            "socket_connect_timeout": 1,
            "socket_timeout": 1,
        },
    }
}
SESSION_ENGINE = "backoffice.accounts.session_store"  # in the database: a broker that is away must sign nobody out

# People --------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",  # Argon2id
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # as stored before; hashed anew at the next sign-in
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "backoffice.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "backoffice.accounts.adapter.SignInForm",
    "reset_password": "backoffice.profile.password_links.ForgottenForm",
    "reset_password_from_key": "backoffice.profile.password_links.ChooseForm",
    "change_password": "backoffice.profile.passwords.ChangeForm",
    "set_password": "backoffice.profile.passwords.FirstForm",
    "reauthenticate": "backoffice.profile.passwords.ConfirmForm",
    "user_token": "backoffice.profile.password_links.LinkForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by the owner; the invitation proves the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is told to its holder
# Guesses are slowed down by `backoffice.accounts.throttle`: a limit for each account would let strangers close it.
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": ""}
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600  # the longest that a link lasts; `people.tokens` says how long each does
MFA_ADAPTER = "backoffice.accounts.passkeys.FactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "backoffice.accounts.codes.CodeForm",
    "reauthenticate": "backoffice.accounts.codes.CodeAgainForm",
    "activate_totp": "backoffice.accounts.codes.SetUpForm",
    "add_webauthn": "backoffice.accounts.passkeys.AddPasskeyForm",
    "edit_webauthn": "backoffice.accounts.passkeys.RenamePasskeyForm",
    "authenticate_webauthn": "backoffice.accounts.passkeys.PasskeyAsSecondFactorForm",
    "reauthenticate_webauthn": "backoffice.accounts.passkeys.PasskeyAgainForm",
    "login_webauthn": "backoffice.accounts.passkeys.SignInByPasskeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}  # nobody guesses a signature, and an office shares its address
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # of every passkey: each is both factors
MFA_TOTP_ISSUER = "Backoffice"
OWNER_SECOND_FACTOR = env.boolean("OWNER_SECOND_FACTOR", not DEBUG)
OWNER_SESSION_SECONDS = env.whole_number("OWNER_SESSION_SECONDS", 12 * 3600, minimum=300)
SESSION_SECONDS = env.whole_number("SESSION_SECONDS", 14 * 24 * 3600, minimum=300)
SESSION_COOKIE_AGE = max(OWNER_SESSION_SECONDS, SESSION_SECONDS)
HAND_OVER_COOKIE_NAME = f"{'__Host-' if INTERNAL_HTTPS else ''}hand-over"
SOCIALACCOUNT_ADAPTER = "backoffice.accounts.organisation.OrganisationAdapter"
OIDC_ISSUER = env.issuer("OIDC_ISSUER")  # "": nobody signs in with an organisation's account, and no page speaks of it
OIDC_CLIENT_ID = env.required("OIDC_CLIENT_ID", "OIDC_ISSUER needs it.") if OIDC_ISSUER else ""
OIDC_CLIENT_SECRET = env.required("OIDC_CLIENT_SECRET", "OIDC_ISSUER needs it.") if OIDC_ISSUER else ""
OIDC_NAME = env.text("OIDC_NAME", "your organisation")
OIDC_SECOND_FACTOR_TRUSTED = env.boolean("OIDC_SECOND_FACTOR_TRUSTED", False)

# Web -----------------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # people choose where there are more
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "backoffice.formats"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o644, 0o755  # of `collectstatic`: everybody's to read
DOCS = BASE_DIR / "docs"
STATICFILES_DIRS = [BASE_DIR / "static", ("docs", DOCS / "images")]
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG
if not DEBUG:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
COOKIE_PREFIX = "__Host-" if INTERNAL_HTTPS else ""  # browsers take such a cookie from this very host alone, by TLS
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = INTERNAL_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # no script reads them: forms carry the token
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # and not a cookie of its own
SECURE_HSTS_SECONDS = 31_536_000 if INTERNAL_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = INTERNAL_HTTPS
BEHIND_PROXY = env.boolean("BEHIND_PROXY", False)
PROXY_HOPS = env.whole_number("PROXY_HOPS", 1, minimum=1) if BEHIND_PROXY else 0
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
X_FRAME_OPTIONS = "DENY"
# What pages need beyond files of this site: the marks of form fields are pictures inside the stylesheet of Unfold.
# Its Alpine would need 'unsafe-eval', its colours inline styles: see static/backoffice/expressions.js and `palette`.
INLINE_PICTURES = "data:"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", INLINE_PICTURES],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "object-src": ["'none'"],
    }
}
# Loaded in this order by every page of the consoles and of the accounts.
CONSOLE_STYLES = [
    f"backoffice/{part}.css"
    for part in (
        "base",
        "content",
        "forms",
        "shell",
        "accounts",
        "delivery_log",
        "inbox",
        "domain",
        "smtp_form",
        "keys",
        "people",
        "lists",
        "figures",
        "profile",
        "search",
        "help",
    )
]
CONSOLE_SCRIPTS = [
    f"backoffice/{part}.js"
    for part in (
        "expressions",
        "alpine",
        "system_theme",
        "shell",
        "menus",
        "choosers",
        "copy",
        "form_mistakes",
        "unsaved",
        "record_rows",
        "smtp_form",
        "htmx_policy",
        "search",
        "live",
        "charts",
    )
]
_styles: list[object] = [lambda request, path=path: static(path) for path in CONSOLE_STYLES]
UNFOLD: dict[str, object] = {
    "SITE_TITLE": "backoffice.console.branding.owner_title",
    "SITE_HEADER": "backoffice.console.branding.owner_title",
    "SITE_SYMBOL": "outgoing_mail",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("backoffice/icon.svg")},
    ],
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": "backoffice.console.branding.no_colours",
    "STYLES": [*_styles, "backoffice.console.branding.owner_palette"],
    "SCRIPTS": [lambda request, path=path: static(path) for path in CONSOLE_SCRIPTS],
    "SIDEBAR": {"show_search": False, "navigation": "backoffice.console.navigation.of_owner"},
    "ACCOUNT": {"navigation": "backoffice.console.navigation.account_links"},
}
UNFOLD_WHITELABEL = UNFOLD | {
    "SITE_TITLE": "backoffice.console.branding.white_label_title",
    "SITE_HEADER": "backoffice.console.branding.white_label_title",
    "STYLES": [*_styles, "backoffice.console.branding.white_label_palette"],
    "SIDEBAR": {"show_search": False, "navigation": "backoffice.console.navigation.of_white_label"},
}

# Mail ----------------------------------------------------------------------------------------------------------------

EMAIL_BACKEND = "delivery.backend.OutboxBackend"
DEFAULT_SMTP = env_mail.email_url("EMAIL_URL", "smtp://localhost:25")
MAIL_NAME = host_name.in_mail(_site.hostname or "localhost")  # of this installation, in mail
DEFAULT_FROM_EMAIL = env_mail.mail_address("DEFAULT_FROM_EMAIL", f"no-reply@{MAIL_NAME}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL  # of `mail_admins`
SMTP_ALLOWED_CIDRS = env.networks("SMTP_ALLOWED_CIDRS")
SMTP_ALLOW_PORT_25 = env.boolean("SMTP_ALLOW_PORT_25", False)
SMTP_CA_FILE = env.readable_file("SMTP_CA_FILE")
SMTP_SCOPES = {  # who may have an SMTP server: how the key of such a scope begins, and the class that loads it
    "platform": "smtp_settings.scope.PlatformScope",
    "platform-second": "smtp_settings.scope.SecondScope",
    "white-label": "whitelabel.own_server.WhiteLabelScope",
}
# Gives the link at the end of a notice, from what it is about and the mailbox of who reads it.
NOTICE_LINK = "backoffice.shared_pages.notice_links.link_for"
NOTIFICATION_BRAND = "whitelabel.mail_brand.of_account"  # gives the name and colour of an e-mail about an account
SMTP_EHLO_NAME = env_mail.mail_name("SMTP_EHLO_NAME", MAIL_NAME)
DNS_RESOLVERS = env.name_servers("DNS_RESOLVERS")
DNS_AUTHORITY_PORT = env.port("DNS_AUTHORITY_PORT", 53)
# The last delay of a list comes again and again, until the time is over; each varies by ±20 %.
RETRY_SECONDS = env.seconds("RETRY_SECONDS", "60,300,900,1800,3600,7200,14400,28800")
RETRY_FOR_SECONDS = env.whole_number("RETRY_FOR_SECONDS", 72 * 3600)
URGENT_RETRY_SECONDS = env.seconds("URGENT_RETRY_SECONDS", "60,120,300")
URGENT_RETRY_FOR_SECONDS = env.whole_number("URGENT_RETRY_FOR_SECONDS", 600)
UNCERTAIN_RESEND_SECONDS = env.whole_number("UNCERTAIN_RESEND_SECONDS", 900)
BREAKER_SECONDS = env.seconds("BREAKER_SECONDS", "7,60,300,900,1800")
MAX_MESSAGE_BYTES = env.whole_number("MAX_MESSAGE_BYTES", 10 * 1024 * 1024, minimum=64 * 1024)
CONTENT_DAYS = env.whole_number("CONTENT_DAYS", 30)
LOG_DAYS = env.whole_number("LOG_DAYS", 400)
API_REQUESTS_PER_MINUTE = env.whole_number("API_REQUESTS_PER_MINUTE", 6000, minimum=1)
# Where applications in other languages come in. A door without an address is closed, and no page speaks of it.
SUBMISSION_HOST = env.text("SUBMISSION_HOST")
SUBMISSION_PORT = env.port("SUBMISSION_PORT", 587)
SUBMISSION_TLS_PORT = env.port("SUBMISSION_TLS_PORT", 465)
SUBMISSION_LISTEN = env.listed("SUBMISSION_LISTEN")
SUBMISSION_LISTEN_PORT = env.port("SUBMISSION_LISTEN_PORT", SUBMISSION_PORT)
SUBMISSION_LISTEN_TLS_PORT = env.port("SUBMISSION_LISTEN_TLS_PORT", SUBMISSION_TLS_PORT)
SUBMISSION_CERTIFICATE = env.readable_file("SUBMISSION_CERTIFICATE")
SUBMISSION_CERTIFICATE_KEY = env.readable_file("SUBMISSION_CERTIFICATE_KEY")
SUBMISSION_PROXY_FROM = env.networks("SUBMISSION_PROXY_FROM")
SUBMISSION_CONNECTIONS_PER_ADDRESS = env.whole_number("SUBMISSION_CONNECTIONS_PER_ADDRESS", 100, minimum=1)
SUBMISSION_CONNECTIONS_PER_KEY = env.whole_number("SUBMISSION_CONNECTIONS_PER_KEY", 50, minimum=1)
SUBMISSION_THREADS = env.whole_number("SUBMISSION_THREADS", 8, minimum=1)
CATCHER_PORT = env.port("CATCHER_PORT", 1025)
CATCHER_MAIL_DIR = VAR_DIR / "mail"

# Work in the background ----------------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.celery_broker(REDIS_URL)
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False  # the outbox is the truth; a wake-up that is lost costs one sweep
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 30,
    "max_retries": 1,
    "interval_max": 0.2,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = env.whole_number("WORKER_THREADS", 16, minimum=2)
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep-outbox": {"task": "delivery.tasks.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "give-up-checks": {"task": "smtp_settings.tasks.give_up_checks", "schedule": 60.0, "options": {"expires": 60}},
    "look-for-lost-secrets": {
        "task": "delivery.tasks.look_for_lost_secrets",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "count-figures": {"task": "delivery.tasks.count_figures", "schedule": 15.0, "options": {"expires": 15}},
    "clean-up": {"task": "delivery.tasks.clean_up", "schedule": 3600.0, "options": {"expires": 3600}},
    "tell-of-secrets": {
        "task": "whitelabel.tasks.notify_expiring_secrets",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "forget-links": {"task": "whitelabel.tasks.forget_old_links", "schedule": 3600.0, "options": {"expires": 3600}},
    "discard-tokens": {
        "task": "smtp_settings.tasks.discard_unused_tokens",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "send-digests": {"task": "whitelabel.tasks.send_digests", "schedule": 300.0, "options": {"expires": 300}},
    "expire-requests": {"task": "whitelabel.tasks.expire_requests", "schedule": 3600.0, "options": {"expires": 3600}},
    "watch-degraded": {
        "task": "whitelabel.tasks.watch_degraded_domains",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "tell-of-keys": {"task": "gateway.tasks.warn_of_expiring_keys", "schedule": 3600.0, "options": {"expires": 3600}},
    "record-refused-keys": {
        "task": "gateway.tasks.record_refused_keys",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "forget-idempotent-requests": {
        "task": "gateway.tasks.forget_idempotent_requests",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "forget-sessions": {"task": "backoffice.tasks.forget_sessions", "schedule": 3600.0, "options": {"expires": 3600}},
    "answer-password-resets": {
        "task": "backoffice.tasks.answer_password_resets",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "run-bulk-acts": {"task": "backoffice.tasks.run_bulk_acts", "schedule": 30.0, "options": {"expires": 30}},
    "apply-lists": {"task": "gateway.tasks.apply_waiting_lists", "schedule": 30.0, "options": {"expires": 30}},
    "forget-list-files": {"task": "gateway.tasks.forget_list_files", "schedule": 3600.0, "options": {"expires": 3600}},
    "check-domains": {"task": "whitelabel.tasks.check_due_domains", "schedule": 20.0, "options": {"expires": 20}},
}

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "gateway.keys.redaction.RedactingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"django": {"handlers": []}},  # everything is said once, by the root
    "root": {"handlers": ["console"], "level": env.one_of("LOG_LEVEL", "INFO", LOG_LEVELS)},
}

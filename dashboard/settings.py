"""All settings, read from the environment (and from `.env` when it is there).

The table of variables is in README.md. Beside this file only commands read the environment, for secrets
that must not be settings, and `gunicorn.py`.
"""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

env = environ.Env()
if env.bool("READ_DOT_ENV", default=True):
    environ.Env.read_env(BASE_DIR / ".env")

# ── Core ─────────────────────────────────────────────────────────────────────────────────────────

SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
HTTPS = urlsplit(SITE_URL).scheme == "https"

ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "connectors_app",
    "django.contrib.admin.apps.SimpleAdminConfig",  # Only what connectors_app/admin.py names is in it.
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_guid",
    "django_htmx",
    "huey.contrib.djhuey",
]

MIDDLEWARE = [
    "connectors_app.middleware.ProbesMiddleware",
    "connectors_app.middleware.TrustedRequestIdMiddleware",
    "django_guid.middleware.guid_middleware",
    "connectors_app.middleware.AccessMiddleware",
    # What sets headers comes before what answers, so that they are on files, refusals and failures, too.
    "connectors_app.middleware.AnswerHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "connectors_app.middleware.RefusalMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # Pads what it packs, so that lengths tell nothing (BREACH).
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "connectors_app.accounts.session_age.SessionAgeMiddleware",
    "connectors_app.accounts.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "connectors_app.middleware.AuditMiddleware",
    "connectors_app.accounts.middleware.SignInMiddleware",
    "connectors_app.middleware.TimeZoneMiddleware",
    "connectors_app.accounts.middleware.TwoFactorMiddleware",
    "connectors_app.accounts.middleware.ConfirmationMiddleware",
]

# ── Pages ────────────────────────────────────────────────────────────────────────────────────────

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
                "connectors_app.context_processors.shell",
            ],
            "builtins": ["connectors_app.templatetags.ui", "django.templatetags.static"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# ── Data ─────────────────────────────────────────────────────────────────────────────────────────

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'dashboard.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write takes the lock at its start, so that two writers queue
    # (up to `timeout` seconds) where they would otherwise fail halfway.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    if env.bool("PREPARED_STATEMENTS", default=True):
        prepared = {"server_side_binding": True, "prepare_threshold": 5}
        DATABASES["default"]["OPTIONS"] = prepared | DATABASES["default"].get("OPTIONS", {})
DATABASES["default"]["CONN_MAX_AGE"] = 60

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        # Shared by all processes, as limits must be. Never culled while attackers fill it with attempts.
        else {
            "BACKEND": "connectors_app.accounts.counting_cache.CountingCache",
            "LOCATION": "cache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    ),
    # What a process may keep to itself for a moment.
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

HUEY = {
    "name": "connectors",
    "huey_class": "huey.PriorityRedisHuey" if REDIS_URL else "huey.SqliteHuey",
    "results": False,
    "immediate": False,
    "connection": {"url": REDIS_URL}
    if REDIS_URL
    else {"filename": env.str("QUEUE_FILE", default=str(VAR_DIR / "queue.sqlite3"))},
    # SIGTERM, by which platforms stop a process, lets it finish what it is at. SIGINT ends it at once.
    # More threads than BIGDATA_MAX_CONCURRENCY: while some wait for an answer, others take in what came.
    "consumer": {
        "workers": env.int("WORKER_THREADS", default=6),
        "worker_type": "thread",
        "graceful_signal": "TERM",
    },
}

# ── Sign-in ──────────────────────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "connectors_app.Member"
AUTHENTICATION_BACKENDS = ["connectors_app.accounts.backend.MemberBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
ACCOUNT_ADAPTER = "connectors_app.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # Nobody is written to who is no member.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "connectors_app.accounts.reset_tokens.ResetTokens"  # noqa: S105
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# Receivers of alerts inside one's own network; everything else must be public and https.
WEBHOOK_ALLOWED_HOSTS = env.list("WEBHOOK_ALLOWED_HOSTS", default=[])
# How long a worker may be at one message before another takes its channel over. Seconds.
DELIVERY_LEASE = env.int("DELIVERY_LEASE", default=60)
# One stays signed in until nobody has clicked for so long, or for so long in all. Seconds.
SESSION_IDLE = env.int("SESSION_IDLE", default=12 * 3600)
SESSION_LIFETIME = SESSION_COOKIE_AGE = env.int("SESSION_LIFETIME", default=7 * 24 * 3600)
# How long ago one must have signed in, or confirmed it, to touch keys, roles and one's account. Seconds.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
REQUIRE_MFA = env.str("REQUIRE_MFA", default="admins")
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Connectors"
MFA_ADAPTER = "connectors_app.accounts.mfa.MfaAdapter"
MFA_FORMS = {
    "activate_totp": "connectors_app.forms.two_factor.AddAuthenticatorAppForm",
    "add_webauthn": "connectors_app.forms.security_key.AddSecurityKeyForm",
    "authenticate": "connectors_app.forms.second_factor.SignInCodeForm",
    "authenticate_webauthn": "connectors_app.forms.security_key.SignInKeyForm",
    "reauthenticate": "connectors_app.forms.second_factor.ConfirmCodeForm",
    "reauthenticate_webauthn": "connectors_app.forms.security_key.ConfirmKeyForm",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
ACCOUNT_FORMS = {
    "login": "connectors_app.forms.account.SignInForm",
    "change_password": "connectors_app.forms.account.ChangePasswordForm",
    "set_password": "connectors_app.forms.account.SetPasswordForm",
    "reauthenticate": "connectors_app.forms.account.ConfirmPasswordForm",
    "reset_password": "connectors_app.forms.password_reset.AskForLinkForm",
    "reset_password_from_key": "connectors_app.forms.password_reset.NewPasswordForm",
}
# Wrong passwords are counted by limits.py. `login_failed` is for the codes of two-factor, which only who
# knows the password gets to try.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "5/5m/key,20/6h/key",
    "change_password": "5/5m/user",
    "reauthenticate": "10/5m/user",
    "reset_password": "20/5m/ip,5/h/key",
    "reset_password_from_key": "20/5m/ip",
}
ACCOUNT_EMAIL_NOTIFICATIONS = True
# How often a member may ask for what is expensive (accounts/member_limits.py), and how many exports may be under
# way at once: of one member, and in one process, where each holds a thread.
MEMBER_LIMITS = {
    "bundle": "30/m",
    "documents": "60/m",
    "export": "10/5m",
    "key": "10/5m",
    "poll": "6/m",
    "refresh": "120/m",
    "search": "30/m",
    "test": "10/5m",
}
EXPORTS_PER_MEMBER = EXPORTS_PER_PROCESS = 2
# Single sign-on by OpenID Connect, where all three are set.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="").rstrip("/")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="single sign-on")
SOCIALACCOUNT_ADAPTER = "connectors_app.accounts.single_sign_on.SocialAccountAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_ONLY = False

# ── Security ─────────────────────────────────────────────────────────────────────────────────────

FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[])

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
# What a page could ask of the browser: all is refused but copying to the clipboard and security keys.
_REFUSED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "compute-pressure"),
    *("cross-origin-isolated", "display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation"),
    *("gyroscope", "hid", "idle-detection", "keyboard-map", "local-fonts", "magnetometer", "microphone", "midi"),
    *("payment", "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "sync-xhr", "usb"),
    *("window-management", "xr-spatial-tracking"),
)
_ALLOWED = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS_POLICY: dict[str, list[str]] = {power: [] for power in _REFUSED} | {
    power: ["self"] for power in _ALLOWED
}
# A browser takes a cookie of such a name only over https, and from no other host than this one.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
MESSAGE_STORAGE = "connectors_app.accounts.message_cookie.Messages"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc  # Never one that the request names.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# Only behind proxies of one's own is a forwarded protocol worth anything.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
# Of a body, in bytes; no page takes files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 0

# ── Bigdata.com ──────────────────────────────────────────────────────────────────────────────────

BIGDATA_API_BASE_URL = env.str("BIGDATA_API_BASE_URL", default="https://api.bigdata.com")
BIGDATA_CONNECT_TIMEOUT = env.float("BIGDATA_CONNECT_TIMEOUT", default=3.0)
BIGDATA_READ_TIMEOUT = env.float("BIGDATA_READ_TIMEOUT", default=10.0)
BIGDATA_TOTAL_TIMEOUT = env.float("BIGDATA_TOTAL_TIMEOUT", default=20.0)
BIGDATA_MAX_CONCURRENCY = env.int("BIGDATA_MAX_CONCURRENCY", default=4)
# What Bigdata.com allows: per key, and per IP address for all keys together.
BIGDATA_KEY_REQUESTS_PER_MINUTE = env.int("BIGDATA_KEY_REQUESTS_PER_MINUTE", default=500)
BIGDATA_REQUESTS_PER_MINUTE = env.int("BIGDATA_REQUESTS_PER_MINUTE", default=1500)
POLL_INTERVAL = env.int("POLL_INTERVAL", default=300)
# How long a worker may be at one key before another takes it over. Seconds.
POLL_LEASE = env.int("POLL_LEASE", default=120)
# Sync runs older than so many days are kept as daily sums.
HISTORY_DAYS = env.int("HISTORY_DAYS", default=90)

# ── Mail, logs and measurements ────────────────────────────────────────────────────────────────────────────────

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"connectors@{urlsplit(SITE_URL).hostname}")

# What a member can quote to find the lines of a request that failed.
DJANGO_GUID = {"GUID_HEADER_NAME": "X-Request-ID", "EXPOSE_HEADER": False}
# Of /metrics, as a bearer token. Empty: there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_DIR = env.str("METRICS_DIR", default=str(VAR_DIR / "metrics"))
# Where errors are reported to. Empty: nowhere.
SENTRY_DSN = env.str("SENTRY_DSN", default="")
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]

# json for machines, line for people.
LOG_FORMAT = env.str("LOG_FORMAT", default="json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"one_time_links": {"()": "dashboard.logs.WithoutOneTimeLinks"}},
    # Whatever is logged, by whomever: both take out secrets.
    "formatters": {
        "json": {"()": "connectors_app.telemetry.lines.JsonLine"},
        "line": {
            "()": "connectors_app.telemetry.lines.Line",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Django's own handlers would add a second line, and on DEBUG=false a mail to ADMINS.
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # These log the addresses of refused requests, and the address of a one-time link is a secret.
        "django.request": {"filters": ["one_time_links"]},
        "django.security.csrf": {"filters": ["one_time_links"]},
        # Of an answer that it can't make out it logs the address, and that of a webhook may be a secret.
        "urllib3": {"level": "ERROR"},
        # It tells of each id that it makes.
        "django_guid": {"level": "WARNING"},
        # Both would bring handlers of their own, and with them another format.
        "huey": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "gunicorn.error": {"handlers": [], "propagate": True},
    },
}

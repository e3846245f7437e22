"""What Django is made of here: applications, middleware, templates, words and times."""

from centre.settings.place import BASE_DIR

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "csp",
    "rest_framework",
    "knox",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "centre",
    "tactics",
    "experiments",
]

# What every answer says to the browser comes first: files, preflights, refusals and the way to https carry it too.
MIDDLEWARE = [
    "centre.metrics.Metered",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "centre.middleware.borders",
    "django.middleware.security.SecurityMiddleware",
    "centre.api.middleware.ApiBorder",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "centre.logs.RequestLines",
    "django.contrib.messages.middleware.MessageMiddleware",
    "centre.read_only.ReadOnly",
    "allauth.account.middleware.AccountMiddleware",
    "centre.accounts.sessions.rules",
    "centre.accounts.second_factor.required",
    "django_htmx.middleware.HtmxMiddleware",
    "centre.middleware.refusals",
]

ROOT_URLCONF = "centre.urls"
WSGI_APPLICATION = "centre.wsgi.application"

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
                "centre.navigation.places",
                "centre.read_only.banner",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Words and times.
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True

"""Who signs in, how, and for how long."""

from datetime import timedelta

from centre import env
from centre.accounts import providers
from centre.settings.place import EMBEDDED

# People.
AUTH_USER_MODEL = "centre.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "centre.accounts.passwords.OfTheContext"},
    {"NAME": "centre.accounts.passwords.Breached"},
]
# Words that anybody would guess here; those of the forces' names go with them (docs/accounts.md).
PASSWORD_CONTEXT_WORDS = (
    "academy", "analyst", "centre", "chief", "college", "constable", "constabulary", "custodian", "director",
    "evidence", "force", "inspector", "national", "officer", "passphrase", "password", "police", "policing",
    "productivity", "publisher", "registrar", "registry", "researcher", "reviewer", "sergeant", "service",
    "superintendent", "tactic", "tactics", "trial", "trials", "welcome",
)  # fmt: skip
# A file of SHA-1 hashes of passwords from breaches, sorted, a line each: as haveibeenpwned.com gives it.
BREACHED_PASSWORDS = env.text("BREACHED_PASSWORDS")
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "my-work"
LOGOUT_REDIRECT_URL = "library-home"

# Sessions: over after so long whatever happens, and after so long without a page.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE = timedelta(hours=2)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own

# The second factor: who holds a post that needs one sets one up before anything else. The sample people need none.
MFA_REQUIRED = env.flag("MFA_REQUIRED", default=not EMBEDDED)
# What cannot be undone is done within this time of a sign-in or a confirmation.
CONFIRM_WITHIN = timedelta(minutes=5)

# E-mail: links by which people come in. Without a server they are shown once, to whoever makes them.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM") or "registry@localhost"

# django-allauth: the second factor and single sign-on. Its own sign-in, sign-up and limits are not used.
ACCOUNT_ADAPTER = "centre.accounts.adapters.People"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False  # ours are counted in the audit log, which needs no cache
MFA_ADAPTER = "centre.accounts.adapters.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "centre.accounts.forms.CodeForm",
    "authenticate_webauthn": "centre.accounts.forms.PasskeyForm",
    "activate_totp": "centre.accounts.forms.AppForm",
    "add_webauthn": "centre.accounts.forms.NewPasskeyForm",
}
MFA_TOTP_ISSUER = "Tactic Registry"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody is here whom the Centre has not let in
MFA_REAUTHENTICATION_REQUIRED = False  # ours asks on the page itself, and loses no answer
MFA_RECOVERY_CODES_SHOW_ONCE = True
SOCIALACCOUNT_ADAPTER = "centre.accounts.single_sign_on.People"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form that leads elsewhere is against the pages' policy
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SINGLE_SIGN_ON = providers.from_environment()
SOCIALACCOUNT_PROVIDERS = providers.for_allauth(SINGLE_SIGN_ON)
# A new secret makes the keys of authenticator apps unreadable, unless the old one is still named here.
SECRET_KEY_FALLBACKS = env.listed("SECRET_KEY_FALLBACKS")

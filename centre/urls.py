"""Where every page lives. Apps are included by name, so that the Centre imports none of them."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path

from centre.views import (
    account,
    assurance,
    erasure,
    health,
    invitations,
    pages,
    people,
    runs,
    second_factor,
    session,
    single_sign_on,
    tokens,
)

handler500 = "centre.views.errors.failed"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("sign-in/", session.SignIn.as_view(), name="sign-in"),
    # The names that hold _ are django-allauth's: it goes to them by name.
    path("sign-in/again/", session.SignInAgain.as_view(), name="account_login"),
    path("sign-in/second-factor/", session.SecondFactor.as_view(), name="mfa_authenticate"),
    path("sign-in/with/<slug:provider_id>/", single_sign_on.Begin.as_view(), name="openid_connect_login"),
    path(
        "sign-in/with/<slug:provider_id>/done/",
        single_sign_on.Done.as_view(),
        name="openid_connect_callback",
    ),
    path("account/", account.Account.as_view(), name="account"),
    path("account/password/", account.PasswordChange.as_view(), name="password-change"),
    path("account/sessions/end/", account.SessionsEnd.as_view(), name="sessions-end"),
    path("second-factor/", second_factor.Factors.as_view(), name="mfa_index"),
    path("second-factor/app/", second_factor.AppSetUp.as_view(), name="mfa_activate_totp"),
    path("second-factor/passkey/", second_factor.PasskeySetUp.as_view(), name="mfa_add_webauthn"),
    path("second-factor/codes/", second_factor.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "second-factor/codes/new/",
        second_factor.RecoveryCodesNew.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factor/<int:factor_id>/remove/",
        second_factor.FactorRemove.as_view(),
        name="second-factor-remove",
    ),
    path("people/", people.PersonList.as_view(), name="person-list"),
    path("people/invite/", people.Invite.as_view(), name="person-invite"),
    path("people/<int:person_id>/", people.PersonDetail.as_view(), name="person-detail"),
    path("people/<int:person_id>/suspend/", people.PersonSuspend.as_view(), name="person-suspend"),
    path("people/<int:person_id>/restore/", people.PersonRestore.as_view(), name="person-restore"),
    path("people/<int:person_id>/new-link/", people.PersonRenew.as_view(), name="person-renew"),
    path(
        "people/<int:person_id>/second-factor/remove/",
        people.PersonFactorRemove.as_view(),
        name="person-second-factor-remove",
    ),
    path(
        "people/invitations/<uuid:invitation_id>/revoke/",
        people.InvitationRevoke.as_view(),
        name="invitation-revoke",
    ),
    path("invitations/accept/", invitations.Accept.as_view(), name="invitation-accept"),
    path("invitations/<str:key>/", invitations.Open.as_view(), name="invitation-open"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("assurance/", assurance.Assurance.as_view(), name="assurance"),
    path("assurance/heads/", assurance.Heads.as_view(), name="audit-heads"),
    path("assurance/heads.json", assurance.heads_json, name="audit-heads-json"),
    path("assurance/heads/feed/", assurance.heads_feed, name="audit-heads-feed"),
    path("accessibility/", pages.Accessibility.as_view(), name="accessibility"),
    path("privacy/", pages.Privacy.as_view(), name="privacy"),
    path("api/", include("centre.api.urls")),
    path("", include("tactics.urls")),
    path("", include("experiments.urls")),
    path("people/erase/", erasure.PersonErase.as_view(), name="person-erase"),
    path("runs/", runs.RunList.as_view(), name="run-list"),
    path("runs/<uuid:run_id>/", runs.RunDetail.as_view(), name="run-detail"),
    path("runs/<uuid:run_id>/progress/", runs.RunProgress.as_view(), name="run-progress"),
    path("runs/<uuid:run_id>/cancel/", runs.RunCancel.as_view(), name="run-cancel"),
    path("tokens/", tokens.TokenList.as_view(), name="token-list"),
    path("tokens/<uuid:public_id>/revoke/", tokens.TokenRevoke.as_view(), name="token-revoke"),
]

"""Where every page lives. Apps are included by name, so that the Centre imports none of them."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path

from centre.views import health, pages, runs, session, tokens

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("sign-in/", session.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("assurance/", pages.Assurance.as_view(), name="assurance"),
    path("accessibility/", pages.Accessibility.as_view(), name="accessibility"),
    path("privacy/", pages.Privacy.as_view(), name="privacy"),
    path("api/", include("centre.api.urls")),
    path("", include("tactics.urls")),
    path("", include("experiments.urls")),
    path("runs/", runs.RunList.as_view(), name="run-list"),
    path("runs/<uuid:run_id>/", runs.RunDetail.as_view(), name="run-detail"),
    path("runs/<uuid:run_id>/progress/", runs.RunProgress.as_view(), name="run-progress"),
    path("runs/<uuid:run_id>/cancel/", runs.RunCancel.as_view(), name="run-cancel"),
    path("tokens/", tokens.TokenList.as_view(), name="token-list"),
    path("tokens/<uuid:public_id>/revoke/", tokens.TokenRevoke.as_view(), name="token-revoke"),
]

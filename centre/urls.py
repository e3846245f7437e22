"""Where every page lives. Apps are included by name, so that the Centre imports none of them."""

from django.urls import URLPattern, URLResolver, include, path

from centre.views import runs, tokens

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("centre.api.urls")),
    path("runs/<uuid:run_id>/", runs.RunDetail.as_view(), name="run-detail"),
    path("runs/<uuid:run_id>/progress/", runs.RunProgress.as_view(), name="run-progress"),
    path("runs/<uuid:run_id>/cancel/", runs.RunCancel.as_view(), name="run-cancel"),
    path("tokens/", tokens.TokenList.as_view(), name="token-list"),
    path("tokens/<uuid:public_id>/revoke/", tokens.TokenRevoke.as_view(), name="token-revoke"),
]

"""Going to an organisation's own sign-in, and coming back from it."""

from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View
from requests import RequestException

from centre.accounts.single_sign_on import Provider


class _WithProvider(View):
    http_method_names = ("get",)
    way: Any

    def get(self, request: HttpRequest, provider_id: str) -> HttpResponse:
        """Take the next step of the way; a provider that does not answer is no fault of the person's."""
        try:
            answer: HttpResponse = self.way.adapter_view(Provider(request, provider_id))(request)
        except SocialApp.DoesNotExist as error:
            raise Http404 from error
        except RequestException:
            return render(request, "people/provider_away.html", status=503)
        return answer


class Begin(_WithProvider):
    """Go there, where the person chose to: a link on another site leads to the sign-in page and no further."""

    way = OAuth2LoginView

    def get(self, request: HttpRequest, provider_id: str) -> HttpResponse:
        """Go there."""
        if provider_id not in {one["id"] for one in settings.SINGLE_SIGN_ON}:
            raise Http404
        if not _is_from_here(request):
            return redirect_to_login(request.GET.get("next", ""))
        return super().get(request, provider_id)


def _is_from_here(request: HttpRequest) -> bool:
    """Return whether a page of ours led here, or the person's own bookmark, as the browser says."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    return urlsplit(request.headers.get("Referer", "")).netloc == request.get_host()


class Done(_WithProvider):
    """Come back."""

    way = OAuth2CallbackView

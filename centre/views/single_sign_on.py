"""Going to an organisation's own sign-in, and coming back from it."""

from typing import Any

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
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
    """Go there."""

    way = OAuth2LoginView


class Done(_WithProvider):
    """Come back."""

    way = OAuth2CallbackView

"""The API, for people who write programs, and all of the registry to take away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from centre.api import deprecations
from centre.snippets import snippets
from experiments.models import Snapshot


class Developers(View):
    """How to read what is public, and how to do what one may do in the pages."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        address = request.build_absolute_uri(reverse("api-estimate-list"))
        context = {
            "snapshot": Snapshot.objects.first(),
            "snippets": snippets(address, {}, "estimates"),
            "deprecated": deprecations.IN_FORCE,
            "deprecated_in_words": deprecations.summary(deprecations.IN_FORCE),
        }
        return render(request, "pages/developers.html", context)

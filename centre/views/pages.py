"""The pages about the service itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View
from django.views.generic import TemplateView

from centre import audit


class Accessibility(TemplateView):
    """The accessibility statement."""

    template_name = "pages/accessibility.html"


class Privacy(TemplateView):
    """What is kept about people."""

    template_name = "pages/privacy.html"


class Assurance(View):
    """Why the numbers can be trusted, and the head of the audit chain for anyone to keep."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the newest event's hash."""
        return render(request, "pages/assurance.html", {"head": audit.head()})

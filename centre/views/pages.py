"""The pages about the service itself."""

from django.conf import settings
from django.views.generic import TemplateView


class Accessibility(TemplateView):
    """The accessibility statement."""

    template_name = "pages/accessibility.html"


class Privacy(TemplateView):
    """What is kept about people."""

    template_name = "pages/privacy.html"
    extra_context = {"contact": settings.PRIVACY_CONTACT}

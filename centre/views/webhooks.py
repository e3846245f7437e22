"""A person's webhooks: made, their secret shown once, ended."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers

from centre.errors import Invalid, Problem, Refusal
from centre.forms import PlainCharField
from centre.middleware import record_refusal
from centre.models import Webhook
from centre.permissions import Permission
from centre.views.posts import ForPost
from centre.webhooks import addresses, subscribing


class WebhookForm(forms.Form):
    """Where what is new is sent."""

    url = PlainCharField(
        name="Address",
        label="Address",
        help_text="Of your organisation's own service. It begins with https://",
        max_length=addresses.LONGEST,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class _ForIntegrators(ForPost):
    """A page for those who may keep webhooks."""

    needs = Permission.WEBHOOK_KEEP


class WebhookList(_ForIntegrators):
    """The person's webhooks, and the form for another."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self._page(WebhookForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one, and show its secret this once."""
        form = WebhookForm(request.POST)
        if not form.is_valid():
            record_refusal(
                request, Invalid("No webhook was made", [Problem("/url", str(form.errors["url"][0]))])
            )
            return self._page(form, status=422)
        try:
            _, secret = subscribing.make(url=form.cleaned_data["url"], by=self.by)
        except Refusal as refusal:
            record_refusal(request, refusal)
            form.add_error("url" if refusal.problems else None, refusal.shown[0].message)
            return self._page(form, status=refusal.page_status)
        return self._page(WebhookForm(), secret=secret)

    def _page(self, form: WebhookForm, *, status: int = 200, secret: str = "") -> HttpResponse:
        context = {
            "form": form,
            "secret": secret,
            "webhooks": Webhook.objects.visible_to(self.by).with_newest(),
            "hosts": settings.WEBHOOK_HOSTS,
        }
        response = render(self.request, "webhooks/list.html", context, status=status)
        add_never_cache_headers(response)  # a secret must not be found again with the back button
        return response


class WebhookEnd(_ForIntegrators):
    """End one of the person's webhooks."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, webhook_id: str) -> HttpResponse:
        """End it."""
        webhook = get_object_or_404(Webhook.objects.visible_to(self.by), public_id=webhook_id)
        subscribing.end(webhook=webhook, by=self.by)
        messages.success(request, f"Nothing more is sent to {webhook.host}")
        return redirect("webhook-list")

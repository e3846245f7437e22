"""Webhooks, for a program that watches its own: list them, end one. A page makes them, and shows the secret."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer
from centre.api.views import ApiView, ListView, WritesMixin, visible
from centre.models import Webhook
from centre.webhooks import subscribing


class WebhookSerializer(ReadSerializer):
    """A webhook, and how its newest message fared."""

    id = serializers.UUIDField(source="public_id")
    newest_at = serializers.DateTimeField(allow_null=True, help_text="When the newest message was written.")
    newest_sent_at = serializers.DateTimeField(allow_null=True, help_text="When it was taken; null: not yet.")
    newest_problem = serializers.CharField(allow_null=True, help_text="Why it was not taken, the last time.")

    class Meta:
        model = Webhook
        fields = ("id", "url", "made_at", "ended_at", "newest_at", "newest_sent_at", "newest_problem")


class WebhookList(ListView):
    """Your webhooks, the newest first, ended ones too."""

    permission_classes = (SignedIn,)
    serializer_class = WebhookSerializer
    sorts: ClassVar = {"made_at": "made_at"}
    default_sort = "-made_at"
    modified_field = "made_at"
    queryset = Webhook.objects.all()

    def get_queryset(self) -> QuerySet[Webhook]:
        """Return the person's own."""
        rows: QuerySet[Webhook] = Webhook.objects.visible_to(self.request.user).with_newest()
        return rows


class WebhookEnd(WritesMixin, ApiView):
    """End a webhook: nothing more is sent there."""

    permission_classes = (SignedIn,)
    serializer_class = WebhookSerializer
    answer_serializer_class = WebhookSerializer

    def post(self, request: Request, webhook_id: str) -> Response:
        """End it."""
        self.webhook = visible(Webhook.objects.visible_to(request.user), public_id=webhook_id)
        return self.write(request)

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        subscribing.end(webhook=self.webhook, by=person(request))
        rows = Webhook.objects.visible_to(request.user).with_newest()
        return Response(WebhookSerializer(rows.get(pk=self.webhook.pk)).data)

"""Verifications: published releases computed again from their plan and data."""

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api.permissions import PublicRead, person
from centre.api.runs import RunSerializer, accepted
from centre.api.serializers import ReadSerializer
from centre.api.views import ListView, WritesMixin, visible
from experiments.actions import verifications
from experiments.models import Release, Verification


class VerificationSerializer(ReadSerializer):
    """One time that a release was computed again. The rows behind it, and exact numbers, are not shown."""

    id = serializers.UUIDField(source="public_id")
    verdict = serializers.ChoiceField(
        choices=Verification.Verdict.choices,
        help_text="same: every number as published; differs; not_done: with the reason.",
    )
    is_same_image = serializers.BooleanField(
        allow_null=True,
        help_text="Whether engine, packages, Python, processor and BLAS were those of the analysis: then bit for bit, "
        "else to 1e-9 of each number.",
    )
    differences = serializers.ListField(
        child=serializers.DictField(),
        help_text="JSON pointers into result.json (below /exact: into the numbers before rounding), what is published "
        "there, and the relative difference to the next power of ten. What came out now is not shown.",
    )

    class Meta:
        model = Verification
        fields = (
            "id",
            "at",
            "verdict",
            "engine_version",
            "is_same_image",
            "n_numbers",
            "n_differences",
            "differences",
            "reason",
        )


class VerificationList(WritesMixin, ListView):
    """The verifications of one release, newest first. POST asks for another."""

    permission_classes = (PublicRead,)
    serializer_class = VerificationSerializer
    answer_serializer_class = RunSerializer
    success = 202
    sorts: ClassVar = {"at": "at"}
    default_sort = "-at"
    modified_field = "at"
    queryset = Verification.objects.all()

    def release(self) -> Release:
        """Return the release that the address names."""
        seen = Release.objects.visible_to(self.request.user).select_related("trial")
        return visible(seen, public_id=self.kwargs["release_id"])

    def get_queryset(self) -> QuerySet[Verification]:
        """Return its verifications."""
        rows: QuerySet[Verification] = self.release().verifications.all()
        return rows

    def post(self, request: Request, release_id: uuid.UUID) -> Response:
        """Ask for the release to be computed again."""
        self.subject = self.release()
        return self.write(request)

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        return accepted(verifications.request(release=self.subject, by=person(request)))

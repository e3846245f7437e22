"""Releases: fixed files under their SHA-256, never changed."""

import datetime as dt
import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from centre.api.files import AnyFile, served
from centre.api.negotiation import AsItIs
from centre.api.serializers import ReadSerializer
from centre.api.views import ApiView, DetailView, ListView, visible
from experiments import promises
from experiments.api.places import OfTrial
from experiments.api.verifications import VerificationSerializer
from experiments.models import Deviation, PackageFile, Release, ReleaseFile
from experiments.promises import Kept


class ReleaseFileSerializer(ReadSerializer):
    """One file, as it is served."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = ReleaseFile
        fields = ("name", "sha256", "size", "media_type", "url")

    def get_url(self, file: Any) -> str:
        """Return the address of the file."""
        return reverse("api-release-file", args=[file.release.public_id, file.name])


class PackageFileSerializer(ReleaseFileSerializer):
    """One file of the package, as it is served."""

    class Meta:
        model = PackageFile
        fields = ReleaseFileSerializer.Meta.fields


class ReleaseSerializer(ReadSerializer):
    """A set of files from one analysis, cleared by two people and published once."""

    id = serializers.UUIDField(source="public_id")
    trial = serializers.CharField(source="trial.ref")
    analysis = serializers.UUIDField(source="analysis.public_id")
    is_registered = serializers.BooleanField(
        source="analysis.is_registered",
        help_text="Whether the plan was the registered one; else it is post hoc.",
    )
    is_simulated = serializers.BooleanField(source="trial.is_simulated")
    files = ReleaseFileSerializer(many=True, help_text="What two people cleared.")
    package = PackageFileSerializer(
        source="package_files",
        many=True,
        help_text="What was written from these when they were published; package.zip holds all.",
    )

    class Meta:
        model = Release
        fields = (
            "id",
            "trial",
            "analysis",
            "is_registered",
            "is_simulated",
            "note",
            "files",
            "package",
            "prepared_at",
            "published_at",
            "withdrawn_at",
            "withdrawn_reason",
        )


class KeptSerializer(serializers.Serializer[Any]):
    """One promise of the registration beside what the release reports."""

    promise = serializers.CharField()
    report = serializers.CharField()
    is_kept = serializers.BooleanField(help_text="Whether what is reported is what was planned.")
    deviations = serializers.SerializerMethodField(
        help_text="Ids of the deviations on record about it: see account/ of the trial."
    )

    def get_deviations(self, kept: Kept) -> list[uuid.UUID]:
        """Return their ids."""
        return [one.public_id for one in kept.deviations]


class ReleaseDetailSerializer(ReleaseSerializer):
    """A release with the registration beside it."""

    registered_and_reported = serializers.SerializerMethodField()
    last_verification = serializers.SerializerMethodField(
        help_text="When it was last computed again from its plan and data, and what came of it."
    )

    class Meta:
        model = Release
        fields = (*ReleaseSerializer.Meta.fields, "registered_and_reported", "last_verification")

    @extend_schema_field(VerificationSerializer(allow_null=True))
    def get_last_verification(self, release: Release) -> Any:
        """Return the newest; null before the first."""
        newest = release.verifications.first()
        return VerificationSerializer(newest).data if newest else None

    @extend_schema_field(KeptSerializer(many=True))
    def get_registered_and_reported(self, release: Release) -> Any:
        """Return each promise."""
        return KeptSerializer(promises.kept(release), many=True).data


def _with_files(rows: Any) -> QuerySet[Release]:
    found: QuerySet[Release] = rows.select_related("trial", "analysis").prefetch_related(
        "files__release", "package_files__release"
    )
    return found


class ReleaseList(OfTrial, ListView):
    """The releases of one trial."""

    serializer_class = ReleaseSerializer
    sorts: ClassVar = {"prepared_at": "prepared_at"}
    default_sort = "-prepared_at"
    modified_field = "published_at"
    queryset = Release.objects.all()

    def get_queryset(self) -> QuerySet[Release]:
        """Return the releases that the caller may see."""
        return _with_files(Release.objects.visible_to(self.request.user).filter(trial=self.trial()))


class ReleaseDetail(DetailView):
    """One release with its files, and what was registered beside what it reports."""

    serializer_class = ReleaseDetailSerializer
    modified_field = "published_at"

    def thing(self) -> Release:
        """Return the release."""
        return visible(
            _with_files(Release.objects.visible_to(self.request.user)), public_id=self.kwargs["release_id"]
        )

    def modified(self, rows: list[Any]) -> dt.datetime | None:
        """Return when it was published or last computed again, or when the newest deviation was recorded."""
        published = super().modified(rows)
        deviation = Deviation.objects.filter(trial__in=[one.trial_id for one in rows]).order_by("-at").first()
        later = [deviation, *(one.verifications.first() for one in rows)]
        return max([published, *(one.at for one in later if one)]) if published else published


class ReleaseFileContent(ApiView):
    """One file of a release. Its ETag is its SHA-256; a published file never changes."""

    renderer_classes = (AnyFile,)
    content_negotiation_class = AsItIs
    answer_type = OpenApiTypes.BINARY

    def get(self, request: Request, release_id: uuid.UUID, name: str) -> HttpResponseBase:
        """Answer the bytes."""
        release = visible(Release.objects.visible_to(request.user), public_id=release_id)
        file = release.file(name)
        if file is None:
            raise Http404
        return served(request, file, since=release.published_at if release.is_published else None)

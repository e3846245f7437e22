"""Snapshots: the whole public registry of a day as one file."""

import datetime as dt
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request

from centre.api.files import AnyFile, served
from centre.api.negotiation import AsItIs
from centre.api.serializers import ReadSerializer
from centre.api.views import ApiView, DetailView, ListView, visible
from experiments.models import Snapshot


class SnapshotPartSerializer(serializers.Serializer[Any]):
    """One file in a snapshot."""

    name = serializers.CharField()
    sha256 = serializers.CharField()
    bytes = serializers.IntegerField()
    rows = serializers.IntegerField()


class SnapshotSerializer(ReadSerializer):
    """A snapshot, and what is in it."""

    date = serializers.DateField(source="day")
    url = serializers.SerializerMethodField(help_text="Address of the zip file.")
    parts = SnapshotPartSerializer(many=True)

    class Meta:
        model = Snapshot
        fields = ("date", "sha256", "size", "url", "parts", "made_at")

    def get_url(self, snapshot: Snapshot) -> str:
        """Return the address of the file."""
        return reverse("api-snapshot-file", args=[snapshot.day])


class SnapshotList(ListView):
    """The snapshots, newest first."""

    serializer_class = SnapshotSerializer
    sorts: ClassVar = {"date": "day"}
    default_sort = "-date"
    modified_field = "made_at"
    queryset = Snapshot.objects.all()


class SnapshotDetail(DetailView):
    """One snapshot, with the hash and the rows of each file in it."""

    serializer_class = SnapshotSerializer
    modified_field = "made_at"

    def thing(self) -> Snapshot:
        """Return the snapshot."""
        return visible(Snapshot.objects.all(), day=self.kwargs["day"])


class WholeZip(AnyFile):
    """Stands in the schema for the file."""

    media_type = "application/zip"


class SnapshotFile(ApiView):
    """The zip file of a snapshot. Its ETag is its SHA-256; it never changes."""

    renderer_classes = (WholeZip,)
    content_negotiation_class = AsItIs
    answer_type = OpenApiTypes.BINARY

    def get(self, request: Request, day: dt.date) -> HttpResponseBase:
        """Answer the bytes."""
        snapshot: Snapshot = visible(Snapshot.objects.all(), day=day)
        return served(request, snapshot, since=snapshot.made_at)

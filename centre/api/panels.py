"""National panels: the versions of each, and the door for another."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api.filters import FilterSet
from centre.api.permissions import SignedIn, person
from centre.api.runs import RunSerializer, accepted
from centre.api.serializers import ReadSerializer, TextField, WriteSerializer
from centre.api.uploads import UploadList, file_field
from centre.api.views import DetailView, visible
from centre.hub.actions import panels
from centre.models import Panel
from centre.permissions import Permission, require


class PanelSerializer(ReadSerializer):
    """One version of one panel. Who sent it is not told here."""

    measures = serializers.ListField(child=serializers.SlugField(), help_text="Their keys.")

    class Meta:
        model = Panel
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "name",
            "version",
            "source",
            "vintage",
            "absent_is_zero",
            "measures",
            "first_month",
            "last_month",
            "n_areas",
            "n_rows",
            "n_cells",
            "manifest_sha256",
            "received_at",
        )
        extra_kwargs: ClassVar = {
            "vintage": {"help_text": "Of which census the areas are."},
            "absent_is_zero": {"help_text": "Whether an area without a row had no count."},
            "first_month": {"help_text": "Its first day."},
            "last_month": {"help_text": "Its first day."},
            "n_areas": {"help_text": "Areas that have a row in some month."},
            "n_rows": {"help_text": "Areas by months that have one."},
            "n_cells": {"help_text": "Figures."},
            "manifest_sha256": {"help_text": "Of the list of what came and what was made of it."},
        }


class PanelUpload(WriteSerializer):
    """A panel, and what is said of it."""

    file = file_field("panel")
    name = TextField(max_length=120, help_text="The same for each version.")
    source = TextField(max_length=200)  # type: ignore[assignment]  # a field of this name hides what it is read from
    vintage = serializers.ChoiceField(
        choices=Panel.Vintage.choices, help_text="Of which census the areas are."
    )
    absent_is_zero = serializers.BooleanField(
        default=False, help_text="Whether rows without a count were left out."
    )


class PanelFilter(FilterSet):
    """What panels can be filtered by."""

    class Meta:
        model = Panel
        fields = ("name",)


class PanelList(UploadList):
    """Every version of every national panel. POST sends another, for those who keep the hub; a run reads it."""

    permission_classes = (SignedIn,)
    serializer_class = PanelSerializer
    write_serializer_class = PanelUpload
    answer_serializer_class = RunSerializer
    success = 202
    filterset_class = PanelFilter
    sorts: ClassVar = {"received_at": "received_at", "name": "name"}
    default_sort = "-received_at"
    modified_field = "received_at"
    queryset = Panel.objects.all()

    def get_queryset(self) -> QuerySet[Panel]:
        """Return what the person may see."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[Panel] = Panel.objects.visible_to(self.request.user)
        return rows

    def post(self, request: Request) -> Response:
        """Send a panel: multipart. Larger than the limit of an upload, it is taken in by an administrator's command."""
        require(person(request), Permission.HUB_KEEP)
        return self.write(request)

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        return accepted(panels.send(**sent, filename=sent["file"].name, by=person(request)))


class PanelDetail(DetailView):
    """One version of one panel."""

    permission_classes = (SignedIn,)
    serializer_class = PanelSerializer
    modified_field = "received_at"

    def thing(self) -> Panel:
        """Return it, if the person may see it."""
        return visible(Panel.objects.visible_to(self.request.user), pk=self.kwargs["panel_id"])

"""Recorded offences by title, as forces sent them: every version of every month, and the door for more."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api.filters import DateFilter, FilterSet, SlugFilter, UuidFilter
from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer, TextField, WriteSerializer
from centre.api.uploads import UploadList, file_field
from centre.hub.actions import offences
from centre.models import OffenceFile, OffenceMonth
from centre.permissions import Permission, require


class OffenceMonthSerializer(ReadSerializer):
    """One version of one force's month."""

    file = serializers.UUIDField(source="file_id", help_text="That it came in.")
    force = serializers.SlugField(source="force.slug")
    month = serializers.DateField(help_text="Its first day.")
    counts = serializers.DictField(
        child=serializers.IntegerField(allow_null=True),
        help_text="Of each title that was sent. Null is not known, and never 0.",
    )
    absent_is_none = serializers.BooleanField(
        source="file.absent_is_none",
        help_text="Whether an offence without a count was not recorded; if not, its count is not known.",
    )
    received_at = serializers.DateTimeField(source="file.received_at")

    class Meta:
        model = OffenceMonth
        fields: ClassVar[tuple[str, ...]] = (
            "file",
            "force",
            "month",
            "version",
            "counts",
            "absent_is_none",
            "received_at",
        )


class OffenceMonthFilter(FilterSet):
    """What months can be filtered by."""

    force = SlugFilter(field_name="force__slug")
    month = DateFilter(field_name="month", help_text="Its first day.")
    file = UuidFilter(field_name="file_id")

    class Meta:
        model = OffenceMonth
        fields = ()


class OffenceFileSerializer(ReadSerializer):
    """A file of counts that was kept. Who sent it is not told here."""

    n_months = serializers.IntegerField(source="months.count", help_text="Months that said something new.")

    class Meta:
        model = OffenceFile
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "filename",
            "source",
            "sha256",
            "absent_is_none",
            "n_months",
            "unchanged",
            "received_at",
        )
        extra_kwargs: ClassVar = {"unchanged": {"help_text": "Months that the hub had already, as they are."}}


class OffenceUpload(WriteSerializer):
    """A CSV of counts, where they come from, and what an absent offence means."""

    file = file_field("CSV")
    source = TextField(max_length=200)  # type: ignore[assignment]  # a field of this name hides what it is read from
    absent_is_none = serializers.BooleanField(
        default=False, help_text="An offence without a row was not recorded; else its count is not known."
    )


class OffenceMonthList(UploadList):
    """Every version of the months of your forces; of all for the Centre. POST sends a CSV, whole or not at all."""

    permission_classes = (SignedIn,)
    serializer_class = OffenceMonthSerializer
    write_serializer_class = OffenceUpload
    answer_serializer_class = OffenceFileSerializer
    success = 201
    filterset_class = OffenceMonthFilter
    sorts: ClassVar = {"month": "month", "version": "version"}
    default_sort = "-month"
    queryset = OffenceMonth.objects.all()

    def modified(self, rows: list[OffenceMonth]) -> Any:
        """Return when the newest of them came."""
        return max((row.file.received_at for row in rows), default=None)

    def get_queryset(self) -> QuerySet[OffenceMonth]:
        """Return what the person may see."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[OffenceMonth] = OffenceMonth.objects.visible_to(self.request.user)
        return rows.select_related("force", "file")

    def post(self, request: Request) -> Response:
        """Send counts: multipart, with `file`, `source` and `absent_is_none`."""
        require(person(request), Permission.HUB_SUBMIT)
        return self.write(request)

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        file = sent["file"]
        made = offences.receive(
            content=file.read(offences.LARGEST + 1),
            filename=file.name,
            source=sent["source"],
            absent_is_none=sent["absent_is_none"],
            by=person(request),
        )
        return Response(OffenceFileSerializer(made).data, status=self.success)

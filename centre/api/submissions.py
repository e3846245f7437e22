"""Archives that forces send to the hub: the list of them, the door for another, and the monthly files they made."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api.filters import ChoiceFilter, DateFilter, FilterSet, SlugFilter, UuidFilter
from centre.api.permissions import SignedIn, person
from centre.api.runs import RunSerializer, accepted
from centre.api.serializers import ReadSerializer, TextField, WriteSerializer
from centre.api.uploads import UploadList, file_field
from centre.api.views import DetailView, ListView, visible
from centre.hub import stops
from centre.hub.actions import submissions
from centre.models import MonthlyFile, Submission
from centre.permissions import Permission, require


class SubmissionSerializer(ReadSerializer):
    """An archive as it came. Who sent it is not told here."""

    n_files = serializers.IntegerField(help_text="Monthly files that were new.")
    n_rows = serializers.IntegerField(allow_null=True, help_text="Their rows; null where nothing was new.")

    class Meta:
        model = Submission
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "filename",
            "source",
            "sha256",
            "size",
            "n_files",
            "n_rows",
            "unchanged",
            "passed_over",
            "received_at",
        )
        extra_kwargs: ClassVar = {
            "sha256": {"help_text": "Of the archive, which is kept as it came."},
            "size": {"help_text": "In bytes."},
            "unchanged": {"help_text": "Monthly files that the hub had already, byte for byte."},
            "passed_over": {
                "help_text": "Files that are no monthly files, by their path; the first hundred."
            },
        }


class SubmissionUpload(WriteSerializer):
    """An archive, and where it comes from."""

    file = file_field("archive")
    source = TextField(max_length=200)  # type: ignore[assignment]  # a field of this name hides what it is read from


class SubmissionList(UploadList):
    """Archives of your forces, the newest first; all for the Centre. POST sends another; a run examines it."""

    permission_classes = (SignedIn,)
    serializer_class = SubmissionSerializer
    write_serializer_class = SubmissionUpload
    answer_serializer_class = RunSerializer
    success = 202
    sorts: ClassVar = {"received_at": "received_at"}
    default_sort = "-received_at"
    modified_field = "received_at"
    queryset = Submission.objects.all()

    def get_queryset(self) -> QuerySet[Submission]:
        """Return what the person may see."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[Submission] = Submission.objects.visible_to(self.request.user).for_list()
        return rows

    def post(self, request: Request) -> Response:
        """Send an archive: multipart, with `file` and `source`."""
        require(person(request), Permission.HUB_SUBMIT)
        return self.write(request)

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        file = sent["file"]
        run = submissions.receive(file=file, filename=file.name, source=sent["source"], by=person(request))
        return accepted(run)


class SubmissionDetail(DetailView):
    """One archive."""

    permission_classes = (SignedIn,)
    serializer_class = SubmissionSerializer
    modified_field = "received_at"

    def thing(self) -> Submission:
        """Return it, if the person may see it."""
        rows: QuerySet[Submission] = Submission.objects.visible_to(self.request.user).for_list()
        return visible(rows, pk=self.kwargs["submission_id"])


class ProfileField(serializers.JSONField):
    """What was counted of a file; of stops and searches as counts of people may be told."""

    def get_attribute(self, instance: MonthlyFile) -> Any:
        """Return it."""
        is_of_people = instance.kind == MonthlyFile.Kind.STOP_AND_SEARCH
        return stops.as_told(instance.profile) if is_of_people else instance.profile


class MonthlyFileSerializer(ReadSerializer):
    """One version of one force's month, and its counts."""

    submission = serializers.UUIDField(source="submission_id")
    force = serializers.SlugField(source="force.slug")
    month = serializers.DateField(help_text="Its first day.")
    profile = ProfileField(
        help_text="Counts: rows without a place, categories or types, outcomes, faults with their first lines, areas. "
        "Of stops and searches they are to the nearest ten, and null for fewer than ten."
    )

    class Meta:
        model = MonthlyFile
        fields: ClassVar[tuple[str, ...]] = (
            "submission",
            "force",
            "kind",
            "month",
            "version",
            "sha256",
            "rows",
            "profile",
        )
        extra_kwargs: ClassVar = {"sha256": {"help_text": "Of the file as it stands in the archive."}}


class MonthlyFileFilter(FilterSet):
    """What monthly files can be filtered by."""

    force = SlugFilter(field_name="force__slug")
    kind = ChoiceFilter(choices=MonthlyFile.Kind.choices)
    month = DateFilter(field_name="month", help_text="Its first day.")
    submission = UuidFilter(field_name="submission_id")

    class Meta:
        model = MonthlyFile
        fields = ()


class MonthlyFileList(ListView):
    """Every version of the monthly files of your forces; of all for the Centre."""

    permission_classes = (SignedIn,)
    serializer_class = MonthlyFileSerializer
    sorts: ClassVar = {"month": "month", "version": "version"}
    default_sort = "-month"
    filterset_class = MonthlyFileFilter
    queryset = MonthlyFile.objects.all()

    def get_queryset(self) -> QuerySet[MonthlyFile]:
        """Return what the person may see."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[MonthlyFile] = MonthlyFile.objects.visible_to(self.request.user).select_related(
            "force"
        )
        return rows

"""Figures of measures that forces send: the list of them, and the door for more."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api.filters import ChoiceFilter, DateFilter, FilterSet, SlugFilter, UuidFilter
from centre.api.permissions import SignedIn, person
from centre.api.serializers import ReadSerializer, TextField, WriteSerializer
from centre.api.uploads import UploadList, file_field
from centre.hub.actions import figures
from centre.models import FigureFile, StandardFigure
from centre.permissions import Permission, require


class FigureSerializer(ReadSerializer):
    """One version of one force's figure. A value of null is not known, and never 0."""

    file = serializers.UUIDField(source="file_id", help_text="The file that it came in.")
    force = serializers.SlugField(source="force.slug")
    measure = serializers.CharField(help_text="Key of its measure.")
    first_month = serializers.DateField(help_text="First day of the first month.")
    last_month = serializers.DateField(help_text="First day of the last month.")
    value = serializers.FloatField(allow_null=True)
    denominator = serializers.FloatField(
        allow_null=True, help_text="Of how many it is counted; null: the measure has none, or not known."
    )
    version = serializers.IntegerField(help_text="The highest is the newest.")

    class Meta:
        model = StandardFigure
        fields: ClassVar[tuple[str, ...]] = (
            "file",
            "line",
            "force",
            "measure",
            "first_month",
            "last_month",
            "value",
            "denominator",
            "basis",
            "version",
        )
        extra_kwargs: ClassVar = {
            "line": {"help_text": "Of the file."},
            "basis": {"help_text": "counted, sampled or estimated: whether it may be compared."},
        }


class FigureFileSerializer(ReadSerializer):
    """A file of figures as it was kept. Who sent it is not told here."""

    n_figures = serializers.SerializerMethodField(help_text="Figures that said something new.")

    class Meta:
        model = FigureFile
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "filename",
            "source",
            "sha256",
            "n_figures",
            "unchanged",
            "received_at",
        )
        extra_kwargs: ClassVar = {
            "sha256": {"help_text": "Of the file, which is kept as it came."},
            "unchanged": {"help_text": "Figures that the hub had already, as they are."},
        }

    def get_n_figures(self, file: FigureFile) -> int:
        """Return it."""
        return int(file.figures.count())


class FiguresUpload(WriteSerializer):
    """A CSV of figures, and where they come from."""

    file = file_field("CSV")
    source = TextField(max_length=200)  # type: ignore[assignment]  # a field of this name hides what it is read from


class FigureFilter(FilterSet):
    """What figures can be filtered by."""

    force = SlugFilter(field_name="force__slug")
    measure = SlugFilter(field_name="measure")
    basis = ChoiceFilter(choices=StandardFigure.Basis.choices)
    file = UuidFilter(field_name="file_id")
    first_from = DateFilter(field_name="first_month", lookup_expr="gte", help_text="First month, or later.")
    last_to = DateFilter(field_name="last_month", lookup_expr="lte", help_text="Last month, or earlier.")

    class Meta:
        model = StandardFigure
        fields = ()


class FigureList(UploadList):
    """Every version of the figures of your forces; of all for the Centre. POST sends more, kept or refused whole."""

    permission_classes = (SignedIn,)
    serializer_class = FigureSerializer
    write_serializer_class = FiguresUpload
    answer_serializer_class = FigureFileSerializer
    success = 201
    filterset_class = FigureFilter
    sorts: ClassVar = {"first_month": "first_month", "measure": "measure", "version": "version"}
    default_sort = "-first_month"
    queryset = StandardFigure.objects.all()

    def get_queryset(self) -> QuerySet[StandardFigure]:
        """Return what the person may see."""
        require(person(self.request), Permission.HUB_SEE)
        rows: QuerySet[StandardFigure] = StandardFigure.objects.visible_to(self.request.user)
        return rows.select_related("force", "file")

    def modified(self, rows: list[Any]) -> Any:
        """Return when the newest of their files came."""
        return max((one.file.received_at for one in rows), default=None)

    def post(self, request: Request) -> Response:
        """Send figures: multipart, with `file` (CSV as docs/standards.md has it) and `source`."""
        require(person(request), Permission.HUB_SUBMIT)
        return self.write(request)

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        file = sent["file"]
        made = figures.receive(
            content=file.read(figures.LARGEST + 1),
            filename=file.name,
            source=sent["source"],
            by=person(request),
        )
        return Response(FigureFileSerializer(made).data, status=201)

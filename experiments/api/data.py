"""A trial's datasets: immutable versions, and the door for another."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api.permissions import SignedIn, person
from centre.api.runs import RunSerializer, accepted
from centre.api.schema import query
from centre.api.serializers import ReadSerializer, TextField, WriteSerializer
from centre.api.uploads import FILE_PARSERS
from centre.api.views import DetailView, ListView, WritesMixin, visible
from centre.permissions import Permission, require
from experiments.actions import datasets
from experiments.api.filters import DatasetFilter
from experiments.api.places import OfTrial
from experiments.models import Dataset


class DatasetSerializer(ReadSerializer):
    """One version of a trial's data. Its rows are served to nobody here; `access/` tells who may read them."""

    id = serializers.UUIDField(source="public_id")
    trial = serializers.CharField(source="trial.ref")
    force = serializers.SlugField(source="force.slug", default=None, allow_null=True)
    sealed_rows = serializers.SerializerMethodField(
        help_text="Rows that nobody can read before the data lock; 0 without a seal, or once it is open."
    )

    class Meta:
        model = Dataset
        fields = (
            "id",
            "trial",
            "kind",
            "version",
            "file_sha256",
            "file_size",
            "parquet_sha256",
            "n_rows",
            "columns",
            "filename_given",
            "force",
            "reason",
            "warnings",
            "sealed_rows",
            "received_at",
        )

    def get_sealed_rows(self, dataset: Dataset) -> int:
        """Return how many rows are sealed now."""
        return dataset.seal.n_sealed_rows if dataset.is_sealed else 0


class DatasetUpload(WriteSerializer):
    """A file, what it holds, and why it replaces an earlier version."""

    file = serializers.FileField(
        allow_empty_file=True,
        error_messages={"required": "Send a CSV or Parquet file", "invalid": "Send a CSV or Parquet file"},
    )
    kind = serializers.ChoiceField(choices=Dataset.Kind.choices, default=Dataset.Kind.OUTCOME)
    reason = TextField(max_length=2000, allow_blank=True, default="")


# What a form would hold beside the file, where the file is the body.
_WITH_A_BODY = (
    query("kind", {"type": "string", "enum": list(Dataset.Kind.values)}, "What the rows are; outcome."),
    query("reason", {"type": "string", "maxLength": 2000}, "Why it replaces an earlier version."),
)


class DatasetList(OfTrial, WritesMixin, ListView):
    """The versions of a trial's data, for those who work on it. POST sends another; a run checks it."""

    permission_classes = (SignedIn,)
    parser_classes = FILE_PARSERS
    serializer_class = DatasetSerializer
    write_serializer_class = DatasetUpload
    answer_serializer_class = RunSerializer
    success = 202
    filterset_class = DatasetFilter
    sorts: ClassVar = {"received_at": "received_at"}
    default_sort = "-received_at"
    modified_field = "received_at"
    queryset = Dataset.objects.all()

    def get_queryset(self) -> QuerySet[Dataset]:
        """Return the versions."""
        trial = self.trial_inside(Permission.DATASET_SEE)
        rows: QuerySet[Dataset] = trial.datasets.select_related("trial", "force", "seal")
        return rows

    def parameters_of(self, method: str) -> Sequence[dict[str, Any]]:
        """Take the fields of a whole-body upload as parameters."""
        return _WITH_A_BODY if method == "POST" else super().parameters_of(method)

    def known_parameters(self) -> frozenset[str]:
        """Take nothing of a list with an upload."""
        is_list = self.request.method != "POST"
        return super().known_parameters() if is_list else frozenset(one["name"] for one in _WITH_A_BODY)

    def post(self, request: Request, ref: str) -> Response:
        """Send a file: multipart, or CSV or Parquet as the body with `kind` and `reason` as parameters."""
        self.subject = self.trial_inside(Permission.DATASET_UPLOAD)
        return self.write(request)

    def sent_data(self, request: Request) -> Any:
        """Return the fields, from the form or from the address."""
        data: Any = request.data
        if request.content_type.startswith("multipart/"):
            return data
        if "file" not in data:  # a body of no bytes is read by no parser
            raise serializers.ValidationError({"file": ["The file is empty"]})
        return {**request.query_params.dict(), "file": data["file"]}

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        file = sent["file"]
        run = datasets.receive(
            trial=self.subject,
            file=file,
            kind=sent["kind"],
            filename=file.name,
            reason=sent["reason"],
            by=person(request),
        )
        return accepted(run)


class DatasetDetail(DetailView):
    """One version of a trial's data, for those who work on the trial."""

    permission_classes = (SignedIn,)
    serializer_class = DatasetSerializer
    modified_field = "received_at"

    def thing(self) -> Dataset:
        """Return the version."""
        rows = Dataset.objects.inside_for(self.request.user).select_related("trial", "force", "seal")
        dataset: Dataset = visible(rows, public_id=self.kwargs["dataset_id"])
        require(self.request.user, Permission.DATASET_SEE, on=dataset.trial)
        return dataset

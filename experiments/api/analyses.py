"""Analyses: asked for, followed as runs, and their result documents."""

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from centre import vault
from centre.api import conditional
from centre.api.permissions import SignedIn, person
from centre.api.runs import RunSerializer, accepted
from centre.api.serializers import ReadSerializer, WriteSerializer
from centre.api.views import ApiView, DetailView, ListView, WritesMixin, visible
from centre.errors import Conflict, Invalid
from centre.models import Run
from centre.permissions import Permission
from experiments.actions import analyses
from experiments.api.filters import AnalysisFilter
from experiments.api.places import OfTrial, find_analysis, sees_uncleared
from experiments.models import Analysis, Dataset


class AnalysisSerializer(ReadSerializer):
    """One plan on one version of the data. A plan that is not the registered one is post hoc, for ever."""

    id = serializers.UUIDField(source="public_id")
    trial = serializers.CharField(source="trial.ref")
    registration_version = serializers.CharField(source="registration.version")
    dataset = serializers.UUIDField(source="dataset.public_id")
    label = serializers.CharField(help_text="Registered, or Post hoc.")  # type: ignore[assignment]  # a field
    run = serializers.UUIDField(source="run_id")
    state = serializers.CharField(source="run.state")

    class Meta:
        model = Analysis
        fields = (
            "id",
            "trial",
            "registration_version",
            "dataset",
            "is_registered",
            "label",
            "plan",
            "plan_sha256",
            "run",
            "state",
            "requested_at",
            "finished_at",
            "result_sha256",
        )


class AnalysisRequest(WriteSerializer):
    """The registered plan is run unless another is sent; the newest outcome data unless a version is named."""

    plan = serializers.DictField(required=False, help_text="A plan as in the analysis contract: post hoc.")
    dataset = serializers.UUIDField(required=False)
    seen_sha256 = serializers.RegexField(
        "^[0-9a-f]{64}$",
        required=False,
        help_text="SHA-256 of the newest outcome data as you saw them; 409 where another version came since.",
    )


class AnalysisAcceptedSerializer(RunSerializer):
    """The run that works on the analysis, and where the analysis is."""

    analysis = serializers.CharField()

    class Meta:
        model = Run
        fields = (*RunSerializer.Meta.fields, "analysis")


class ResultDocumentSerializer(serializers.Serializer[Any]):
    """A result document, version 1: what the analysis contract says."""

    result_version = serializers.IntegerField()
    estimates = serializers.ListField(child=serializers.DictField())
    checks = serializers.DictField()
    data = serializers.DictField()  # type: ignore[assignment]  # the contract's name
    plan_sha256 = serializers.CharField()
    provenance = serializers.DictField()


class AnalysisList(OfTrial, WritesMixin, ListView):
    """The analyses of a trial, for those who work on it. POST asks for another."""

    permission_classes = (SignedIn,)
    serializer_class = AnalysisSerializer
    write_serializer_class = AnalysisRequest
    answer_serializer_class = AnalysisAcceptedSerializer
    success = 202
    filterset_class = AnalysisFilter
    sorts: ClassVar = {"requested_at": "requested_at"}
    default_sort = "-requested_at"
    modified_field = "requested_at"
    queryset = Analysis.objects.all()

    def get_queryset(self) -> QuerySet[Analysis]:
        """Return the analyses."""
        trial = self.trial()
        if not sees_uncleared(self.request.user, trial):
            raise Http404
        rows: QuerySet[Analysis] = trial.analyses.select_related("trial", "registration", "dataset", "run")
        return rows

    def post(self, request: Request, ref: str) -> Response:
        """Ask for an analysis by the registered plan, or by a post hoc plan."""
        self.subject = self.trial_inside(Permission.ANALYSIS_RUN)
        return self.write(request)

    def act(self, request: Request, sent: dict[str, Any]) -> Response:
        """Call the action."""
        analysis = analyses.request(
            trial=self.subject,
            by=person(request),
            dataset=self._dataset(sent.get("dataset")),
            plan=sent.get("plan"),
            seen=sent.get("seen_sha256"),
        )
        response = accepted(analysis.run)
        response.data = {**response.data, "analysis": reverse("api-analysis", args=[analysis.public_id])}
        return response

    def _dataset(self, public_id: uuid.UUID | None) -> Dataset | None:
        if public_id is None:
            return None
        found: Dataset | None = self.subject.datasets.filter(public_id=public_id).first()
        if found is None:
            raise Invalid.field("/dataset", "There is no such dataset in this trial")
        return found


class AnalysisDetail(DetailView):
    """One analysis: for everybody once it is released, before that for those who may see uncleared results."""

    serializer_class = AnalysisSerializer

    def thing(self) -> Analysis:
        """Return the analysis."""
        return find_analysis(self.request.user, self.kwargs["analysis_id"])[0]


class AnalysisResult(ApiView):
    """The result document of the analysis contract: the released one, or the uncleared for those who may see it."""

    serializer_class = ResultDocumentSerializer

    def get(self, request: Request, analysis_id: uuid.UUID) -> HttpResponse:
        """Answer the document, byte for byte as it was made or cleared."""
        analysis, release = find_analysis(request.user, analysis_id)
        sha256 = analysis.result_sha256
        if release is not None:
            sha256 = visible(release.files.all(), name="result.json").sha256
        if not sha256:
            raise Conflict(f"This analysis has no result yet: its run is {analysis.run.state}.")
        entity_tag = f'"{sha256}"'
        if known := conditional.unchanged(request, entity_tag):
            return known
        return HttpResponse(vault.read(sha256), content_type="application/json", headers={"ETag": entity_tag})

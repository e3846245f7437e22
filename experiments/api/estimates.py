"""The tidy table: one row is one estimate, from published releases only, across all trials the caller may see."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.db.models import Count, Max, QuerySet, Sum
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request

from centre.api import conditional, streaming
from centre.api.csv import moment
from centre.api.files import AnyFile
from centre.api.negotiation import AsItIs
from centre.api.serializers import Prunable
from centre.api.views import ListView
from experiments.api.filters import EstimateFilter
from experiments.models import ReleasedEstimate
from experiments.packages.tidy import FREE_TEXT


class EstimateSerializer(Prunable):
    """One estimate. Names as broom has them, so that `metafor::rma(yi, vi)` works on the table as it is."""

    trial_id = serializers.CharField(help_text="Number of the trial.")
    protocol_version = serializers.CharField()
    registration_hash = serializers.CharField(help_text="SHA-256 of the frozen protocol.")
    analysis_id = serializers.UUIDField()
    estimand = serializers.CharField()
    outcome_id = serializers.CharField(help_text="Id of the outcome in the protocol.")
    outcome_role = serializers.CharField()
    prespecified = serializers.BooleanField(
        help_text="Whether the plan was the registered one; else post hoc."
    )
    arm = serializers.CharField(allow_null=True)
    comparator = serializers.CharField(allow_null=True)
    design = serializers.CharField(allow_null=True)
    estimator = serializers.CharField()
    estimate = serializers.FloatField(allow_null=True)
    std_error = serializers.FloatField(allow_null=True)
    df = serializers.FloatField(allow_null=True, help_text="Degrees of freedom; null: normal.")
    statistic = serializers.FloatField(allow_null=True)
    p_value = serializers.FloatField(allow_null=True)
    p_value_adjusted = serializers.FloatField(allow_null=True)
    adjustment = serializers.CharField(allow_null=True, help_text="How p_value_adjusted was adjusted.")
    conf_low = serializers.FloatField(allow_null=True, help_text="Of the unadjusted interval.")
    conf_high = serializers.FloatField(allow_null=True, help_text="Of the unadjusted interval.")
    conf_level = serializers.FloatField(allow_null=True)
    effect_scale = serializers.CharField(allow_null=True, help_text="raw, irr, or, smd; irr and or are logs.")
    yi = serializers.FloatField(allow_null=True, help_text="Effect for a meta-analysis.")
    vi = serializers.FloatField(allow_null=True, help_text="Its sampling variance.")
    direction_of_benefit = serializers.CharField(allow_null=True)
    n_units_arm = serializers.IntegerField(allow_null=True)
    n_units_comp = serializers.IntegerField(allow_null=True)
    n_clusters_arm = serializers.IntegerField(allow_null=True)
    n_clusters_comp = serializers.IntegerField(allow_null=True)
    icc = serializers.FloatField(allow_null=True)
    integrity_pct = serializers.FloatField(
        allow_null=True, help_text="Treatment delivered as assigned, per cent."
    )
    window_start = serializers.DateField(allow_null=True)
    window_end = serializers.DateField(allow_null=True)
    suppressed = serializers.BooleanField(
        help_text="Whether a rule of disclosure control took the numbers away."
    )
    suppression_rule = serializers.CharField(allow_null=True)
    engine_version = serializers.CharField(allow_null=True)
    code_sha = serializers.CharField(allow_null=True, help_text="Version of the software that ran it.")
    data_sha = serializers.CharField(help_text="SHA-256 of the data file.")
    released_at = serializers.DateTimeField()
    licence = serializers.CharField()
    estimate_id = serializers.CharField(help_text="Id of the estimate in the plan.")
    status = serializers.CharField(help_text="ok, or not_estimable with a reason.")
    reason = serializers.CharField(allow_null=True, help_text="Why there is no estimate.")
    n_obs = serializers.IntegerField(allow_null=True)
    is_simulated = serializers.BooleanField(
        help_text="True: invented to show how the registry works; no evidence."
    )

    def to_representation(self, instance: ReleasedEstimate) -> dict[str, Any]:
        """Return the row as it stands; a thousand rows a page leave no time for a call a cell."""
        stored = instance.__dict__
        row = {name: stored[name] for name in cast(Mapping[str, Any], self.fields)}
        if "released_at" in row:
            row["released_at"] = moment(row["released_at"])
        return row


class EstimateList(ListView):
    """Every estimate of every published release: one row is one estimate."""

    serializer_class = EstimateSerializer
    filterset_class = EstimateFilter
    search_fields = ("release__trial__title", "outcome_id")
    sorts: ClassVar = {
        name: name for name in ("released_at", "trial_id", "estimand", "estimator", "outcome_role")
    }
    default_sort = "-released_at"
    modified_field = "released_at"
    queryset = ReleasedEstimate.objects.all()

    def get_queryset(self) -> QuerySet[ReleasedEstimate]:
        """Return the released estimates."""
        rows: QuerySet[ReleasedEstimate] = ReleasedEstimate.objects.visible_to(self.request.user)
        return rows


class WholeCsv(AnyFile):
    """Stands in the schema for the file; what is refused is written as everywhere."""

    media_type = "text/csv"


class EstimateFile(EstimateList):
    """The whole table, or what the filters leave of it, as one CSV file: oldest first, sent row by row."""

    renderer_classes: Any = (WholeCsv,)
    content_negotiation_class = AsItIs
    answer_type = OpenApiTypes.STR
    pagination_class: Any = None
    sorts: ClassVar = {}
    default_sort = ""

    def known_parameters(self) -> frozenset[str]:
        """Leave out what steers pages."""
        return super().known_parameters() - {"page_size", "page_token", "count_total", "sort", "format"}

    def get_queryset(self) -> QuerySet[ReleasedEstimate]:
        """Return the released estimates."""
        rows: QuerySet[ReleasedEstimate] = ReleasedEstimate.objects.all_visible_to(self.request.user)
        return rows

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """Answer the file."""
        columns, rows = self.columns(), self.matching(request).order_by("released_at", "pk")
        held = rows.order_by().aggregate(n=Count("pk"), keys=Sum("pk"), newest=Max("released_at"))
        # A row never changes: which rows there are says what the file holds.
        entity_tag = conditional.tag(json.dumps([columns, held], default=str).encode())
        if known := conditional.unchanged(request, entity_tag):
            return known
        lines = streaming.lines(rows, columns, free=FREE_TEXT)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["ETag"] = entity_tag
        response["Content-Disposition"] = 'attachment; filename="estimates.csv"'
        conditional.last_modified(response, held["newest"])
        return response

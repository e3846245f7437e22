"""The tidy table: one row is one estimate, from published releases only, across all trials the caller may see."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.conf import settings
from django.db.models import QuerySet
from rest_framework import serializers

from centre.api.serializers import Prunable
from centre.api.views import ListView
from experiments.api.filters import EstimateFilter
from experiments.models import Result

# What readers of meta-analyses call the scales. Ratios are logs in `estimate`, `yi` and the interval.
SCALES = {"difference": "raw", "log_rate_ratio": "irr", "log_odds_ratio": "or", "standardised": "smd"}
_AS_RELEASED = (
    "estimate",
    "std_error",
    "df",
    "statistic",
    "p_value",
    "p_value_adjusted",
    "conf_low",
    "conf_high",
    "conf_level",
    "yi",
    "vi",
    "icc",
    "n_obs",
    "status",
    "reason",
    "estimator",
    "estimand",
)
# Counts that disclosure control may take out.
_COUNTS = ("n_obs", "n_units", "n_clusters", "n_treated")


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
    reason = serializers.CharField(help_text="Why there is no estimate.")
    n_obs = serializers.IntegerField(allow_null=True)
    is_simulated = serializers.BooleanField(
        help_text="True: invented to show how the registry works; no evidence."
    )

    def to_representation(self, instance: Result) -> dict[str, Any]:
        """Return the row; a thousand rows a page leave no time for a call a cell."""
        row = tidy(instance)
        return {name: row[name] for name in cast(Mapping[str, Any], self.fields)}


def tidy(result: Any) -> dict[str, Any]:
    """Return one result as a row of the tidy table, every number as its release has it.

    It comes with the `released_at` of `released_to`.
    """
    analysis = result.analysis
    release = next(one for one in analysis.releases.all() if one.is_published)
    row = release.estimates[result.estimate_id]
    trial, registration = analysis.trial, analysis.registration
    outcome = _outcome(registration.protocol, result.outcome)
    arms = analysis.plan.get("arms") or {}
    treatments = arms.get("treatments") or []
    dates = registration.protocol.get("dates") or {}
    units, treated = row["n_units"], row["n_treated"]
    hidden = any(row[name] is None and getattr(result, name) is not None for name in _COUNTS)
    return {
        "trial_id": trial.number,
        "protocol_version": registration.version,
        "registration_hash": registration.sha256,
        "analysis_id": str(analysis.public_id),
        "outcome_id": outcome.get("id") or result.outcome,
        "outcome_role": result.role,
        "prespecified": analysis.is_registered,
        "arm": treatments[0] if len(treatments) == 1 else None,
        "comparator": arms.get("control"),
        "design": trial.design.value if trial.design else None,
        **{name: row[name] for name in _AS_RELEASED},
        "adjustment": None if row["p_value_adjusted"] is None else analysis.plan.get("multiplicity"),
        "effect_scale": SCALES.get(row["scale"]),
        "direction_of_benefit": outcome.get("direction_of_benefit"),
        "n_units_arm": treated,
        "n_units_comp": None if units is None or treated is None else units - treated,
        "n_clusters_arm": None,
        "n_clusters_comp": None,
        "integrity_pct": _integrity(analysis.delivery),
        "window_start": (dates.get("intervention_start") or {}).get("date"),
        "window_end": (dates.get("follow_up_end") or dates.get("intervention_end") or {}).get("date"),
        "suppressed": hidden,
        "suppression_rule": f"counts below {release.document['disclosure']['threshold']}" if hidden else None,
        "engine_version": release.document["provenance"].get("engine_version"),
        "code_sha": analysis.run.code_version or None,
        "data_sha": analysis.dataset.file_sha256,
        "released_at": _moment(result.released_at),
        "licence": settings.API_LICENCE,
        "estimate_id": result.estimate_id,
        "is_simulated": trial.is_simulated,
    }


def _integrity(delivery: Mapping[str, Any] | None) -> float | None:
    share = (delivery or {}).get("integrity")
    return None if share is None else round(100 * share, 1)


def _outcome(protocol: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the protocol's outcome that a plan names by its column or its id."""
    outcomes: list[Mapping[str, Any]] = protocol.get("outcomes") or []
    return next((one for one in outcomes if name in (one.get("column"), one.get("id"))), {})


def _moment(value: Any) -> str:
    return str(value.isoformat().replace("+00:00", "Z"))


class EstimateList(ListView):
    """Every estimate of every published release: one row is one estimate."""

    serializer_class = EstimateSerializer
    filterset_class = EstimateFilter
    search_fields = ("analysis__trial__title", "outcome")
    sorts: ClassVar = {
        "released_at": "released_at",
        "trial_id": "analysis__trial__number",
        "estimand": "estimand",
        "estimator": "estimator",
        "outcome_role": "role",
    }
    default_sort = "-released_at"
    modified_field = "released_at"
    queryset = Result.objects.all()

    def get_queryset(self) -> QuerySet[Result]:
        """Return the released estimates."""
        rows: QuerySet[Result] = Result.objects.released_to(self.request.user)
        return rows

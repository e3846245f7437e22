"""From a plan and a dataset to estimates: the engine runs on the vault's columns, and its document is kept whole."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from centre import audit, vault
from centre.errors import Conflict, Invalid, Problem
from centre.runs import Context
from experiments.analysis import sealing
from experiments.analysis.delivery import DoseLedger, dose_ledger, with_delivered
from experiments.analysis.outputs import Output, outputs
from experiments.analysis.registered import registered
from experiments.models import Analysis, AnalysisFile, Result, Trial
from experiments.stats import engine
from experiments.stats import plan as plans
from experiments.stats.errors import BadData, BadPlan
from experiments.stats.results import EstimateRow
from experiments.stats.results import Result as EngineResult

_COPIED = (
    "role",
    "outcome",
    "estimand",
    "estimator",
    "status",
    "scale",
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
    "pct_change",
    "n_obs",
    "n_units",
    "n_clusters",
    "n_treated",
    "icc",
    "mde",
)


def analyse(context: Context) -> Callable[[], dict[str, Any]]:
    """Run the analysis that the Run names; return what writes its estimates and files."""
    analysis = Analysis.objects.select_related("trial", "dataset", "registration").get(
        public_id=context.run.params["analysis"]
    )
    if not analysis.trial.is_data_locked:
        raise Conflict("The data are not locked.")
    context.progress(0.02, "Reading the data")
    ledger = dose_ledger(analysis.trial)
    result = _run(analysis, context, ledger)
    context.progress(0.92, "Drawing the figures")
    made = outputs(result, analysis)
    analysis.delivery = ledger.as_json() if ledger else None
    return lambda: _keep(analysis, result, made)


def _run(analysis: Analysis, context: Context, ledger: DoseLedger | None) -> EngineResult:
    try:
        plan = plans.parse(dict(analysis.plan))
        available = sealing.column_names(analysis.dataset)
        table = sealing.columns(analysis.dataset, [name for name in plan.roles() if name in available])
        if ledger is not None:
            table = with_delivered(table, ledger, plan.columns)
        return engine.run(
            plan,
            table,
            lambda fraction, message: context.progress(0.05 + 0.85 * fraction, message),
            data_sha256=analysis.dataset.file_sha256,
            first_line=2,
            registered=registered(analysis),
        )
    except (BadPlan, BadData) as refusal:
        problems = [Problem(found.pointer, found.message) for found in refusal.problems]
        raise Invalid(problems[0].message if problems else "The analysis was refused", problems) from refusal


def _keep(analysis: Analysis, result: EngineResult, made: list[Output]) -> dict[str, Any]:
    Trial.objects.select_for_update().get(pk=analysis.trial_id)
    AnalysisFile.objects.bulk_create(
        AnalysisFile(
            analysis=analysis,
            name=output.name,
            sha256=vault.put_bytes(output.content).sha256,
            size=len(output.content),
            media_type=output.media_type,
        )
        for output in made
    )
    Result.objects.bulk_create(_row(analysis, row) for row in result.estimates)
    analysis.result_sha256 = analysis.files.get(name="result.json").sha256
    analysis.finished_at = timezone.now()
    analysis.save(update_fields=["result_sha256", "finished_at", "delivery"])
    detail = {"analysis": str(analysis.public_id), "result": analysis.result_sha256}
    audit.record("analysis.finished", subject=analysis.trial, by=analysis.requested_by, detail=detail)
    ref = analysis.trial.ref
    page = reverse("analysis-detail", args=[ref, analysis.public_id])
    return {"analysis": str(analysis.public_id), "trial": ref, "page": page, "label": "See the result"}


def _row(analysis: Analysis, row: EstimateRow) -> Result:
    document = row.to_json()
    return Result(
        analysis=analysis,
        estimate_id=row.id,
        covariance=row.covariance or "",
        reason=row.reason or "",
        document=document,
        **{name: document[name] for name in _COPIED},
    )

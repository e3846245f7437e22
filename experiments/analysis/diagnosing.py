"""From a protocol and a stated design to a diagnosis: what may be stated, its replicates, and what they say."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid, Problem
from centre.models import Run
from centre.runs import Context
from experiments import protocol
from experiments.models import Diagnosis, DiagnosisPart
from experiments.protocol.simulated import design_of
from experiments.stats import diagnosis as simulation
from experiments.stats.diagnosis import Design, OutcomeShape
from experiments.stats.figures.power_curve import power_curve, shown
from experiments.stats.plan import Plan, parse

_OF_OUTCOME = ("mean", "spread", "effect")
_STOPPED = (Run.State.FAILED, Run.State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Stated:
    """A protocol that can be diagnosed: its plan, the design it states, and which of the design's fields matter."""

    plan: Plan
    design: Design

    @property
    def parts(self) -> set[str]:
        """The parts that columns play in the plan."""
        return set(self.plan.roles().values())


def stated(read: protocol.Protocol) -> Stated | None:
    """Return what the protocol states of its design; nothing where it has no plan that can be read."""
    plan, _ = protocol.parsed_plan(read.analysis_plan) if read.analysis_plan else (None, [])
    return None if plan is None else Stated(plan, design_of(read, plan))


def parameters(known: Stated, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a diagnosis is made from, as it is kept and hashed.

    Raises
    ------
    Invalid : naming each answer that nothing can be drawn from.
    """
    design = _with_answers(known.design, answers)
    fields = {
        f"{part}__{column}": f"{part}__{place}"
        for place, column in enumerate(design.outcomes)
        for part in _OF_OUTCOME
    }
    problems = [
        Problem(f"/{fields.get(found.pointer, found.pointer)}", found.message)
        for found in simulation.problems(design)
    ]
    if problems:
        raise Invalid("There is a problem", problems)
    return {
        "design": simulation.to_json(design),
        "seed": known.plan.seed,
        "replicates": answers["replicates"],
        "factors": list(simulation.FACTORS),
    }


def sha256(value: Any) -> str:
    """Return the digest of a document in canonical form."""
    return hashlib.sha256(protocol.canonical_json(value)).hexdigest()


def _with_answers(design: Design, answers: Mapping[str, Any]) -> Design:
    outcomes = {
        column: OutcomeShape(
            shape.kind,
            answers[f"mean__{place}"],
            answers.get(f"spread__{place}", shape.spread),
            answers[f"effect__{place}"],
        )
        for place, (column, shape) in enumerate(design.outcomes.items())
    }
    given = {name: answers[name] for name in Design.__dataclass_fields__ if answers.get(name) is not None}
    return replace(design, **{**given, "outcomes": outcomes})


def diagnose(context: Context) -> Callable[[], dict[str, Any]]:
    """Run the replicates of the part that the Run names; return what writes them."""
    part = DiagnosisPart.objects.select_related("diagnosis__trial").get(run=context.run)
    if DiagnosisPart.objects.filter(diagnosis=part.diagnosis, run__state__in=_STOPPED).exists():
        raise Conflict("Another part of this diagnosis was stopped, so this one was not begun.")
    made = _made(part, context)
    return lambda: _keep(part, made)


def _made(part: DiagnosisPart, context: Context) -> list[dict[str, Any]]:
    asked = part.diagnosis.parameters
    return simulation.replicates(
        parse(dict(part.diagnosis.plan)),
        simulation.from_json(asked["design"]),
        seed=asked["seed"],
        numbers=range(part.first, part.first + part.count),
        factors=asked["factors"],
        progress=context.progress,
    )


def _keep(part: DiagnosisPart, made: list[dict[str, Any]]) -> dict[str, Any]:
    # The lock lets one part end after the other, so that the last one sees all the others' rows.
    diagnosis = Diagnosis.objects.select_for_update().select_related("trial").get(pk=part.diagnosis_id)
    part.runs = made
    part.save(update_fields=["runs"])
    if not diagnosis.parts.filter(runs__isnull=True).exists():
        _finish(diagnosis)
    page = reverse("diagnosis-detail", args=[diagnosis.trial.ref, diagnosis.public_id])
    return {"trial": diagnosis.trial.ref, "page": page, "label": "See the design diagnosis"}


def _finish(diagnosis: Diagnosis) -> None:
    runs = [run for part in diagnosis.parts.all() for run in part.runs or ()]
    plan, design = parse(dict(diagnosis.plan)), simulation.from_json(diagnosis.parameters["design"])
    diagnosis.document = simulation.summary(plan, design, runs)
    diagnosis.document_sha256 = sha256(diagnosis.document)
    diagnosis.finished_at = timezone.now()
    diagnosis.save(update_fields=list(Diagnosis.frozen_except))
    detail = {"diagnosis": str(diagnosis.public_id), "document": diagnosis.document_sha256}
    audit.record("diagnosis.finished", subject=diagnosis.trial, by=diagnosis.requested_by, detail=detail)


def curve(estimate: Mapping[str, Any], title: str, wanted: float | None) -> str:
    """Return the power curve of one estimate of a finished diagnosis as SVG; empty where there is none."""
    return power_curve(estimate, title, wanted=wanted)


def shown_power(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the power after the plan's adjustment, where it makes one."""
    return shown(row)

"""What the teams of the finished sample trials say happened: invented, like all of it."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from centre import sample
from experiments.actions import deviations, harms, implementations, losses, remarks
from experiments.management.sample.plans import TrialPlan
from experiments.models import Harm, Implementation, Loss, Remark, Trial

_TREATED = "/arms/{place}/dosage/planned"
_LATE = "In the first two weeks one team in ten came a day later than the protocol says."

_REMARKS = (
    (Remark.Kind.LIMITATION, "One force took part, and its record keeping is better than that of many."),
    (Remark.Kind.LIMITATION, "Nobody was blinded to the arm but the analyst."),
    (Remark.Kind.GENERALISABILITY, "It may hold in towns of the same size. The countryside was not in it."),
)


def tell(plan: TrialPlan, trial: Trial) -> None:
    """Record what happened; one entry is corrected afterwards, to show how that reads."""
    by = sample.person(plan.force)
    _deviations(trial, by)
    _harms(trial, by)
    _losses(trial, by)
    _implementation(plan, trial, by)
    for kind, text in _REMARKS:
        remarks.record(trial=trial, kind=kind, text=text, by=by)


def is_told(trial: Trial) -> bool:
    """Return whether the account of the trial has been given."""
    return bool(trial.deviation_entries.exists())


def _deviations(trial: Trial, by: Any) -> None:
    registration = trial.registration
    if registration is None:
        return
    arms = [arm.id for arm in registration.frozen_protocol.arms]
    said: dict[str, Any] = {
        "trial": trial,
        "pointer": _TREATED.format(place=arms.index("treatment")),
        "happened_on": timezone.localdate() - dt.timedelta(days=1),
        "reason": "Two sergeants were on leave and nobody stood in.",
        "by": by,
    }
    first = deviations.record(what=_LATE, effect="None is expected.", **said)
    deviations.record(
        what=f"{_LATE} Three visits did not happen at all.",
        effect="It can only make the effect look smaller.",
        corrects=first,
        correction_reason="The three visits were found when the log was read again.",
        **said,
    )


def _harms(trial: Trial, by: Any) -> None:
    looked: dict[str, Any] = {
        "found_by": Harm.FoundBy.RECORDS,
        "how": "The complaints register was read every month.",
    }
    harms.record(trial=trial, name="Complaints by the public", was_found=False, by=by, **looked)
    for arm, n_events, n_units in (("treatment", 23, 19), ("control", 8, 8)):
        harms.record(
            trial=trial,
            name="Injuries of officers",
            was_found=True,
            found_by=Harm.FoundBy.SYSTEMATIC,
            how="Each team reported every shift.",
            arm=arm,
            n_events=n_events,
            n_units=n_units,
            severity=Harm.Severity.MINOR,
            relatedness=Harm.Relatedness.POSSIBLE,
            action="The briefing was changed.",
            by=by,
        )


def _losses(trial: Trial, by: Any) -> None:
    registration = trial.registration
    design = registration.frozen_protocol.design.design if registration else None
    losses.record(
        trial=trial,
        stage=Loss.Stage.NOT_TREATED,
        arm="treatment" if design and design.is_randomised else "",
        n_units=12,
        reason="Nobody was at home on three days in a row.",
        by=by,
    )


def _implementation(plan: TrialPlan, trial: Trial, by: Any) -> None:
    implementations.record(
        trial=trial,
        delivered=f"{plan.treatment}, in an invented force.",
        by_whom="Neighbourhood teams, after half a day of training.",
        adaptation="Evening shifts took over in the second month.",
        staff_hours=Decimal("1240.5"),
        hours_basis=Implementation.Basis.MEASURED,
        cost_not_measured_because="Only the hours were recorded.",
        by=by,
    )

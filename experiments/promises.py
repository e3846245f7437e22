"""What was registered beside what is reported: every outcome, every estimate, how many units, what deviated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.forms.questions import words_for
from experiments.models import Deviation, Release
from experiments.protocol import Protocol

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise of the registration beside what a release says about it."""

    promise: str
    report: str
    is_kept: bool  # what is reported is what was planned; whether it was carried out so, `deviations` say
    deviations: tuple[Deviation, ...] = ()  # on record, of this estimate or of its outcome


def kept(release: Release) -> list[Kept]:
    """Compare what was registered with what is reported: every outcome and estimate, the units, every deviation."""
    registration = release.analysis.registration
    read, plan = registration.frozen_protocol, registration.frozen_protocol.analysis_plan
    reported = {row["id"]: row for row in release.document.get("estimates", ())}
    planned = [str(spec.get("id")) for spec in plan.get("estimates", ())]
    told = [(one, _about(one)) for one in _deviations(release)]
    found = [
        _kept_estimate(
            one,
            reported.get(one["id"]),
            read,
            tuple(said for said, about in told if about in (one["id"], f"column {one['outcome']}")),
        )
        for one in plan.get("estimates", ())
    ]
    seen = {row["outcome"] for row in reported.values()}
    found += [
        Kept(
            f"{one.name} ({one.role.label.lower() if one.role else 'no role'})",
            "No estimate was planned",
            False,
            tuple(said for said, about in told if about == f"column {one.column}"),
        )
        for one in read.outcomes
        if one.column not in seen
    ]
    found += [Kept("Not registered", f"Estimate {name}", False) for name in reported if name not in planned]
    placed = {said.pk for row in found for said in row.deviations}
    rest = [said for said, _ in told if said.pk not in placed]
    return found + [Kept(words_for(said.pointer), "Not kept", False, (said,)) for said in rest]


def _deviations(release: Release) -> Iterable[Deviation]:
    rows = Deviation.objects.filter(trial=release.trial_id).standing()
    return list(rows.select_related("registration"))


def _about(deviation: Deviation) -> str:
    """Return the estimate, or the outcome’s column, that a deviation is about, by its own version; else nothing."""
    parts = deviation.pointer.strip("/").split("/")
    read = deviation.registration.frozen_protocol
    if parts[0] == "outcomes" and len(parts) > 1:
        return f"column {read.outcomes[int(parts[1])].column}"
    if parts[:2] == ["analysis_plan", "estimates"] and len(parts) > 2:
        return str(read.analysis_plan["estimates"][int(parts[2])]["id"])
    return ""


def _kept_estimate(spec: Row, row: Row | None, read: Protocol, told: tuple[Deviation, ...]) -> Kept:
    measured = read.outcome_of_column(spec["outcome"])
    promise = f"{spec['id']}: {measured.name if measured else spec['outcome']} ({spec['role']})"
    if row is None:
        return Kept(promise, "Not reported", False, told)
    if row["status"] != "ok":
        return Kept(promise, f"No estimate: {row.get('reason') or 'not released'}", False, told)
    n_units = row.get("n_units")
    units = "fewer than can be shown" if n_units is None else f"{n_units:,}"
    is_same = all(row[name] == spec.get(name) for name in ("outcome", "role", "estimator"))
    return Kept(promise, f"Reported, with {units} units", is_same, told)

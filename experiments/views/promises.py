"""What was registered beside what is reported: every outcome, every estimate, how many units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.models import Release
from experiments.protocol import Protocol
from experiments.views.numbers import whole

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise of the registration beside what a release says about it."""

    promise: str
    report: str
    is_kept: bool


def kept(release: Release) -> list[Kept]:
    """Compare what was registered with what is reported: every outcome and estimate, the number of units."""
    registration = release.analysis.registration
    read, plan = registration.frozen_protocol, registration.frozen_protocol.analysis_plan
    reported = {row["id"]: row for row in release.document.get("estimates", ())}
    planned = [str(spec.get("id")) for spec in plan.get("estimates", ())]
    found = [_kept_estimate(one, reported.get(one["id"]), read) for one in plan.get("estimates", ())]
    seen = {row["outcome"] for row in reported.values()}
    found += [
        Kept(
            f"{one.name} ({one.role.label.lower() if one.role else 'no role'})",
            "No estimate was planned",
            False,
        )
        for one in read.outcomes
        if one.column not in seen
    ]
    found += [Kept("Not registered", f"Estimate {name}", False) for name in reported if name not in planned]
    return found


def _kept_estimate(spec: Row, row: Row | None, read: Protocol) -> Kept:
    measured = read.outcome_of_column(spec["outcome"])
    promise = f"{spec['id']}: {measured.name if measured else spec['outcome']} ({spec['role']})"
    if row is None:
        return Kept(promise, "Not reported", False)
    if row["status"] != "ok":
        return Kept(promise, f"No estimate: {row.get('reason') or 'not released'}", False)
    units = whole(row.get("n_units")) or "fewer than can be shown"
    is_same = all(row[name] == spec.get(name) for name in ("outcome", "role", "estimator"))
    return Kept(promise, f"Reported, with {units} units", is_same)

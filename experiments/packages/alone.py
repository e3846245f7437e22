"""What `replicate.py` does once it has found the engine: read the package, compute, compare, and say so plainly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.packages import again, arithmetic
from experiments.packages.comparing import TOLERANCE
from experiments.reader import FileRefused, read_for_analysis
from experiments.reader.schema import Kind
from experiments.stats import plan as plans
from experiments.stats import strict_json
from experiments.stats.errors import BadData, BadPlan

# What tests make the draw again, and the checks that look at it.
BY_THE_DRAW = frozenset({"allocation_match", "attrition", "balance", "dose", "sample_ratio"})
KINDS: Mapping[str, Kind] = {
    "outcome": "number",
    "weight": "number",
    "exposure": "number",
    "treatment": "number",
    "dose": "number",
    "period": "period",
    "first_treated": "first_treated",
}


class CannotDo(Exception):
    """The package or the data cannot be used; each argument is one line."""


@dataclass(slots=True)
class Report:
    """What was found, in lines; whether anything differs; what could not be looked at."""

    lines: list[str] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "verdict": "differs" if self.differences else "same",
            "lines": self.lines,
            "differences": self.differences,
            "not_checked": self.not_checked,
        }


def replicate(folder: Path, data: Path | None, registered: Path | None) -> Report:
    """Check a package, and with the data compute every number again.

    Raises
    ------
    CannotDo : with what is wrong, a line each.
    """
    document, manifest = _json(folder / "result.json"), _json(folder / "replication.json")
    try:
        plan = plans.parse(_json(folder / "plan.json"))
    except BadPlan as refusal:
        raise CannotDo(*(f"plan.json: {problem}" for problem in refusal.problems)) from refusal
    report = Report()
    _arithmetic(document, plan, report)
    if data is None:
        report.not_checked += _left_to_the_data(document)
        report.not_checked.append("No data were given, so no estimate was computed again. Give --data FILE.")
    else:
        _computed(document, manifest, plan, data, registered, report)
    return report


def _arithmetic(document: dict[str, Any], plan: plans.Plan, report: Report) -> None:
    found = arithmetic.findings(document, plan)
    wrong = [one for one in found if not one.agrees]
    report.lines.append(f"{len(found)} public numbers follow from others; {len(found) - len(wrong)} agree.")
    for one in wrong:
        said = f"{one.pointer}: {one.published!r} is not between {one.low:.6g} and {one.high:.6g}"
        report.lines.append(said)
        report.differences.append(
            {"pointer": one.pointer, "published": one.published, "again": [one.low, one.high]}
        )


def _left_to_the_data(document: dict[str, Any]) -> list[str]:
    drawn = [row["id"] for row in document["estimates"] if row["status"] == "ok" and row["mde"] is None]
    found = []
    if drawn:
        found.append(
            f"p values and intervals of {', '.join(drawn)} come of draws or looks: only the data tell."
        )
    if any(row["terms"] for row in document["estimates"]):
        found.append("The intervals of terms are not checked against their errors.")
    return found


def _computed(
    document: dict[str, Any],
    manifest: Mapping[str, Any],
    plan: plans.Plan,
    data: Path,
    registered: Path | None,
    report: Report,
) -> None:
    kinds = {name: KINDS.get(part, "text") for name, part in plan.roles().items()}
    try:
        reading = read_for_analysis(data, kinds)
        said, sizes = again.read_registered(_json(registered)) if registered else (None, {})
        exact = again.compute(plan, reading.table, registered=said, data_sha256=manifest["data_sha256"])
    except OSError as error:
        raise CannotDo(f"{data}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CannotDo(f"{registered}: {error}") from error
    except (FileRefused, BadData, BadPlan) as refusal:
        raise CannotDo(*(str(problem) for problem in refusal.problems)) from refusal
    if reading.report.sha256 != manifest["data_sha256"]:
        report.lines.append(
            "The data file is not the very file of the analysis (its hash differs); it is used."
        )
    aside = _aside(document, plan) if manifest["has_draw"] and said is None else frozenset[str]()
    if aside:
        report.not_checked.append(
            "What rests on the draw was not compared, because --registered was not given: "
            + ", ".join(sorted(aside))
        )
    rounded = again.rounding(manifest["subjects"], sizes, manifest["note"], again.policy_of(document))
    made = again.beside(document, exact, rounded, aside=aside)
    where = (
        "bit for bit, on the same image"
        if made.is_same_image
        else f"to {TOLERANCE:g} of each, on another image"
    )
    comparison = made.comparison
    report.lines.append(f"{comparison.n_numbers} numbers computed again from the data and compared {where}.")
    for one in comparison.differences:
        report.lines.append(f"{one.pointer}: published {one.published!r}, now {one.again!r}")
        report.differences.append(one.as_json())


def _aside(document: Mapping[str, Any], plan: plans.Plan) -> frozenset[str]:
    """What may come out otherwise where nothing is known of the draw."""
    by_draws = {
        f"/estimates/{place}"
        for place, row in enumerate(document["estimates"])
        if row["covariance"] == "randomisation" or plan.multiplicity == "westfall_young"
    }
    return frozenset(by_draws | {f"/checks/{name}" for name in plan.checks if name in BY_THE_DRAW})


def _json(path: Path) -> Any:
    try:
        return strict_json.loads(path.read_bytes())
    except OSError as error:
        raise CannotDo(f"{path}: cannot be read: {error.strerror}") from error
    except BadPlan as refusal:
        raise CannotDo(*(f"{path}: {problem}" for problem in refusal.problems)) from refusal

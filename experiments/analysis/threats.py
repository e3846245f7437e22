"""What the registry knows of the seven threats to a trial: facts alone. `tactics.rating.threats` judges every one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import expm1, inf
from typing import Any

from experiments.analysis.collisions import Collision, collisions
from experiments.models import Registration, Trial
from experiments.protocol import Protocol
from experiments.protocol.freezing import Freeze, freeze_of
from experiments.protocol.schema import Outcome
from experiments.protocol.vocabulary import Direction, RecordedBy, UnitType
from experiments.stats.plan import EstimateSpec
from tactics.rating import Level, Rules, Threat
from tactics.rating import threats as judge

Row = Mapping[str, Any]  # one estimate, or one row of a check, of a release's document
_PLACES = (UnitType.HOT_SPOT, UnitType.LSOA, UnitType.BEAT, UnitType.WARD, UnitType.PLACE_DAY)
_BADGES: Mapping[str, judge.Badge] = {
    Registration.Badge.PROSPECTIVE: "prospective",
    Registration.Badge.RETROSPECTIVE: "retrospective",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the data, the release and the dose ledger say about the estimate that is rated.

    Attributes
    ----------
    spec : the estimate as it was registered.
    numbers : what it came to, and its interval.
    specs, estimates : every estimate of the release by its id, as it was registered and as it was released.
    checks : the checks of the release.
    missing_share : of the rows of the data, those without the outcome.
    control_mean : the mean of a column among those who are never treated; None where there are none.
    delivered : what the dose ledger said as the analysis ran; None where there was none.
    """

    spec: EstimateSpec
    numbers: tuple[float, float, float]
    specs: Mapping[str, EstimateSpec]
    estimates: Mapping[str, Row]
    checks: Mapping[str, Any]
    missing_share: float
    control_mean: Callable[[str], float | None]
    delivered: Mapping[str, Any] | None


def threats(
    trial: Trial, read: Protocol, outcome: Outcome, found: Measured, rules: Rules
) -> tuple[Threat, ...]:
    """Return the threats that are above Low."""
    judged = (
        _confounding(read, found, rules),
        _concurrent(read, collisions(trial, read), rules),
        _spillover(read, outcome, found, rules),
        _fidelity(found.delivered, rules),
        _missing(found, rules),
        _measurement(read, outcome),
        _reporting(trial.registrations.order_by("major", "minor").first(), _disclosed(trial)),
    )
    return tuple(threat for threat in judged if threat is not None and threat.level is not Level.LOW)


def _confounding(read: Protocol, found: Measured, rules: Rules) -> Threat | None:
    """The largest difference that the rated estimate does not adjust for; where that is small, the largest it does."""
    if read.design.design is None or not read.design.design.is_randomised:
        return None
    left, adjusted = [0.0], [0.0]
    for row in _rows(found, "balance"):
        size = row["standardised_difference"]
        # What is constant in both arms and differs between them has no number.
        (adjusted if _adjusts(found.spec, row["covariate"]) else left).append(
            inf if size is None else abs(size)
        )
    worst = judge.confounding(largest_smd=max(left), adjusted=False, rules=rules)
    if worst.level is not Level.LOW:
        return worst
    return judge.confounding(largest_smd=max(adjusted), adjusted=True, rules=rules)


def _adjusts(spec: EstimateSpec, covariate: str) -> bool:
    """Return whether the estimate holds it constant; a level of a text is named after its column."""
    return any(covariate == name or covariate.startswith(f"{name}=") for name in spec.covariates)


def _concurrent(read: Protocol, met: list[Collision], rules: Rules) -> Threat:
    """Which operations there were is known, and who declared them; over which share of unit-time is not."""
    is_met = bool(met or read.design.concurrent_operations or read.design.concurrent_trials)
    is_logged = all(one.declared for one in met)
    return judge.concurrent(share=None if is_met else 0.0, logged=is_logged, rules=rules)


def _spillover(read: Protocol, outcome: Outcome, found: Measured, rules: Rules) -> Threat | None:
    """Places without a metre between them are neighbours; where no distance was registered nobody knows."""
    if read.design.unit_type not in _PLACES:
        return None
    buffer = read.design.buffer_metres
    around = next((row for row in _rows(found, "displacement") if row["outcome"] == outcome.column), None)
    return judge.spillover(
        adjacent=buffer == 0,
        tested=around is not None,
        measured=buffer is not None or around is not None,
        cancels=_cancelled(around, outcome, found) if around is not None else 0.0,
        rules=rules,
    )


def _cancelled(around: Row, outcome: Outcome, found: Measured) -> float:
    """Return the share of the benefit inside that was lost around; 0 where there was none, or no counts to compare."""
    inside, outside = around.get("wdd_local"), around.get("wdd_zone")
    if inside is None or outside is None:
        inside, outside = (_in_own_units(found, around[name]) for name in ("id", "buffer_id"))
    if inside is None or outside is None:
        return 0.0
    better = 1 if outcome.direction_of_benefit is Direction.HIGHER else -1
    gained, lost = better * inside, -better * outside
    return max(lost, 0.0) / gained if gained > 0 else 0.0


def _in_own_units(found: Measured, estimate_id: str) -> float | None:
    """Return an effect in the outcome's own units: a ratio as a change of the mean of the untreated."""
    row = found.estimates[estimate_id]
    if row["estimate"] is None or row["scale"] == "difference":
        change: float | None = row["estimate"]
        return change
    mean = found.control_mean(row["outcome"]) if row["scale"] == "log_rate_ratio" else None
    return None if mean is None else mean * expm1(row["estimate"])


def _fidelity(delivered: Mapping[str, Any] | None, rules: Rules) -> Threat:
    said = delivered or {}
    return judge.fidelity(
        dose_share=said.get("integrity"), control_dose_share=said.get("contamination"), rules=rules
    )


def _missing(found: Measured, rules: Rules) -> Threat:
    others = [*_bounds(found), *_sensitivity(found)]
    return judge.missing_data(
        share=found.missing_share,
        handled=bool(others),
        sign_flips=found.missing_share > 0 and _flips(found.numbers, others),
        rules=rules,
    )


def _bounds(found: Measured) -> Iterator[float]:
    """What the effect is at least and at most, whoever is missing: Lee's bounds, where they could be computed."""
    for row in _rows(found, "attrition"):
        if row["outcome"] == found.spec.outcome and row.get("lower") is not None:
            yield from (row["lower"], row["upper"])


def _sensitivity(found: Measured) -> Iterator[float]:
    """The registered sensitivity estimates of the same outcome and arm."""
    for name, spec in found.specs.items():
        row = found.estimates.get(name)
        same = (spec.role, spec.outcome) == ("sensitivity", found.spec.outcome)
        same = same and spec.options.get("arm") == found.spec.options.get("arm")
        if same and row is not None and row["status"] == "ok" and row["estimate"] is not None:
            yield row["estimate"]


def _flips(numbers: tuple[float, float, float], others: list[float]) -> bool:
    """Return whether another answer has the other sign. An estimate whose interval holds 0 has no sign to lose."""
    estimate, low, high = numbers
    return not low <= 0 <= high and any(other * estimate < 0 for other in others)


def _measurement(read: Protocol, outcome: Outcome) -> Threat:
    """Whether a practice of recording changed in one arm is nowhere asked: people may judge it by hand."""
    is_observed = outcome.recorded_by is RecordedBy.OBSERVER
    return judge.measurement(
        unblinded_self_report=outcome.recorded_by is RecordedBy.SELF_REPORT and _knows(read),
        may_be_affected=is_observed and read.design.blinded.outcome_assessor.is_blinded is False,
    )


def _knows(read: Protocol) -> bool:
    """Return whether who speaks of themselves knows their arm; protocols of the first schema said it in one text."""
    is_blinded = read.design.blinded.recipient.is_blinded
    return not read.design.blinding.text.strip() if is_blinded is None else not is_blinded


def _reporting(first: Registration | None, disclosed: int) -> Threat:
    """What the first registration says, and how many major changes came when outcomes by arm had been opened.

    That the registered plan is what ran is so by construction, so nothing is switched and nothing is undisclosed.
    """
    return judge.selective_reporting(
        badge=_BADGES[first.badge] if first else "not_registered",
        data_category=first.outcome_data_category if first else 1,
        major_disclosed=disclosed,
    )


def _disclosed(trial: Trial) -> int:
    """Return the major amendments in force and the standing deviations that were not blind to outcomes by arm."""
    amended = trial.amendments.filter(is_major=True, outcome_data_opened=True).exclude(registration=None)
    deviated = trial.deviation_entries.standing().filter(outcome_data_opened=True)
    return amended.count() + sum(_is_frozen(one.pointer) for one in deviated)


def _is_frozen(pointer: str) -> bool:
    """Return whether a change of the field would have been a major amendment."""
    names = [part for part in pointer.strip("/").split("/") if not part.isdigit()]
    return freeze_of(".".join(names)) in (Freeze.FROZEN, Freeze.RANDOMISED)


def _rows(found: Measured, check: str) -> list[Row]:
    return list((found.checks.get(check) or {}).get("rows", ()))

"""The seven threats to a trial, as far as the registry itself can judge them; each with its reason."""

from collections.abc import Iterator, Mapping
from typing import Any

from experiments.analysis.collisions import Collision, collisions
from experiments.models import Registration, Trial
from experiments.protocol import Protocol
from experiments.protocol.schema import Outcome
from experiments.protocol.vocabulary import DataSeen, RecordedBy, UnitType
from tactics.rating import Level, Threat

_PLACES = (UnitType.HOT_SPOT, UnitType.LSOA, UnitType.BEAT, UnitType.WARD, UnitType.PLACE_DAY)
_LARGE, _MISSING_MODERATE, _MISSING_HIGH = 0.25, 0.05, 0.15
_DOSE_MODERATE, _DOSE_HIGH, _SPILT_HIGH = 0.8, 0.5, 0.2  # of the planned dose; of the treated dose


def threats(
    trial: Trial,
    read: Protocol,
    outcome: Outcome,
    missing_share: float,
    checks: dict[str, Any],
    delivered: Mapping[str, Any] | None,
) -> tuple[Threat, ...]:
    """Return the threats that are above Low."""
    found = (
        *_confounding(read, checks),
        *_concurrent(read, collisions(trial, read)),
        *_spillover(read),
        *_fidelity(delivered),
        *_missing(missing_share),
        *_measurement(read, outcome),
        *_reporting(trial, read),
    )
    return tuple(found)


def _confounding(read: Protocol, checks: dict[str, Any]) -> Iterator[Threat]:
    rows = (checks.get("balance") or {}).get("rows", [])
    worst = max((abs(row["standardised_difference"] or 0.0) for row in rows), default=0.0)
    if read.design.design and read.design.design.is_randomised and worst > _LARGE:
        adjusted = any(spec.get("covariates") for spec in read.analysis_plan.get("estimates", []))
        level = Level.MODERATE if adjusted else Level.HIGH
        how = "adjusted for" if adjusted else "not adjusted for"
        yield Threat("T1", level, reason=f"A baseline difference of {worst:.2f} standard deviations, {how}")


def _concurrent(read: Protocol, met: list[Collision]) -> Iterator[Threat]:
    if any(not one.declared for one in met):
        yield Threat("T2", Level.HIGH, reason="Another trial acted on the same things, and was not declared")
    elif met or read.design.concurrent_operations or read.design.concurrent_trials:
        yield Threat("T2", Level.MODERATE, reason="Other operations ran in the same area, and were logged")


def _spillover(read: Protocol) -> Iterator[Threat]:
    if read.design.unit_type in _PLACES and read.design.buffer_metres is None:
        yield Threat("T3", Level.MODERATE, reason="A place trial without a buffer or catchment measure")


def _fidelity(delivered: Mapping[str, Any] | None) -> Iterator[Threat]:
    """Judge what the dose ledger said as the analysis ran."""
    if delivered is None or delivered["integrity"] is None:
        yield Threat("T4", Level.MODERATE, reason="Delivered dose was not recorded in this registry")
        return
    share, spilt = delivered["integrity"], delivered["contamination"] or 0.0
    said = f"{100 * share:.0f} % of the planned dose was delivered"
    if spilt > _SPILT_HIGH:
        yield Threat(
            "T4", Level.HIGH, reason=f"{said}; the comparison got {100 * spilt:.0f} % of what the treated got"
        )
    elif share < _DOSE_MODERATE:
        yield Threat("T4", Level.HIGH if share < _DOSE_HIGH else Level.MODERATE, reason=said)


def _missing(share: float) -> Iterator[Threat]:
    if share > _MISSING_MODERATE:
        level = Level.HIGH if share > _MISSING_HIGH else Level.MODERATE
        yield Threat("T5", level, reason=f"{100 * share:.0f} % of rows have no outcome")


def _measurement(read: Protocol, outcome: Outcome) -> Iterator[Threat]:
    if outcome.recorded_by is RecordedBy.SELF_REPORT and _knows(read):
        yield Threat("T6", Level.MODERATE, reason="Unblinded self-report")


def _knows(read: Protocol) -> bool:
    """Return whether who speaks of themselves knows their arm; protocols of the first schema said it in one text."""
    is_blinded = read.design.blinded.recipient.is_blinded
    return not read.design.blinding.text.strip() if is_blinded is None else not is_blinded


def _reporting(trial: Trial, read: Protocol) -> Iterator[Threat]:
    """Judge selective reporting by the badge, by what had been seen, and by amendments after outcomes were opened."""
    first = trial.registrations.order_by("major", "minor").first()
    if read.data.outcome_data_seen is DataSeen.ANALYSED:
        yield Threat("T7", Level.HIGH, reason="Outcome data had been analysed before registration")
    elif first and first.badge == Registration.Badge.RETROSPECTIVE:
        yield Threat("T7", Level.MODERATE, reason="Registered after the trial had begun")
    elif read.data.outcome_data_seen is DataSeen.HELD_UNANALYSED:
        yield Threat("T7", Level.MODERATE, reason="The team held outcome data before registration")
    elif trial.amendments.filter(is_major=True, outcome_data_opened=True, decision="approve").exists():
        yield Threat(
            "T7", Level.MODERATE, reason="A disclosed major amendment after outcome data were opened"
        )

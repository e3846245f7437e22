"""A diagnosis in words: what it found of each estimate, and what a reviewer should ask about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from experiments.analysis import diagnosing as bridge
from experiments.forms.plan_words import ESTIMATORS
from experiments.models import Diagnosis
from experiments.protocol import Protocol
from experiments.views.numbers import number, percent
from experiments.views.results import RATIOS

Row = Mapping[str, Any]
_NOTHING = "Not known"
CLEAR = 2.0  # Monte Carlo errors beyond which a gap is no accident
_BIAS = 0.05  # of the true effect


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """One estimate of a finished diagnosis."""

    row: Row
    outcome: str
    sentence: str
    cautions: list[str]
    figure: SafeString
    wanted: float | None

    @property
    def method(self) -> str:
        return str(dict(ESTIMATORS).get(self.row["estimator"], self.row["estimator"]))

    @property
    def scale(self) -> str:
        scale = self.row["scale"]
        return f"logarithm of the {RATIOS[scale]}" if scale in RATIOS else "difference" if scale else ""

    @property
    def cells(self) -> list[str]:
        """The table's numbers: power, size, coverage, truth, bias, spread, mean error."""
        row = self.row
        return [
            share(bridge.shown_power(row)),
            share(row["size"]),
            share(row["coverage"]),
            number(row["truth"]) or _NOTHING,
            plain(row["bias"]),
            plain(row["sd"]),
            plain(row["mean_std_error"]),
            share(row["not_estimable"]),
        ]

    @property
    def curve(self) -> list[tuple[str, str]]:
        return [(number(row["effect"]), share(bridge.shown_power(row))) for row in self.row["curve"]]


def diagnosed(diagnosis: Diagnosis, read: Protocol) -> list[Diagnosed]:
    """Return every estimate of a finished diagnosis; nothing before that."""
    rows = (diagnosis.document or {}).get("estimates", [])
    return [_one(diagnosis, row, read) for row in rows]


def share(found: Row) -> str:
    """Return a share in per cent with its Monte Carlo error."""
    if found["value"] is None:
        return _NOTHING
    return f"{100 * found['value']:.1f}% ± {100 * found['mcse']:.1f}"


def plain(found: Row) -> str:
    """Return a number with its Monte Carlo error."""
    if found["value"] is None:
        return _NOTHING
    return f"{number(found['value'])} ± {number(found['mcse'], 2)}"


def _one(diagnosis: Diagnosis, row: Row, read: Protocol) -> Diagnosed:
    outcome = read.outcome_of_column(row["outcome"])
    name = outcome.name if outcome else row["outcome"]
    wanted = read.sample_size.power
    drawn = bridge.curve(row, f"Power of {row['id']} by true effect", wanted)
    alpha = float(diagnosis.plan.get("alpha", 0.05))
    cautions = [*_cautions(row, wanted, alpha)]
    # Our own drawing: numbers and escaped words only.
    return Diagnosed(row, name, _sentence(row, name), cautions, mark_safe(drawn), wanted)  # noqa: S308  see above


def _sentence(row: Row, name: str) -> str:
    power, size = bridge.shown_power(row), row["size"]
    if power["value"] is None:
        reasons = row["reasons"]
        return f"It could not be judged: {reasons[0]['reason']}." if reasons else "It gives no test to judge."
    found = f"The plan finds a true effect of {_effect(row)} in {share(power)} of the simulated trials"
    if size["value"] is None:
        return f"{found}."
    return f"{found}, and an effect where there is none in {share(size)}."


def _effect(row: Row) -> str:
    """Return the stated effect as a person would say it."""
    truth = row["truth"]
    if truth is not None and row["scale"] in RATIOS:
        return f"{percent(100 * (exp(truth) - 1))} (a {RATIOS[row['scale']]} of {number(exp(truth))})"
    return number(truth) if truth is not None else "the stated size"


def _cautions(row: Row, wanted: float | None, alpha: float) -> Iterator[str]:
    power, size, coverage, bias = bridge.shown_power(row), row["size"], row["coverage"], row["bias"]
    if wanted and _clearly_below(power, wanted):
        yield f"Power is below the {percent(100 * wanted)} that the protocol plans."
    if size["value"] is not None and size["value"] - CLEAR * size["mcse"] > alpha:
        yield f"It finds effects that are not there more often than alpha ({percent(100 * alpha)}) allows."
    if _clearly_below(coverage, 1 - alpha):
        yield f"Its intervals hold the truth less often than the {percent(100 * (1 - alpha))} they promise."
    if bias["value"] is not None and row["truth"]:
        gap = abs(bias["value"])
        if gap > CLEAR * bias["mcse"] and gap > _BIAS * abs(row["truth"]):
            yield f"It is biased by {percent(100 * gap / abs(row['truth']))} of the true effect."
    if row["not_estimable"]["value"]:
        reason = row["reasons"][0]["reason"]
        yield f"No estimate could be made in {share(row['not_estimable'])} of the runs: {reason}."


def _clearly_below(found: Row, level: float) -> bool:
    return bool(found["value"] is not None and found["value"] + CLEAR * found["mcse"] < level)

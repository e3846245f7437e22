"""Simulated unit lists and outcomes. The true effect of each trial is written beside it."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from django.utils import timezone

from experiments.management.sample.plans import TrialPlan
from experiments.stats.simulate import rollout_panel
from experiments.unit_list import UnitLine

TREATED = "treatment"


def units(plan: TrialPlan) -> list[UnitLine]:
    """Return the unit list of a trial."""
    if plan.key == "fair_treatment":
        panel = _rollout(plan)
        first = panel.drop_duplicates("uid")
        return [
            UnitLine(str(uid), start=str(start))
            for uid, start in zip(first.uid, first.first_trained, strict=True)
        ]
    prefix = plan.unit_word[:1].upper() + plan.force[:1].upper()
    lines = []
    for place in range(plan.n_units):
        cluster = f"B{place * (plan.n_clusters or 0) // plan.n_units + 1:02}" if plan.n_clusters else ""
        stratum = f"District {place % 4 + 1}" if plan.strata else ""
        lines.append(UnitLine(f"{prefix}{place + 1:04}", stratum=stratum, cluster=cluster))
    return lines


def rows(plan: TrialPlan, lines: Sequence[UnitLine], arms: Mapping[str, str]) -> bytes:
    """Return the outcome file of a trial as CSV, given the arms that were drawn."""
    if plan.key == "fair_treatment":
        return _rollout(plan).to_csv(index=False, lineterminator="\n").encode()
    rng = np.random.default_rng([ord(letter) for letter in plan.key])
    treated = np.array([arms[line.unit] == TREATED for line in lines])
    made = _MAKERS[plan.tactic](rng, treated, lines)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [plan.columns["unit"], plan.columns["arm"], *_places(plan), *made]
    writer.writerow(names)
    for place, line in enumerate(lines):
        where = [line.cluster] if plan.n_clusters else [line.stratum] if plan.strata else []
        writer.writerow([line.unit, arms[line.unit], *where, *(column[place] for column in made.values())])
    return text.getvalue().encode()


def doses(plan: TrialPlan, lines: Sequence[UnitLine], arms: Mapping[str, str]) -> bytes:
    """Return today's report of the dose as CSV: the treated get more or less than the mean, the others nothing."""
    rng = np.random.default_rng([ord(letter) for letter in f"dose of {plan.key}"])
    today = timezone.localdate().isoformat()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("unit", "date", "delivered", "source"))
    for line in lines:
        share = (plan.delivered or 0.0) * (0.7 + 0.6 * rng.random())
        writer.writerow(
            (line.unit, today, round(share, 2) if arms[line.unit] == TREATED else 0, "simulated log")
        )
    return text.getvalue().encode()


Columns = dict[str, list[object]]
Maker = Callable[[np.random.Generator, np.ndarray, Sequence[UnitLine]], Columns]


def _places(plan: TrialPlan) -> list[str]:
    return [plan.columns[part] for part in ("cluster", "stratum") if part in plan.columns]


def _cocoon(rng: np.random.Generator, treated: np.ndarray, lines: Sequence[UnitLine]) -> Columns:
    """True rate ratios: 0.78 for repeat burglaries, 0.95 for all; beats differ by 15 %."""
    beats = {line.cluster for line in lines}
    level = {beat: rng.normal(0, 0.15) for beat in sorted(beats)}
    shift = np.array([level[line.cluster] for line in lines])
    homes = rng.integers(80, 160, len(lines))
    prior = 6 * np.exp(shift + rng.normal(0, 0.1, len(lines)))
    repeat = rng.poisson(homes * 0.09 * np.exp(shift + np.log(0.78) * treated))
    others = rng.poisson(homes * 0.20 * np.exp(shift + np.log(1.03) * treated))
    return {
        "homes": homes.tolist(),
        "prior_rate": np.round(prior, 2).tolist(),
        "repeat_burglaries": repeat.tolist(),
        "burglaries": (repeat + others).tolist(),
    }


def _hardening(rng: np.random.Generator, treated: np.ndarray, lines: Sequence[UnitLine]) -> Columns:
    """No true effect: 0.16 repeat burglaries a home in both arms."""
    return {"repeat_burglaries": rng.poisson(0.16, len(lines)).tolist()}


def _patrol(rng: np.random.Generator, treated: np.ndarray, lines: Sequence[UnitLine]) -> Columns:
    """True rate ratios: 0.80 for violence with injury, 0.92 for calls."""
    level = rng.normal(0, 0.3, len(lines))
    days = rng.integers(330, 366, len(lines))
    prior = rng.poisson(60 * np.exp(level)) + 1
    violence = rng.poisson(days / 365 * 60 * np.exp(level + np.log(0.80) * treated))
    calls = rng.poisson(300 * np.exp(level + np.log(0.92) * treated))
    return {
        "days": days.tolist(),
        "log_prior": np.round(np.log(prior), 4).tolist(),
        "violence": violence.tolist(),
        "calls": calls.tolist(),
    }


def _video(rng: np.random.Generator, treated: np.ndarray, lines: Sequence[UnitLine]) -> Columns:
    """True effects: 8 points of satisfaction (standard deviation 20), none on further incidents; 8 % do not answer."""
    satisfaction = np.clip(np.round(70 + 8 * treated + rng.normal(0, 20, len(lines))), 0, 100).astype(int)
    answered = rng.random(len(lines)) > 0.08
    bands = np.array(["18 to 29", "30 to 44", "45 and over"])[rng.integers(0, 3, len(lines))]
    return {
        "age_band": bands.tolist(),
        "satisfaction": [
            str(value) if there else "" for value, there in zip(satisfaction, answered, strict=True)
        ],
        "further_incidents": rng.poisson(0.35, len(lines)).tolist(),
    }


def _rollout(plan: TrialPlan):
    """True effect: complaints and uses of force fall by 15 % from the month of training on."""
    return rollout_panel(plan.n_units, 36, n_cohorts=10, log_ratio=-0.16, seed=7)


_MAKERS: dict[str, Maker] = {"cocoon": _cocoon, "hardening": _hardening, "patrol": _patrol, "video": _video}

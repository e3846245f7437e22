"""The simulated data behind the examples in docs/statistics: small, named, and the same bytes on every machine.

Every data set says what is true in it. Draws come from `experiments.stats.draws`, as those of `simulate` do.
"""

import datetime as dt
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats as distributions

from experiments.stats.draws import permutation, standard_normals, stream, uniforms
from experiments.stats.registered import DayRules, DrawnDays, Registered
from experiments.stats.regression.day_draws import DayOrders, Rules

FloatArray = NDArray[np.float64]


def officers() -> pd.DataFrame:
    """240 officers, half drawn by lot within four stations: a camera takes a quarter off complaints."""
    n = 240
    station = np.arange(n) // 60
    treated = np.zeros(n, dtype=bool)
    for number in range(4):
        inside = np.flatnonzero(station == number)
        treated[inside[permutation(stream(1, "officers", f"draw {number}"), 60)[:30]]] = True
    rate = np.exp(0.5 * _normal("officers", "rate", n)) * (0.8 + 0.2 * station)
    shifts = np.round(180 + 60 * uniforms(stream(1, "officers", "shifts"), (n,)))
    before = _counts("officers", "before", 3.0 * rate)
    complaints = _counts("officers", "after", 3.0 * rate * shifts / 210 * np.where(treated, 0.75, 1.0))
    return pd.DataFrame(
        {
            "officer": [f"PC{number:03d}" for number in range(n)],
            "station": np.array(["Northgate", "Eastway", "Southfield", "Westbury"])[station],
            "arm": np.where(treated, "camera", "control"),
            "complaints": complaints,
            "complaints_before": before,
            "shifts": shifts.astype(np.int64),
            "years": np.round(2 + 18 * uniforms(stream(1, "officers", "years"), (n,)), 1),
        }
    )


def teams() -> pd.DataFrame:
    """16 neighbourhood teams, eight drawn by lot, with 12 to 27 residents each asked for confidence: +4 points."""
    sizes = 12 + np.arange(16)
    chosen = permutation(stream(1, "teams", "draw"), 16)[:8]
    team = np.repeat(np.arange(16), sizes)
    level = 55 + 4 * _normal("teams", "level", 16)
    treated = np.isin(team, chosen)
    score = level[team] + 4 * treated + 12 * _normal("teams", "resident", len(team))
    return pd.DataFrame(
        {
            "resident": [f"R{number:03d}" for number in range(len(team))],
            "team": [f"T{number + 1:02d}" for number in team],
            "arm": np.where(treated, "visits", "control"),
            "confidence": np.round(np.clip(score, 0, 100), 1),
        }
    )


def patrols() -> pd.DataFrame:
    """240 hot spots, half drawn by lot within two towns for 15 minutes of patrol a day: a fifth fewer incidents.

    20 minutes get where 15 were planned at best, and control gets three from passing cars; 24 hot spots have no count
    of incidents, and four are not in the data at all.
    """
    n = 240
    spot = _spots()
    treated = (spot["arm"] == "patrol").to_numpy()
    minutes = np.where(treated, 10 + 10 * uniforms(stream(1, "patrols", "dose"), (n,)), 3.0)
    minutes *= 0.6 + 0.6 * uniforms(stream(1, "patrols", "spread"), (n,))
    incidents = _counts("patrols", "incidents", np.where(treated, 8.0, 10.0)).astype(np.float64)
    lost = uniforms(stream(1, "patrols", "lost"), (n,)) < np.where(treated, 0.14, 0.08)
    incidents[lost] = np.nan
    return spot.assign(minutes=np.round(minutes, 1), incidents=incidents)[4:].reset_index(drop=True)


def _spots() -> pd.DataFrame:
    """The frozen list of the hot spots of `patrols`, with the arm that was drawn for each."""
    n = 240
    town = np.arange(n) // 120
    treated = np.zeros(n, dtype=bool)
    for number in range(2):
        inside = np.flatnonzero(town == number)
        treated[inside[permutation(stream(1, "patrols", f"draw {number}"), 120)[:60]]] = True
    return pd.DataFrame(
        {
            "spot": [f"S{number:03d}" for number in range(n)],
            "town": np.array(["Northmoor", "Southport"])[town],
            "arm": np.where(treated, "patrol", "control"),
        }
    )


def _registered_patrols() -> Registered:
    spot = _spots()
    return Registered(
        assignment=dict(zip(spot["spot"], spot["arm"], strict=True)),
        strata=dict(zip(spot["spot"], spot["town"], strict=True)),
        shares={"control": 1.0, "patrol": 1.0},
        planned_dose={"patrol": 15.0},
        integrity_floor=0.6,
    )


def mentoring() -> pd.DataFrame:
    """400 young people on bail, half drawn by lot to be offered a mentor: who has one reoffends 20 points less.

    A quarter refuse, and reoffend more often than the others; a tenth find a mentor without the offer.
    """
    n = 400
    offered = np.isin(np.arange(n), permutation(stream(1, "mentoring", "draw"), n)[:200])
    kind = uniforms(stream(1, "mentoring", "kind"), (n,))
    refuses, finds_one = kind < 0.25, kind > 0.9
    received = (offered & ~refuses) | finds_one
    priors = np.minimum(_counts("mentoring", "priors", np.full(n, 1.5)), 7)
    chance = 0.35 + 0.04 * priors + 0.1 * refuses - 0.2 * received
    return pd.DataFrame(
        {
            "person": [f"Y{number:03d}" for number in range(n)],
            "arm": np.where(offered, "offer", "control"),
            "received": received.astype(np.int64),
            "priors": priors,
            "reoffended": (uniforms(stream(1, "mentoring", "after"), (n,)) < chance).astype(np.int64),
        }
    )


def beats() -> pd.DataFrame:
    """60 beats by 24 months; 24 start in month 13: a fifth fewer burglaries there, and a tenth fewer round about."""
    first = np.where(np.arange(60) < 24, 13.0, np.inf)
    panel, rate = _counted("beats", first, 24, level=8.0)
    after = panel["month"].to_numpy() >= np.repeat(first, 24)
    panel["burglaries"] = _counts("beats", "burglaries", rate * np.where(after, 0.8, 1.0))
    panel["burglaries_buffer"] = _counts("beats", "buffer", 1.5 * rate * np.where(after, 0.9, 1.0))
    panel["homes"] = np.repeat(np.round(1_500 + 1_000 * uniforms(stream(1, "beats", "homes"), (60,))), 24)
    return panel


def quarters() -> pd.DataFrame:
    """80 beats by 8 quarters; 40 start in quarter 5 and have a third fewer burglaries from then on."""
    first = np.where(np.arange(80) < 40, 5.0, np.inf)
    panel, rate = _counted("quarters", first, 8, level=24.0)
    after = panel["month"].to_numpy() >= np.repeat(first, 8)
    panel["burglaries"] = _counts("quarters", "burglaries", rate * np.where(after, 2 / 3, 1.0))
    return panel.rename(columns={"month": "quarter"})


def staggered() -> pd.DataFrame:
    """90 beats by 18 months; 20 start in each of months 7, 10 and 13, 30 never.

    One burglary a month fewer at first, and a quarter more with every month since.
    """
    first = np.repeat([7.0, 10.0, 13.0, np.inf], [20, 20, 20, 30])
    panel, rate = _counted("staggered", first, 18, level=10.0)
    since = panel["month"].to_numpy() - np.repeat(first, 18)
    effect = np.where(since >= 0, -1 - 0.25 * np.where(since >= 0, since, 0), 0.0)
    panel["burglaries"] = _counts("staggered", "burglaries", np.maximum(rate + effect, 0.1))
    return panel


def gaps() -> pd.DataFrame:
    """The 90 beats of `staggered` with gaps: 18 beats miss three months each, and B02 has no record before month 9."""
    panel = staggered()
    number, month = np.repeat(np.arange(90), 18), panel["month"].to_numpy()
    begin = 1 + np.floor(16 * uniforms(stream(1, "gaps", "begin"), (90,))).astype(np.int64)[number]
    is_lost = (number % 5 == 0) & (month >= begin) & (month < begin + 3)
    return panel[~is_lost & ((number != 1) | (month >= 9))].reset_index(drop=True)


def survey() -> pd.DataFrame:
    """60 areas by 8 quarters, 20 residents asked in each, others every time; 12 areas start in quarter 4, 12 in 6.

    Residents of areas that started feel four points safer. Areas drift: each quarter adds a shock of its own.
    """
    areas, quarters, asked = 60, 8, 20
    first = np.repeat([4.0, 6.0, np.inf], [12, 12, 36])
    drift = np.cumsum(1.5 * _normal("survey", "drift", areas * quarters).reshape(areas, quarters), axis=1)
    quarter = np.arange(1, quarters + 1)
    level = 55 + 6 * _normal("survey", "area", areas)[:, None] + drift + 4 * (quarter >= first[:, None])
    area, when = np.repeat(np.arange(areas), quarters * asked), np.tile(np.repeat(quarter, asked), areas)
    score = level[area, when - 1] + 15 * _normal("survey", "resident", len(area))
    return pd.DataFrame(
        {
            "area": [f"A{number + 1:02d}" for number in area],
            "quarter": when,
            "start": [str(int(date)) if np.isfinite(date) else "never" for date in first[area]],
            "safety": np.round(np.clip(score, 0, 100), 1),
        }
    )


def rollout() -> pd.DataFrame:
    """200 officers by 16 months, all trained: 50 in each of months 5, 8, 11 and 14, the order drawn by lot.

    Trained officers use force a fifth less often.
    """
    n = 200
    first = np.repeat([5.0, 8.0, 11.0, 14.0], 50)[permutation(stream(1, "rollout", "draw"), n)]
    month = np.tile(np.arange(1, 17), n)
    rate = np.repeat(2.0 * np.exp(0.4 * _normal("rollout", "rate", n)), 16)
    trained = month >= np.repeat(first, 16)
    return pd.DataFrame(
        {
            "officer": np.repeat([f"PC{number:03d}" for number in range(n)], 16),
            "month": month,
            "trained": np.repeat(first.astype(np.int64), 16),
            "force": _counts("rollout", "force", rate * np.where(trained, 0.8, 1.0)),
        }
    )


def wedge() -> pd.DataFrame:
    """18 stations by 7 months; three cross over in each of months 2 to 7, the order drawn by lot.

    Ten victims are asked each month. Those of a station that has crossed over are 3 points more satisfied at first, and
    one more with every month since.
    """
    stations, months, asked = 18, 7, 10
    start = np.repeat(np.arange(2, 8), 3)[permutation(stream(1, "wedge", "draw"), stations)]
    month = np.arange(1, months + 1)
    since = month - start[:, None]
    level = 60 + 5 * _normal("wedge", "station", stations)[:, None] + 0.8 * month
    level = level + 2 * _normal("wedge", "drift", stations * months).reshape(stations, months)
    level = level + np.where(since >= 0, 3 + np.maximum(since, 0), 0)
    station, when = np.repeat(np.arange(stations), months * asked), np.tile(np.repeat(month, asked), stations)
    score = level[station, when - 1] + 12 * _normal("wedge", "victim", len(station))
    return pd.DataFrame(
        {
            "station": [f"S{number + 1:02d}" for number in station],
            "month": when,
            "start": start[station],
            "satisfaction": np.round(np.clip(score, 0, 100), 1),
        }
    )


def visits() -> pd.DataFrame:
    """21 hot spots by 30 days, each visited on ten of them by lot: 1.5 calls fewer that day, and 0.5 the day after."""
    drawn = _drawn_visits()
    visited = np.array([[arm == "visit" for arm in days] for days in drawn.arms.values()], dtype=np.float64)
    spots, days = visited.shape
    level = 6 + 1.5 * _normal("visits", "spot", spots)[:, None] + np.cos(2 * np.pi * np.arange(days) / 7)
    level = level - 1.5 * visited
    level[:, 1:] -= 0.5 * visited[:, :-1]
    return pd.DataFrame(
        {
            "spot": np.repeat(list(drawn.arms), days),
            "day": np.tile(drawn.days, spots),
            "arm": [arm for row in drawn.arms.values() for arm in row],
            "calls": _counts("visits", "calls", np.maximum(level, 0.5).ravel()),
        }
    )


def _drawn_visits() -> DrawnDays:
    """Blocks of six days, two of them with a visit, no more than four days on end alike, a day between two runs."""
    rules = DayOrders.of(Rules((4, 2), longest_run=4, washout=1))
    table = next(rules.draw(21, 5, 1, 1, "visits"))[0]
    days = tuple((dt.date(2026, 6, 1) + dt.timedelta(days=day)).isoformat() for day in range(30))
    arms = {
        f"S{place + 1:02d}": tuple("visit" if code else "none" for code in row)
        for place, row in enumerate(table.tolist())
    }
    return DrawnDays(DayRules(6, 4, 1, "none"), days, arms)


def _registered_visits() -> Registered:
    return Registered(
        shares={"none": 2.0, "visit": 1.0}, days=_drawn_visits(), cannot_redraw="draw of places and days"
    )


def forces() -> pd.DataFrame:
    """43 forces by 30 months of knife crime per 100,000; one starts in month 19 and falls by 6."""
    return _forces(1)


def four_forces() -> pd.DataFrame:
    """The same 43 forces; four of them start in month 19 and fall by 6."""
    return _forces(4)


def shifts() -> pd.DataFrame:
    """60 beats by 12 months, day and night apart; 24 beats have night patrols from month 7, two fewer assaults."""
    beat = np.repeat(np.arange(60), 2 * 12)
    night = np.tile(np.repeat([0, 1], 12), 60)
    month = np.tile(np.arange(1, 13), 120)
    level = np.repeat(np.exp(0.3 * _normal("shifts", "beat", 60)), 24)
    drift = np.where(beat < 24, 0.15 * month, 0.0)  # all hours of the beats with patrols
    mean = level * (5 + 4 * night) + drift - 2 * ((beat < 24) & (night == 1) & (month >= 7))
    return pd.DataFrame(
        {
            "place": [
                f"B{number + 1:02d}-{'night' if late else 'day'}"
                for number, late in zip(beat, night, strict=True)
            ],
            "beat": [f"B{number + 1:02d}" for number in beat],
            "month": month,
            "start": np.where((beat < 24) & (night == 1), "7", "never"),
            "night": night,
            "assaults": _counts("shifts", "assaults", np.maximum(mean, 0.1)),
        }
    )


DATA: Mapping[str, Callable[[], pd.DataFrame]] = {
    make.__name__: make
    for make in (
        officers,
        teams,
        patrols,
        mentoring,
        beats,
        quarters,
        staggered,
        gaps,
        survey,
        rollout,
        wedge,
        visits,
        forces,
        four_forces,
        shifts,
    )
}

# What a registration adds to the plan, for the data of trials whose conduct is checked.
REGISTERED: Mapping[str, Registered] = {"patrols": _registered_patrols(), "visits": _registered_visits()}


def _forces(treated: int) -> pd.DataFrame:
    n, periods = 43, 30
    level = 30 + 6 * _normal("forces", "level", n)
    loads = np.abs(0.6 + 0.5 * _normal("forces", "loads", n))
    common = np.cumsum(0.8 * _normal("forces", "common", periods))
    noise = 1.2 * _normal("forces", "noise", n * periods).reshape(n, periods)
    noise += np.cumsum(0.5 * _normal("forces", "walk", n * periods).reshape(n, periods), axis=1)
    rate = level[:, None] + loads[:, None] * common + noise
    rate[:treated, 18:] -= 6
    return pd.DataFrame(
        {
            "force": np.repeat([f"F{number + 1:02d}" for number in range(n)], periods),
            "month": np.tile(np.arange(1, periods + 1), n),
            "start": np.repeat(np.where(np.arange(n) < treated, "19", "never"), periods),
            "knife_crime": np.round(rate.ravel(), 2),
        }
    )


def _counted(name: str, first: FloatArray, n_months: int, *, level: float) -> tuple[pd.DataFrame, FloatArray]:
    """Columns of a panel of beats, and the mean count of each row before any effect."""
    n = len(first)
    beat = level * np.exp(0.3 * _normal(name, "beat", n))
    season = 1 + 0.15 * np.sin(2 * np.pi * np.arange(1, n_months + 1) / 12)
    panel = pd.DataFrame(
        {
            "beat": np.repeat([f"B{number + 1:02d}" for number in range(n)], n_months),
            "month": np.tile(np.arange(1, n_months + 1), n),
            "start": np.repeat(
                [str(int(date)) if np.isfinite(date) else "never" for date in first], n_months
            ),
        }
    )
    return panel, np.outer(beat, season).ravel()


def _normal(name: str, purpose: str, size: int) -> FloatArray:
    return standard_normals(stream(1, name, purpose), (size,))


def _counts(name: str, purpose: str, mean: FloatArray) -> NDArray[np.int64]:
    chance = uniforms(stream(1, name, purpose), mean.shape)
    return np.asarray(distributions.poisson.ppf(chance, mean), dtype=np.int64)

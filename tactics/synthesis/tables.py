"""Effects from counts: log odds ratios, and their Mantel-Haenszel mean, which needs no study to be large."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centre.distributions import chi_square_p, interval, p_value
from tactics.synthesis.errors import BadEffects, NotEstimable
from tactics.synthesis.heterogeneity import residual_q

Floats = NDArray[np.float64]
HOMOGENEOUS = "Mantel-Haenszel takes one odds ratio to hold in every study; ask for REML or DL"


@dataclass(frozen=True, slots=True)
class Counts:
    """Events and people of one study, treated then control."""

    treated_events: int
    treated: int
    control_events: int
    control: int

    def __post_init__(self) -> None:
        for events, people in ((self.treated_events, self.treated), (self.control_events, self.control)):
            if people < 1 or not 0 <= events <= people:
                raise BadEffects("Each arm needs 1 person or more, and from 0 events to one for each person")

    @property
    def cells(self) -> tuple[int, int, int, int]:
        """Return events and the rest, treated then control."""
        return (
            self.treated_events,
            self.treated - self.treated_events,
            self.control_events,
            self.control - self.control_events,
        )


def log_odds_ratios(counts: Sequence[Counts]) -> tuple[list[float], list[float]]:
    """Return each study's log odds ratio and its sampling variance (Woolf).

    Notes
    -----
    ``log(a d / (b c))`` with variance ``1/a + 1/b + 1/c + 1/d``. Nothing is added to a cell of 0: half a case
    that nobody saw would decide what a rare outcome says.

    Raises
    ------
    BadEffects : a study with an empty cell, by its row.
    """
    yi, vi = [], []
    for row, one in enumerate(counts):
        if 0 in one.cells:
            raise BadEffects(
                f"Study {row + 1} has an empty cell, so its log odds ratio does not exist; use --method MH",
                row=row,
                column="ai",
            )
        a, b, c, d = one.cells
        yi.append(float(np.log(a * d / (b * c))))
        vi.append(1 / a + 1 / b + 1 / c + 1 / d)
    return yi, vi


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """The common log odds ratio. Q is left out where a cell is empty."""

    k: int
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    statistic: float
    p_value: float
    q: float | None
    q_p_value: float | None
    weights: tuple[float, ...]


def mantel_haenszel(counts: Sequence[Counts], *, level: float = 0.95) -> MantelHaenszel:
    """Estimate one odds ratio from several two by two tables.

    Parameters
    ----------
    counts : one table for each study.
    level : of the interval, normal on the log scale.

    Notes
    -----
    ``OR = sum(a d / n) / sum(b c / n)``; variance of its logarithm by Robins, Breslow and Greenland. A study
    without events, or with nothing but events, has no say. ``q`` is Cochran's about the inverse-variance mean.

    Raises
    ------
    NotEstimable : no study has both an event where it counts and a person without one.

    References
    ----------
    Mantel and Haenszel (1959), J Natl Cancer Inst 22:719; Robins, Breslow and Greenland (1986), Biometrics
    42:311. Agrees with statsmodels' StratifiedTable.
    """
    if not counts:
        raise NotEstimable("There are no studies to pool")
    a, b, c, d = np.array([one.cells for one in counts], dtype=np.float64).T
    n = a + b + c + d
    r, s = a * d / n, b * c / n
    if r.sum() == 0 or s.sum() == 0:
        raise NotEstimable("the odds ratio is 0, endless or unknown: one arm has no event in any study")
    p, q = (a + d) / n, (b + c) / n
    variance = (
        (p * r).sum() / (2 * r.sum() ** 2)
        + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
        + (q * s).sum() / (2 * s.sum() ** 2)
    )
    estimate, error = float(np.log(r.sum() / s.sum())), float(variance) ** 0.5
    low, high = interval(estimate, error, None, 1 - level)
    spread = _spread(counts)
    return MantelHaenszel(
        k=len(counts),
        estimate=estimate,
        std_error=error,
        conf_low=low,
        conf_high=high,
        statistic=estimate / error,
        p_value=p_value(estimate / error, None),
        q=spread,
        q_p_value=chi_square_p(spread, len(counts) - 1) if spread is not None else None,
        weights=tuple(float(share) for share in s / s.sum()),
    )


def _spread(counts: Sequence[Counts]) -> float | None:
    if len(counts) < 2 or any(0 in one.cells for one in counts):
        return None
    y, v = (np.array(values) for values in log_odds_ratios(counts))
    return residual_q(0.0, y, v, np.ones((len(y), 1)))


_ROW = ("estimate", "std_error", "conf_low", "conf_high", "p_value")


def synthesise_counts(
    counts: Sequence[Counts], *, studies: Sequence[str], level: float = 0.95
) -> dict[str, Any]:
    """Return the Mantel-Haenszel answer in the keys of `synthesise`; what it does not have is null, with why.

    Raises
    ------
    NotEstimable : as `mantel_haenszel`.
    """
    fit = mantel_haenszel(counts, level=level)
    reasons = dict.fromkeys(("tau2", "prediction"), HOMOGENEOUS) | {
        "egger": "Egger's test goes with the inverse-variance methods; ask for REML or DL"
    }
    if fit.q is None:
        reasons["q"] = "Q needs two studies or more, and no empty cell in any of them"
    nothing = ("tau2", "tau2_conf_low", "tau2_conf_high", "prediction_low", "prediction_high")
    percent = None if fit.q is None else (max(0.0, 100 * (1 - (fit.k - 1) / fit.q)) if fit.q > 0 else 0.0)
    return {
        "k": fit.k,
        **{name: getattr(fit, name) for name in _ROW},
        **dict.fromkeys((*nothing, "prediction_df", "egger")),
        "i2": percent,
        "h2": None if fit.q is None else fit.q / (fit.k - 1),
        "q": fit.q,
        "q_df": fit.k - 1,
        "q_p_value": fit.q_p_value,
        "leave_one_out": [_without(row, counts, studies[row], level) for row in range(fit.k) if fit.k > 1],
        "coefficients": [
            {"term": "intercept", "df": None, "statistic": fit.statistic}
            | {name: getattr(fit, name) for name in _ROW}
        ],
        "weights": [{"study": name, "weight": w} for name, w in zip(studies, fit.weights, strict=True)],
        "method": "MH",
        "test": "z",
        "level": level,
        "floor": False,
        "not_estimable": reasons,
        "warnings": [],
    }


def _without(row: int, counts: Sequence[Counts], study: str, level: float) -> dict[str, Any]:
    try:
        fit = mantel_haenszel([one for j, one in enumerate(counts) if j != row], level=level)
    except NotEstimable as refusal:
        return {"study": study, **dict.fromkeys(_ROW), "not_estimable": refusal.message}
    return {"study": study, **{name: getattr(fit, name) for name in _ROW}}

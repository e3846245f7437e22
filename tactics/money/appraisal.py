"""The appraisal: benefits less costs over many simulated futures, the same bytes for the same inputs."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil, floor, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centre.canonical import digest
from centre.distributions import uniform_from_raw
from tactics.money.inputs import Amount, Inputs, Payer

MONEY_VERSION = "MONEY-1.0"
BARS = 36  # of the drawing at most: their width is rounded up
NO_MEAN = "A pooled effect has a t distribution, and a ratio of that kind has no mean: read the median and the interval"
NO_RATIO = "There is no cost to compare the benefit with"
NOT_KNOWN = "The source of the unit cost does not say which part the police bear"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figures:
    """One quantity over all futures, with its Monte Carlo error. `mean` is None where there is none."""

    mean: float | None
    median: float
    conf_low: float
    conf_high: float
    mean_error: float | None  # the standard error of the mean over futures
    median_error: float  # half the distance between the order statistics one standard error either side
    conf_low_error: float
    conf_high_error: float


@dataclass(frozen=True, slots=True)
class Bar:
    """How many futures lie from `low` up to `high`; the outermost hold all beyond them too."""

    low: float
    high: float
    futures: int


@dataclass(frozen=True, slots=True)
class Appraised:
    """What an appraisal says. What could not be worked out is None, with its reason."""

    version: str
    inputs_sha256: str
    futures: int
    incidents_prevented: Figures
    benefit: Figures
    police_benefit: Figures | None
    rest_benefit: Figures | None
    cost: Figures
    costs: Mapping[Payer, Figures]
    net_benefit: Figures
    police_net_benefit: Figures | None
    ratio: Figures | None
    share_ahead: float
    share_ahead_error: float
    bars: tuple[Bar, ...]
    reasons: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return the appraisal as plain JSON values."""
        return {**asdict(self), "bars": [asdict(bar) for bar in self.bars]}


def appraise(inputs: Inputs) -> Appraised:
    """Appraise a tactic.

    Parameters
    ----------
    inputs : everything that it depends on.

    Notes
    -----
    In each future one effect and one level of costs is drawn. With ``N`` incidents a year, ``m`` crimes for each
    recorded one, unit cost ``u`` and discounted years ``A``, the benefit is ``N m u A(effect) (1 - ratio)``: below 0
    where the ratio is above 1. Costs follow a triangular distribution between low and high with its mode at the
    central value, all by one draw: costs that turn out high do so together. The seed is the digest of the inputs.
    Money is rounded to pence and shares to six decimals.

    Raises
    ------
    NotEstimable : what is missing or cannot be used, in plain words.
    """
    pounds = inputs.pounds()
    key = digest({"version": MONEY_VERSION, **inputs.as_json()})
    prevented = 1 - inputs.forecast.ratios(_uniforms(key, "effect", inputs.futures), inputs.baseline_risk)
    level = _uniforms(key, "costs", inputs.futures)
    costs: dict[Payer, Floats] = {payer: triangular(amount, level) for payer, amount in pounds.costs.items()}
    cost: Floats = np.sum(list(costs.values()), axis=0)
    benefit = pounds.benefit * prevented
    net = benefit - cost
    has_mean = inputs.forecast.has_mean_ratio
    part = pounds.police_benefit
    police = None if part is None else part * prevented
    ahead = float(np.mean(net > 0))
    has_cost = bool(np.all(cost > 0))
    return Appraised(
        version=MONEY_VERSION,
        inputs_sha256=key,
        futures=inputs.futures,
        incidents_prevented=_figures(pounds.incidents_pv * prevented, has_mean),
        benefit=_figures(benefit, has_mean),
        police_benefit=None if police is None else _figures(police, has_mean),
        rest_benefit=None if police is None else _figures(benefit - police, has_mean),
        cost=_figures(cost, True),
        costs={payer: _figures(draws, True) for payer, draws in costs.items()},
        net_benefit=_figures(net, has_mean),
        police_net_benefit=None
        if police is None
        else _figures(police - costs.get("police", np.zeros_like(net)), has_mean),
        ratio=_figures(benefit / cost, has_mean) if has_cost else None,
        share_ahead=round(ahead, 6),
        share_ahead_error=round(float(np.sqrt(ahead * (1 - ahead) / inputs.futures)), 6),
        bars=_bars(net),
        reasons=_reasons(has_mean, has_cost, police is not None),
    )


def _reasons(has_mean: bool, has_cost: bool, police_is_known: bool) -> dict[str, str]:
    known = {
        "mean": (has_mean, NO_MEAN),
        "ratio": (has_cost, NO_RATIO),
        "police": (police_is_known, NOT_KNOWN),
    }
    return {name: reason for name, (is_known, reason) in known.items() if not is_known}


def _uniforms(key: str, purpose: str, count: int) -> Floats:
    """Return uniforms of one purpose: from raw output, which NumPy keeps the same across versions."""
    seed = hashlib.sha256(f"{key}\x1f{purpose}".encode()).digest()
    raw = np.random.PCG64(int.from_bytes(seed, "big")).random_raw(count)
    return uniform_from_raw(np.asarray(raw, dtype=np.uint64))


def triangular(amount: Amount, uniform: Floats) -> Floats:
    """Return draws by inversion of a triangular distribution; its mean is a third of the sum of its three values."""
    low, middle, high = amount.as_json()
    width = high - low
    if width == 0:
        return np.full_like(uniform, middle)
    turn = (middle - low) / width
    rising = low + np.sqrt(uniform * width * (middle - low))
    falling = high - np.sqrt((1 - uniform) * width * (high - middle))
    return np.asarray(np.where(uniform < turn, rising, falling), dtype=np.float64)


ENDS = (0.5, 0.025, 0.975)


def _figures(draws: Floats, has_mean: bool) -> Figures:
    """Return the figures of one quantity.

    Notes
    -----
    The Monte Carlo error of a quantile is half the distance between the order statistics that lie one binomial
    standard error either side of it.
    """
    ordered = np.sort(draws)
    count = len(ordered)
    shares = np.array(ENDS)
    step = np.sqrt(shares * (1 - shares) / count)
    values, below, above = np.quantile(ordered, np.clip([shares, shares - step, shares + step], 0, 1))
    errors = (above - below) / 2
    return Figures(
        mean=_round(float(np.mean(ordered))) if has_mean else None,
        median=_round(float(values[0])),
        conf_low=_round(float(values[1])),
        conf_high=_round(float(values[2])),
        mean_error=_round(float(np.std(ordered, ddof=1) / np.sqrt(count))) if has_mean else None,
        median_error=_round(float(errors[0])),
        conf_low_error=_round(float(errors[1])),
        conf_high_error=_round(float(errors[2])),
    )


def _round(value: float) -> float:
    # Adding zero turns -0.0 into 0.0.
    return round(value, 2) + 0.0


def _bars(net: Floats) -> tuple[Bar, ...]:
    """Return the futures counted in bars of one round width, of which one edge is 0."""
    low, high = (float(end) for end in np.quantile(net, (0.005, 0.995)))
    width = _round_width((high - low) / BARS)
    first, last = floor(low / width), max(ceil(high / width), floor(low / width) + 1)
    places = np.clip(np.floor(net / width), first, last - 1).astype(np.int64) - first
    counts = np.bincount(places, minlength=last - first)
    return tuple(
        Bar((first + at) * width, (first + at + 1) * width, int(count)) for at, count in enumerate(counts)
    )


def _round_width(width: float) -> float:
    """Return the width rounded up to 1, 2 or 5 times a power of ten, and at least a penny."""
    if width <= 0.01:
        return 0.01
    power = 10.0 ** floor(log10(width))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= width * (1 - 1e-12))

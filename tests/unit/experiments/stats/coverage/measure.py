"""How often intervals cover: many replicates drawn at once, one fit for each, and what is asserted of all of them."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from experiments.stats.draws import standard_normals, stream, uniforms
from experiments.stats.results import Resampled

COUNT = 2_000  # replicates: the standard error of a coverage of 95 % is half a point
LOW, HIGH = 0.935, 0.965

Found = tuple[float, float, float | None]  # estimate, standard error, degrees of freedom


@dataclass(frozen=True)
class Measured:
    """Estimates of one effect over the replicates, with standard errors and degrees of freedom (normal: infinite)."""

    estimate: np.ndarray
    std_error: np.ndarray
    df: np.ndarray
    truth: float

    @property
    def covered(self) -> float:
        """Share of the pointwise 95 % intervals that hold the truth."""
        t = np.abs(self.estimate - self.truth) / self.std_error
        return float(np.mean(t < special.stdtrit(self.df, 0.975)))

    @property
    def bias(self) -> float:
        """Bias in Monte-Carlo standard errors."""
        spread = self.estimate.std(ddof=1) / math.sqrt(len(self.estimate))
        return float((self.estimate.mean() - self.truth) / spread)

    @property
    def ratio(self) -> float:
        """Mean standard error over the spread of the estimates."""
        return float(self.std_error.mean() / self.estimate.std(ddof=1))


def measured(
    fit: Callable[[int], dict[str, Found]], truth: dict[str, float], count: int = COUNT
) -> dict[str, Measured]:
    """Fit every replicate and gather each effect that `fit` names."""
    rows: dict[str, list[Found]] = {name: [] for name in truth}
    for r in range(count):
        for name, found in fit(r).items():
            rows[name].append(found)
    return {name: _gathered(found, truth[name]) for name, found in rows.items()}


def _gathered(found: Iterable[Found], truth: float) -> Measured:
    table = np.array([(value, error, np.inf if df is None else df) for value, error, df in found])
    return Measured(*table.T, truth)


def sound(found: Measured, low: float = LOW, high: float = HIGH) -> None:
    """Assert that there is no bias beyond chance and that the intervals cover as often as they say."""
    assert abs(found.bias) < 4, f"bias of {found.bias:.1f} Monte-Carlo standard errors"
    judged("covered", found.covered, low, high, len(found.estimate))


def keeps_its_size(p_values: Sequence[float] | np.ndarray) -> None:
    """Assert that a test rejects about as often as its level, 5 %, says."""
    share = float(np.mean(np.asarray(p_values) <= 0.05))
    judged("rejected", share, 0.035, 0.065, len(p_values))


def judged(what: str, share: float, low: float, high: float, count: int) -> None:
    """Assert that a share lies where it has to, and say it: `-rP` shows what every test measured."""
    said = f"{what} {100 * share:.2f} % of {count:,}, where {100 * low:.1f} to {100 * high:.1f} was asked"
    print(said)
    assert low <= share <= high, said


def only_p(p_at: Callable[[float], float], *_: float) -> Resampled:
    """Stand in for the search for an interval from draws, which costs many times the test itself."""
    return Resampled(p_at(0.0), None, None)


def normals(purpose: str, *shape: int) -> np.ndarray:
    """Return standard normals that are the same on every version of NumPy."""
    return standard_normals(stream(20, "coverage", purpose), shape)


def chances(purpose: str, *shape: int) -> np.ndarray:
    """Return uniform draws from 0 to 1."""
    return uniforms(stream(20, "coverage", purpose), shape)


def autoregressive(shocks: np.ndarray, rho: float = 0.5) -> np.ndarray:
    """Return shocks in which each period remembers the one before, of variance 1."""
    errors = shocks.copy()
    for t in range(1, shocks.shape[-1]):
        errors[..., t] = rho * errors[..., t - 1] + math.sqrt(1 - rho**2) * shocks[..., t]
    return errors


def long_codes(n_units: int, n_periods: int) -> tuple[np.ndarray, np.ndarray]:
    """Return unit and period of each row of a balanced panel."""
    return np.repeat(np.arange(n_units), n_periods), np.tile(np.arange(n_periods), n_units)

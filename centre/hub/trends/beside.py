"""What other rules say of a month beside Farrington's test: the months just before it, and small rises that last."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from centre.distributions import quantile
from centre.hub.trends import cusum, ears, xmr
from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.fired import CUSUM, OF_CHART
from centre.hub.trends.points import Point
from centre.hub.trends.rules import Rules
from centre.hub.trends.series import Series


@dataclass(frozen=True, slots=True)
class Statistic:
    """What a rule comes to; it fires above its bound."""

    rule: str
    value: float
    bound: float

    @property
    def fires(self) -> bool:
        """Return whether the rule fires."""
        return self.value > self.bound


@dataclass(frozen=True, slots=True)
class Lasting:
    """How far the newest months, since the sum was last 0, are together above what their season leads to expect."""

    statistic: Statistic
    since: dt.date
    observed: float
    expected: float
    min_effect: float

    @property
    def fires(self) -> bool:
        """Return whether the months are beyond chance, and so far above that somebody would act on it."""
        return self.statistic.fires and self.observed >= (1 + self.min_effect) * self.expected


def lasting(points: Sequence[Point], rules: Rules) -> Lasting:
    """Add up what the months of a series are above expectation, as CUSUM does.

    Parameters
    ----------
    points : Farrington's verdicts in order of time, of which the last is the month in question. A month without one
        adds nothing and takes nothing away.

    Notes
    -----
    A month counts as the standard normal quantile of its p value, so that season, trend, dispersion and the error of
    what is expected are in it; ``S = max(0, S before + min(z, most) - k)``, and the rule fires where S is above h.
    """
    total, begun = 0.0, 0
    for at, point in enumerate(points):
        chance = 1.0 if point.p_value is None else point.p_value
        total = cusum.added(total, min(quantile(1 - chance, None), rules.cusum_most), rules.cusum_k)
        if not total:
            begun = at + 1
    risen = points[begun:]
    return Lasting(
        Statistic(CUSUM, total, rules.cusum_h),
        risen[0].date if risen else points[-1].date,
        sum(one.count or 0.0 for one in risen),
        sum(one.expected or 0.0 for one in risen),
        rules.min_effect,
    )


def by_months_before(series: Series, at: int, rules: Rules) -> list[Statistic]:
    """Return what EARS C1, C2 and C3 come to, where there are enough counts. They know nothing of the season."""
    usual, options = _usual(series, at), ears.Options(baseline=rules.ears_baseline)
    found = []
    for method in ears.METHODS:
        bound = quantile(1 - ears.ALPHAS[method], None)
        try:
            point = ears.evaluate(usual, at, options, method)
        except NotEstimable:
            continue
        found.append(Statistic(method, (point.score or 0.0) * bound, bound))
    return found


def on_chart(series: Series, at: int, rules: Rules) -> str:
    """Return the rule of a control chart that fires on a month; nothing where a chart would say too little.

    The limits are those of the months before.
    """
    drawn = _usual(series, at)
    before = drawn.history(at)
    if len(before) < rules.chart_from or before.mean() < rules.chart_mean:
        return ""
    label = xmr.evaluate(drawn, xmr.Options(fix_after_n_points=len(before)))[-1].rule
    return OF_CHART.get(label, "")


def _usual(series: Series, at: int) -> Series:
    """Return the counts up to a month, as if all months were of usual length."""
    counts = series.counts[: at + 1]
    if series.population is not None:
        counts = counts / series.population[: at + 1] * series.population.mean()
    return replace(series, dates=series.dates[: at + 1], counts=counts, population=None)

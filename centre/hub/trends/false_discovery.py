"""Which of many alarms to believe: the false discovery rate of Benjamini and Hochberg (1995), date by date."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from centre.hub.trends.points import Point


@dataclass(frozen=True, slots=True)
class Options:
    """`false_discovery_rate`: the share of signals that may be chance. `min_effect`: how far above expected one is."""

    false_discovery_rate: float = 0.05
    min_effect: float = 0.1


def controlled(points: Sequence[Point], options: Options) -> list[Point]:
    """Return the points with q values and signals, over all series of one date.

    A signal has a q value within the rate, and a count at least `min_effect` above what was expected: in a large
    series a difference that nobody would act on may be beyond chance. Points without a p value keep none.
    """
    # Late: pages, which judge nothing, start without its seconds.
    from scipy.stats import false_discovery_control

    places: dict[object, list[int]] = defaultdict(list)
    for at, point in enumerate(points):
        if point.p_value is not None:
            places[point.date].append(at)
    found = list(points)
    for where in places.values():
        q_values = false_discovery_control(np.array([points[at].p_value for at in where]))
        for at, q in zip(where, q_values, strict=True):
            found[at] = replace(
                points[at], q_value=float(q), signal=_is_signal(points[at], float(q), options)
            )
    return found


def _is_signal(point: Point, q: float, options: Options) -> bool:
    if point.count is None or point.expected is None:
        return False
    return q <= options.false_discovery_rate and point.count >= (1 + options.min_effect) * point.expected

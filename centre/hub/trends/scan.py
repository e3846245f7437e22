"""Kulldorff's space-time scan: the circle of places, and the last steps, with the clearest excess of counts."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from centre.distributions import uniform_from_raw
from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.series import Floats

Model = Literal["permutation", "poisson"]
MODELS: tuple[Model, ...] = get_args(Model)
_EARTH = 6_371.0088  # kilometres


@dataclass(frozen=True, slots=True)
class Options:
    """`model` permutation needs no population. Shares: the largest circle and the longest time that are looked at."""

    model: Model = "permutation"
    alpha: float = 0.05
    max_share: float = 0.5
    max_time_share: float = 0.5
    max_areas: int = 500
    replications: int = 999
    seed: int = 2026
    clusters: int = 10


@dataclass(frozen=True, slots=True)
class Places:
    """Counts of places over time, in the order of the places' names.

    `counts` and `population` are places x steps; `longitude` and `latitude` of the places' centres in degrees.
    """

    names: tuple[str, ...]
    dates: tuple[dt.date, ...]
    counts: NDArray[np.int64]
    longitude: Floats
    latitude: Floats
    population: Floats | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster that is alive at the end: `statistic` is the log likelihood ratio, `recurrence` in steps of time."""

    centre: str
    areas: tuple[str, ...]
    start: dt.date
    end: dt.date
    radius_km: float
    count: int
    expected: float
    statistic: float
    p_value: float
    recurrence: float


Tell = Callable[[float, str], None]


def scan(places: Places, options: Options, tell: Tell | None = None) -> list[Cluster]:
    """Return the clusters that end now, the likeliest first; a later one shares no place with an earlier.

    Notes
    -----
    ``LLR = c ln(c/E) + (C - c) ln((C - c)/(C - E))`` where ``c > E`` (Kulldorff 2001). Expected counts are
    ``population share * C``, or ``n_place n_time / N`` in the permutation model (Kulldorff et al. 2005). The p value
    is the rank of the statistic among the largest of `replications` draws: ``rank / (replications + 1)``.

    Raises
    ------
    NotEstimable : fewer than two places or steps, nothing counted, or a population model without population.
    """
    total = int(places.counts.sum())
    _check(places, total, options)
    expected = _expected(places, options)
    window = _Window(places, expected, options)
    observed = np.stack(list(window.statistics(places.counts)))
    largest = np.zeros(options.replications)
    draw = _Draws(places, expected, options)
    for replication in range(options.replications):
        largest[replication] = max(float(step.max()) for step in window.statistics(draw.counts()))
        if tell and replication % 50 == 0:
            tell(replication / options.replications, f"{replication:,} of {options.replications:,} draws")
    return _clusters(window, observed, largest, options)


def log_likelihood_ratio(count: Floats, expected: Floats, total: float) -> Floats:
    """Return how much likelier a cluster makes the counts than chance; 0 where there are no more than expected."""
    c, e = np.asarray(count, dtype=float), np.asarray(expected, dtype=float)
    rest, rest_expected = total - c, total - e
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = c * np.log(c / e)
        outside = np.where(rest > 0, rest * np.log(rest / rest_expected), 0.0)
        return np.where(c > e, inside + outside, 0.0)


def _check(places: Places, total: int, options: Options) -> None:
    if len(places.names) < 2 or len(places.dates) < 2:
        raise NotEstimable("A scan needs two places and two dates or more")
    if total < 2:
        raise NotEstimable("A scan needs two counted events or more")
    if options.model == "poisson" and places.population is None:
        raise NotEstimable(
            "The Poisson model needs the column population; without it use the model permutation"
        )


class _Window:
    """Every circle around every place by every number of last steps: what is expected, and how to count there."""

    def __init__(self, places: Places, expected: Floats, options: Options) -> None:
        self.places = places
        self.total = float(places.counts.sum())
        self.longest = max(1, int(len(places.dates) * options.max_time_share))
        self.distance, self.order = _neighbours(places, options.max_areas)
        self.expected = list(self._sums(expected))
        # A circle may hold so much of what is expected over all time, so that it is no statement of all places.
        whole = expected.sum(axis=1)
        self.is_allowed = np.cumsum(whole[self.order], axis=1) <= options.max_share * self.total
        self.is_allowed[:, 0] = True

    def _sums(self, values: Floats | NDArray[np.int64]) -> Iterator[Floats]:
        """Give, for the last 1, 2, ... steps, the sums of circles of 1, 2, ... places: places x circle sizes."""
        last = np.zeros(len(values))
        for step in range(1, self.longest + 1):
            last = last + values[:, -step]
            yield np.cumsum(last[self.order], axis=1)

    def statistics(self, counts: NDArray[np.int64]) -> Iterator[Floats]:
        """Give the statistic of every cylinder, by its number of steps."""
        for sums, expected in zip(self._sums(counts), self.expected, strict=True):
            yield np.where(self.is_allowed, log_likelihood_ratio(sums, expected, self.total), 0.0)


def _expected(places: Places, options: Options) -> Floats:
    total = float(places.counts.sum())
    if options.model == "poisson" and places.population is not None:
        return total * places.population / places.population.sum()
    by_place, by_time = places.counts.sum(axis=1), places.counts.sum(axis=0)
    return np.outer(by_place, by_time) / total


def _neighbours(places: Places, most: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return the kilometres to each place's neighbours and which they are, nearest first; itself is the first."""
    lon, lat = np.radians(places.longitude), np.radians(places.latitude)
    size = min(most, len(lon))
    distances, orders = np.empty((len(lon), size)), np.empty((len(lon), size), dtype=np.int64)
    for at in range(len(lon)):
        half = (
            np.sin((lat - lat[at]) / 2) ** 2
            + np.cos(lat) * np.cos(lat[at]) * np.sin((lon - lon[at]) / 2) ** 2
        )
        distance = 2 * _EARTH * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
        distance[at] = -1.0  # itself first, also where another lies on the same point
        orders[at] = np.argsort(distance, kind="stable")[:size]
        distances[at] = distance[orders[at]]
    distances[:, 0] = 0.0
    return distances, orders


class _Draws:
    """Counts as chance would have them: all cases by population, or their times dealt out anew."""

    def __init__(self, places: Places, expected: Floats, options: Options) -> None:
        self.shape = places.counts.shape
        self.generator = np.random.PCG64(options.seed)
        self.is_permutation = options.model == "permutation"
        self.shares = np.cumsum(expected.ravel())
        where, when = np.nonzero(places.counts)
        repeats = places.counts[where, when]
        self.where, self.when = np.repeat(where, repeats), np.repeat(when, repeats)

    def counts(self) -> NDArray[np.int64]:
        """Return one draw. Raw bits are turned into numbers here, so that every version of NumPy draws the same."""
        uniform = uniform_from_raw(np.asarray(self.generator.random_raw(len(self.when))))
        if self.is_permutation:
            cells = self.where * self.shape[1] + self.when[np.argsort(uniform, kind="stable")]
        else:
            cells = np.searchsorted(self.shares, uniform * self.shares[-1], side="right")
        return np.bincount(cells, minlength=self.shape[0] * self.shape[1]).reshape(self.shape)


def _clusters(window: _Window, observed: Floats, largest: Floats, options: Options) -> list[Cluster]:
    found, taken = list[Cluster](), set[int]()
    per_centre = observed.max(axis=(0, 2))
    for centre in np.argsort(-per_centre, kind="stable"):
        statistic = float(per_centre[centre])
        if statistic <= 0 or len(found) == options.clusters:
            break
        step, size = np.unravel_index(int(observed[:, centre].argmax()), observed[:, centre].shape)
        members = window.order[centre, : size + 1]
        if taken & set(members.tolist()):
            continue
        taken |= set(members.tolist())
        found.append(_cluster(window, int(centre), members, (int(step), int(size)), statistic, largest))
    return found


def _cluster(
    window: _Window,
    centre: int,
    members: NDArray[np.int64],
    cylinder: tuple[int, int],
    statistic: float,
    largest: Floats,
) -> Cluster:
    places, (step, size) = window.places, cylinder
    # Sums in another order differ in the last digit: what is equal but for that is as extreme.
    rank = 1 + int((largest >= statistic * (1 - 1e-9)).sum())
    p = rank / (len(largest) + 1)
    return Cluster(
        centre=places.names[centre],
        areas=tuple(sorted(places.names[at] for at in members)),
        start=places.dates[-step - 1],
        end=places.dates[-1],
        radius_km=float(window.distance[centre, size]),
        count=int(places.counts[members, -step - 1 :].sum()),
        expected=float(window.expected[step][centre, size]),
        statistic=statistic,
        p_value=p,
        recurrence=1 / p,
    )

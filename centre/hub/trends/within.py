"""Where within a force counts have risen: circles of areas by newest months, every category by the same scan."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from centre.hub.trends import scan
from centre.hub.trends.errors import NotEstimable
from centre.hub.trends.scan import Cluster, Places
from centre.hub.trends.series import Floats

COLUMNS = ("LSOA code", "LSOA name", "Crime type", "Longitude", "Latitude")
_MILLIONTHS = 1_000_000  # of a degree: as points are published, so that sums are exact in any order of rows
Tell = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class PlaceRules:
    """The cut-offs of a scan of places; they are kept with each. Ours, and not official."""

    version: str = "PLACES-1.0"
    months: int = 24  # the newest that may be compared, at most
    least_months: int = 12
    newest: int = 3  # months of a cluster, at most
    circle: int = 50  # areas of one, at most
    least_events: int = 20  # of a category
    replications: int = 999
    seed: int = 2026
    false_discovery_rate: float = 0.05
    clusters: int = 3  # of a category, at most
    # Areas x areas of a circle x categories of one scan, at most: a larger force is scanned category by category.
    most_work: int = 1_300_000

    def as_json(self) -> dict[str, Any]:
        """Return the rules as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Located:
    """Counts of each category, areas x months, with the mean of each area's published points."""

    areas: tuple[str, ...]
    names: tuple[str, ...]  # of the areas, as the files have them
    months: tuple[dt.date, ...]
    longitude: Floats
    latitude: Floats
    counts: Mapping[str, NDArray[np.int64]]
    left_out: Mapping[str, int]  # rows, by why


@dataclass(frozen=True, slots=True)
class Found:
    """One cluster: `is_found` if it is beyond chance among all that was scanned at once."""

    cluster: Cluster
    is_found: bool


@dataclass(frozen=True, slots=True)
class OfCategory:
    """What the scan of one category came to, or why it was not scanned."""

    measure: str
    total: int
    q_value: float | None
    clusters: tuple[Found, ...]
    reason: str = ""


def located(
    tables: Iterable[tuple[dt.date, pa.Table]],
    labels: Mapping[str, frozenset[str]],
    is_own: Callable[[str], bool],
) -> Located:
    """Count the rows of each category by area and month.

    Parameters
    ----------
    tables : the month and the columns `COLUMNS` of each file, in order of month; a month without a file is not there.
    labels : the labels of each category, by the key of its measure.
    is_own : whether an area is the force's own, or nobody knows whose it is.
    """
    months: list[dt.date] = []
    tallied: list[dict[tuple[str, str], int]] = []
    points: dict[str, list[int]] = {}
    names: dict[str, str] = {}
    without_place = foreign = 0
    for month, table in tables:
        months.append(month)
        placed = table.filter(pc.not_equal(table.column("LSOA code"), ""))
        without_place += table.num_rows - placed.num_rows
        counted = placed.group_by(["LSOA code", "Crime type"]).aggregate([([], "count_all")]).to_pylist()
        foreign += sum(row["count_all"] for row in counted if not is_own(row["LSOA code"]))
        own = [row for row in counted if is_own(row["LSOA code"])]
        tallied.append({(row["LSOA code"], row["Crime type"]): row["count_all"] for row in own})
        _add_points(points, placed)
        for row in placed.group_by("LSOA code").aggregate([("LSOA name", "min")]).to_pylist():
            area, name = row["LSOA code"], row["LSOA name_min"]
            names[area] = min(
                name, names.get(area, name)
            )  # of several the first by alphabet, whatever the order
    seen = sorted({area for one in tallied for area, _ in one})
    areas = [area for area in seen if area in points]
    place = {area: at for at, area in enumerate(areas)}
    category = {label: key for key, wanted in labels.items() for label in wanted}
    counts = {key: np.zeros((len(areas), len(months)), dtype=np.int64) for key in labels}
    for at, one in enumerate(tallied):
        for (area, label), n in one.items():
            if area in place and label in category:
                counts[category[label]][place[area], at] += n
    without_point = sum(n for one in tallied for (area, _), n in one.items() if area not in place)
    middle = np.array([points[area] for area in areas], dtype=float).reshape(len(areas), 3)
    return Located(
        tuple(areas),
        tuple(names[area] for area in areas),
        tuple(months),
        middle[:, 0] / middle[:, 2] / _MILLIONTHS,
        middle[:, 1] / middle[:, 2] / _MILLIONTHS,
        counts,
        {"without_place": without_place, "foreign": foreign, "without_point": without_point},
    )


def judge(given: Located, rules: PlaceRules, tell: Tell | None = None) -> list[OfCategory]:
    """Scan every category, and say which clusters are beyond chance among all of them.

    Notes
    -----
    Each category is scanned by the space-time permutation model: how much a month has in the whole force, and how much
    an area has over all months, is taken as given, so that a season and a busy area are no cluster. The p value of
    the likeliest cluster of each category is one test, and q is Benjamini and Hochberg's over the categories.
    A further cluster of a category that has one found must be within the rate times the share of categories that
    have one, by its own p value, which is held against the likeliest of every draw and so too high rather than low.
    """
    # Late: pages, which judge nothing, start without its seconds.
    from scipy.stats import false_discovery_control

    raw: dict[str, list[Cluster] | str] = {}
    for at, (measure, counts) in enumerate(given.counts.items()):
        raw[measure] = _scanned(given, counts, rules, _share(tell, at, len(given.counts)))
    firsts = {key: one[0].p_value for key, one in raw.items() if not isinstance(one, str) and one}
    controlled = false_discovery_control(np.array(list(firsts.values()))) if firsts else np.array([])
    q_values = {key: float(q) for key, q in zip(firsts, controlled, strict=True)}
    n_found = sum(q <= rules.false_discovery_rate for q in q_values.values())
    further = rules.false_discovery_rate * n_found / max(len(firsts), 1)
    return [
        OfCategory(
            measure,
            int(given.counts[measure].sum()),
            q_values.get(measure),
            ()
            if isinstance(one, str)
            else tuple(_marked(one, q_values.get(measure, 1.0), further, rules.false_discovery_rate)),
            one if isinstance(one, str) else "",
        )
        for measure, one in raw.items()
    ]


def work(n_areas: int, n_categories: int, rules: PlaceRules) -> int:
    """Return how much a scan has to do, in the unit of `most_work`."""
    return n_areas * min(n_areas, rules.circle) * n_categories


def _add_points(points: dict[str, list[int]], placed: pa.Table) -> None:
    known = placed.filter(
        pc.and_(pc.is_valid(placed.column("Longitude")), pc.is_valid(placed.column("Latitude")))
    )
    for place, name in enumerate(("Longitude", "Latitude")):
        whole = pc.cast(pc.round(pc.multiply(known.column(name), _MILLIONTHS)), pa.int64())
        summed = pa.table({"area": known.column("LSOA code"), "at": whole}).group_by("area")
        for row in summed.aggregate([("at", "sum"), ("at", "count")]).to_pylist():
            held = points.setdefault(row["area"], [0, 0, 0])
            held[place] += row["at_sum"]
            held[2] += row["at_count"] if place else 0


def _scanned(
    given: Located, counts: NDArray[np.int64], rules: PlaceRules, tell: Tell | None
) -> list[Cluster] | str:
    total = int(counts.sum())
    if total < rules.least_events:
        return f"{total} were counted with a place; {rules.least_events} are needed"
    places = Places(given.areas, given.months, counts, given.longitude, given.latitude)
    n_months = len(given.months)
    options = scan.Options(
        max_time_share=(min(rules.newest, n_months) + 0.5) / n_months,
        max_areas=rules.circle,
        replications=rules.replications,
        seed=rules.seed,
        clusters=rules.clusters,
    )
    try:
        return scan.scan(places, options, tell)
    except NotEstimable as refusal:
        return refusal.reason


def _share(tell: Tell | None, at: int, n: int) -> Tell | None:
    if tell is None:
        return None
    return lambda share, words: tell((at + share) / n, f"Category {at + 1} of {n}: {words}")


def _marked(clusters: Sequence[Cluster], q: float, further: float, rate: float) -> Iterable[Found]:
    is_category_found = q <= rate
    for place, one in enumerate(clusters):
        yield Found(one, is_category_found and (place == 0 or one.p_value <= further))

"""The work of a scan of places: where within one force counts have risen, kept with the files that it rests on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
from django.urls import reverse

from centre import audit, vault
from centre.canonical import digest, plain
from centre.errors import Conflict
from centre.hub import judging, lookups
from centre.hub.months import spoken
from centre.hub.street import counting
from centre.hub.trends import within
from centre.hub.trends.within import Found, Located, OfCategory, PlaceRules
from centre.models import AreaLookup, Force, MonthlyFile, PlaceScan, Run
from centre.runs import Context

RULES = PlaceRules()
EVERY = "every"  # category, each for itself


class NoPlacesToScan(Conflict):
    """The force's files do not say enough of where; the message says why."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a scan would see: the files in order of month, all of one vintage of areas."""

    files: tuple[MonthlyFile, ...]
    lookup: AreaLookup | None
    as_of: datetime
    sha256: str


def names() -> dict[str, str]:
    """Return what each choice of category is called, every one first."""
    return {EVERY: "Every category"} | counting.names()


def inputs_of(force: Force, measure: str) -> Inputs:
    """Return what a scan of the force would see now.

    Raises
    ------
    NoPlacesToScan : no file, too few months that may be compared, or too few of one vintage of areas.
    """
    found = judging.judged(force)
    if found is None:
        raise NoPlacesToScan(f"{force} has sent no file yet, so nothing can be scanned.")
    newest = MonthlyFile.objects.newest().filter(force=force, kind=MonthlyFile.Kind.STREET)
    comparable = [
        one
        for one in newest.select_related("submission").order_by("month")
        if f"{one.month:%Y-%m}" in found.comparable_months
    ]
    vintages = {one.month: one.vintage for one in found.series.profiles}
    kept = _of_one_vintage(comparable, vintages)[-RULES.months :]
    if len(kept) < RULES.least_months:
        of_vintage = " with areas of one census" if len(kept) < len(comparable) else ""
        raise NoPlacesToScan(
            f"{len(kept)} month{'s' * (len(kept) != 1)} of {force}{of_vintage} may be compared; "
            f"{RULES.least_months} are needed to say where something rose."
        )
    lookup, _ = lookups.current()
    seen = [[one.month.isoformat(), one.version, one.sha256] for one in kept]
    of_lookup = [lookup.lookup_sha256, lookup.districts_sha256] if lookup else []
    return Inputs(
        tuple(kept),
        lookup,
        max(one.submission.received_at for one in kept),
        digest([RULES.as_json(), force.slug, measure, of_lookup, seen]),
    )


def find(context: Context) -> Callable[[], dict[str, Any]]:
    """Scan the force's areas; return what writes the row."""
    run = context.run
    force, measure = Force.objects.get(slug=run.params["force"]), run.params["measure"]
    inputs = inputs_of(force, measure)
    if known := PlaceScan.objects.filter(inputs_sha256=inputs.sha256).first():
        return lambda: _links(known, f"Nothing is new since the scan of {known.scanned_at:%-d %B %Y}")
    context.progress(0.01, "Reading the files")
    labels = _labels(measure)
    given = within.located(_tables(inputs), labels, _is_own(force))
    if len(given.areas) < 2:
        raise NoPlacesToScan(
            f"The files of {force} name {len(given.areas) or 'no'} area with a point, so there is no where."
        )
    if within.work(len(given.areas), len(labels), RULES) > RULES.most_work and len(labels) > 1:
        raise NoPlacesToScan(
            f"{force} has {len(given.areas):,} areas: too many to scan every category at once. Choose one."
        )
    found = within.judge(given, RULES, lambda share, words: context.progress(0.02 + 0.96 * share, words))
    return lambda: _commit(run, force, inputs, given, found)


def _of_one_vintage(files: list[MonthlyFile], vintages: dict[str, str]) -> list[MonthlyFile]:
    """Return the newest files whose areas are of one census: an area that was split would be a rise from nothing."""
    kept: list[MonthlyFile] = []
    of = ""
    for one in reversed(files):
        vintage = vintages[f"{one.month:%Y-%m}"]
        if vintage == "mixed" or (of and vintage not in ("unclear", of)):
            break
        of = of or ("" if vintage == "unclear" else vintage)
        kept.append(one)
    return kept[::-1]


def _labels(measure: str) -> dict[str, frozenset[str]]:
    every = counting.labels()
    if measure != EVERY:
        return {measure: every[measure]}
    return {key: every[key] for key in counting.names() if key != counting.ALL_CRIME}


def _tables(inputs: Inputs) -> Iterator[tuple[date, pa.Table]]:
    for one in inputs.files:
        yield one.month, pq.read_table(vault.path(one.columns_sha256), columns=list(within.COLUMNS))


def _is_own(force: Force) -> Callable[[str], bool]:
    _, areas = lookups.current()
    if areas is None or not force.ons_code:
        return lambda area: True
    return lambda area: areas.force_of(area) in (None, force.ons_code)


def _commit(
    run: Run, force: Force, inputs: Inputs, given: Located, found: list[OfCategory]
) -> dict[str, Any]:
    if known := PlaceScan.objects.filter(inputs_sha256=inputs.sha256).first():
        return _links(known, "Another scan of the same files has ended before this one")
    measure = run.params["measure"]
    categories = [_category(one, given) for one in found]
    made: PlaceScan = PlaceScan.objects.create(
        pk=run.subject_id,
        force=force,
        measure="" if measure == EVERY else measure,
        measure_name=names()[measure],
        requested_by_id=cast(int, run.requested_by_id),  # somebody asked: no timetable does
        rules=RULES.as_json(),
        months=[f"{month:%Y-%m}" for month in given.months],
        files_as_of=inputs.as_of,
        lookup=inputs.lookup,
        left_out=dict(given.left_out),
        places={
            "areas": list(given.areas),
            "names": list(given.names),
            "longitude": given.longitude.tolist(),
            "latitude": given.latitude.tolist(),
        },
        categories=categories,
        n_found=sum(cluster["is_found"] for one in categories for cluster in one["clusters"]),
        inputs_sha256=inputs.sha256,
        results_sha256=digest(plain(categories)),
    )
    detail = {"force": force.slug, "measure": measure, "n_found": made.n_found}
    detail |= {name: getattr(made, name) for name in ("inputs_sha256", "results_sha256")}
    audit.record("place_scan.kept", subject=made, by=run.requested_by, detail=detail)
    n = made.n_found
    return _links(made, f"{n or 'No'} cluster{'s' * (n != 1)} in {spoken([made.months[0], made.months[-1]])}")


def _category(one: OfCategory, given: Located) -> dict[str, Any]:
    return {
        "measure": one.measure,
        "name": counting.names()[one.measure],
        "total": one.total,
        "reason": one.reason,
        "q_value": one.q_value,
        "clusters": [_cluster(cluster, given) for cluster in one.clusters],
    }


def _cluster(found: Found, given: Located) -> dict[str, Any]:
    one, at = found.cluster, given.areas.index(found.cluster.centre)
    return {
        "is_found": found.is_found,
        "centre": one.centre,
        "longitude": float(given.longitude[at]),
        "latitude": float(given.latitude[at]),
        "areas": list(one.areas),
        "start": f"{one.start:%Y-%m}",
        "end": f"{one.end:%Y-%m}",
        "radius_km": one.radius_km,
        "observed": one.count,
        "expected": one.expected,
        "statistic": one.statistic,
        "p_value": one.p_value,
    }


def _links(made: PlaceScan, message: str) -> dict[str, Any]:
    return {
        "place_scan": str(made.pk),
        "message": message,
        "page": reverse("hub-place-scan", args=[made.pk]),
        "label": "See where it rises",
    }

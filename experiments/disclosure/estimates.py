"""The estimates of a result document: what stops their release."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from experiments.disclosure.policy import DEFAULT, PEOPLE, Concern, Policy

Document = Mapping[str, Any]
Row = Mapping[str, Any]

# Numbers that belong to single units or to the extremes, under any name they might come with.
NEVER_RELEASED = frozenset(
    {"min", "max", "minimum", "maximum", "mode", "residuals", "fitted", "fitted_values", "random_effects",
     "fixed_effects", "leverage", "outliers", "unit_ids", "units", "rows_data"}
)  # fmt: skip
COUNTS = frozenset({"n", "count", "n_obs", "n_units", "n_clusters", "n_treated", "n_control"})


def check_document(
    document: Document,
    *,
    subjects: Mapping[str, str],
    cells: Mapping[str, Mapping[str, int]] | None = None,
    identifiers: Collection[str] = (),
    exception: str = "",
    policy: Policy = DEFAULT,
) -> list[Concern]:
    """Check a result document before it is released.

    Parameters
    ----------
    document : the result as the engine made it, counts exact.
    subjects : for each outcome, whose data it is: ``person``, ``incident``, ``place`` or ``force``. An outcome
        that is not named is taken to be about people.
    cells : further groups that an estimate's terms are about (a cohort, a stratum), with their number of units.
    identifiers : unit identifiers, which must not occur in any text.
    exception : why small cells of places or forces may be released; it is published. It never opens small
        cells of people.
    """
    found: list[Concern] = []
    for row in document["estimates"]:
        where = f"estimates/{row['id']}"
        if row["status"] != "ok":
            found.append(
                Concern("text-reason", where, f"Read the reason given: {row['reason']}", blocks=False)
            )
            continue
        about_people = subjects.get(row["outcome"], "person") in PEOPLE
        small = [*_small_cells(row, (cells or {}).get(row["id"], {}), policy), *_small_models(row, policy)]
        found += [_decided(rule, where, message, about_people, exception) for rule, message in small]
    found += _small_checks(document, policy)
    found += _dropped(document, policy)
    found += [
        Concern("never-released", where, f"'{where.rsplit('/', 1)[-1]}' is never released", blocks=True)
        for where in _paths(document)
        if where.rsplit("/", 1)[-1] in NEVER_RELEASED
    ]
    return found + _identifiers(document, identifiers)


def check_differences(
    document: Document,
    earlier: Sequence[tuple[str, Document]],
    *,
    subjects: Mapping[str, str],
    policy: Policy = DEFAULT,
) -> list[Concern]:
    """Find estimates that differ from an earlier release of the trial by a few people.

    Subtracting one from the other would show those few.

    Parameters
    ----------
    earlier : name and result document (counts exact) of every earlier release of the trial.
    """
    found = []
    for row in _made(document):
        if subjects.get(row["outcome"], "person") not in PEOPLE:
            continue
        for name, other in earlier:
            for old in _made(other):
                apart = abs(row["n_units"] - old["n_units"])
                if old["outcome"] == row["outcome"] and 0 < apart < policy.threshold:
                    message = f"Fewer than {policy.threshold} units apart from {old['id']} of {name}"
                    found.append(Concern("differencing", f"estimates/{row['id']}", message, blocks=True))
    return found


def _made(document: Document) -> Iterator[Row]:
    return (row for row in document["estimates"] if row["status"] == "ok")


def _decided(rule: str, where: str, message: str, about_people: bool, exception: str) -> Concern:
    if about_people:
        return Concern(rule, where, message, blocks=True)
    if exception.strip():
        return Concern(rule, where, f"{message}. Exception, no people behind it: {exception}", blocks=False)
    return Concern(
        rule, where, f"{message}. Give a reason for an exception: it is not about people", blocks=True
    )


def _small_cells(row: Row, cells: Mapping[str, int], policy: Policy) -> Iterator[tuple[str, str]]:
    untreated = row["n_units"] - row["n_treated"]
    groups = {"treated units": row["n_treated"], **cells}
    if untreated:
        # Where everyone is treated in the end there is no group of untreated units to protect.
        groups["untreated units"] = untreated
    for name, n in groups.items():
        if n < policy.threshold:
            yield "small-cell", f"Fewer than {policy.threshold} {name}; not released"


def _small_models(row: Row, policy: Policy) -> Iterator[tuple[str, str]]:
    df = row["df"] if row["df"] is not None else row["n_clusters"] - 1
    if df < policy.residual_df:
        yield "residual-df", f"Fewer than {policy.residual_df} residual degrees of freedom"
    if len(row["terms"]) >= row["n_units"]:
        yield "saturated", "As many terms as units: this is a table of units"
    if row["std_error"] == 0:
        yield "saturated", "A standard error of 0: the model only describes its own rows"


def _small_checks(document: Document, policy: Policy) -> Iterator[Concern]:
    for name, check in document.get("checks", {}).items():
        for place, row in enumerate(check.get("rows", ())):
            for key in sorted(COUNTS & row.keys()):
                if isinstance(row[key], int) and row[key] < policy.threshold:
                    message = f"{key} is fewer than {policy.threshold}; hidden in the release"
                    yield Concern("small-cell", f"checks/{name}/rows/{place}", message, blocks=False)


def _dropped(document: Document, policy: Policy) -> Iterator[Concern]:
    for place, dropped in enumerate(document.get("data", {}).get("rows_dropped", ())):
        if dropped["count"] < policy.threshold:
            message = f"Fewer than {policy.threshold} rows left out; the number is hidden in the release"
            yield Concern("small-cell", f"data/rows_dropped/{place}", message, blocks=False)


def _paths(value: Any, at: str = "") -> Iterator[str]:
    """Where every key of the document is."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(inner, str):  # a text says how they were treated; numbers would be they
                yield f"{at}{key}"
            yield from _paths(inner, f"{at}{key}/")
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _paths(inner, f"{at}{place}/")


def _identifiers(document: Document, identifiers: Collection[str]) -> list[Concern]:
    """Unit identifiers in texts. Short ones and plain numbers would be found everywhere and are left out."""
    telling = {name for name in identifiers if len(name) > 3 and not re.fullmatch(r"[0-9.]+", name)}
    if not telling:
        return []
    return [
        Concern("text-unit", where, "The text names a unit of the trial", blocks=True)
        for where, text in _texts(document)
        if telling & {text, *re.split(r"[\s,;:()\"']+", text)}
    ]


def _texts(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield at.rstrip("/"), value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{at}{key}/")
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _texts(inner, f"{at}{place}/")

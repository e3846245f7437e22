"""The estimates of a result document: what stops their release."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.disclosure.check_rows import hidden_concerns, hidden_in_checks, small_counts
from experiments.disclosure.counts import (
    Document,
    Row,
    has_people,
    hidden_counts,
    is_about_people,
    is_rows_hidden,
)
from experiments.disclosure.models import few_at_risk, small_groups, small_models, small_tables
from experiments.disclosure.policy import DEFAULT, Concern, Policy
from experiments.disclosure.scan import check_text

# Numbers that belong to single units or to the extremes, under any name they might come with.
NEVER_RELEASED = frozenset(
    {"min", "max", "minimum", "maximum", "mode", "residuals", "fitted", "fitted_values", "random_effects",
     "fixed_effects", "leverage", "outliers", "unit_ids", "units", "rows_data"}
)  # fmt: skip
# A whole number that stands alone in a text.
ALONE = re.compile(r"(?<![\w=/-])(?<!\d[.,])\d+(?![\w/-])(?![.,]\d)(?! ?%)")


@dataclass(frozen=True, slots=True)
class Behind:
    """Counts that a document does not carry and its numbers are made of, each under a name in plain words.

    Attributes
    ----------
    groups : units of each arm or cohort that the estimate tells apart.
    table : for an outcome of yes or no, those of each arm with it and without.
    steps : treated units that are still observed at each step of an event study.
    """

    groups: Mapping[str, int] = field(default_factory=dict)
    table: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[str, int] = field(default_factory=dict)


NOTHING = Behind()


def check_document(
    document: Document,
    *,
    subjects: Mapping[str, str],
    behind: Mapping[str, Behind] | None = None,
    sizes: Mapping[str, int] | None = None,
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
    behind : for each estimate, by id, the further counts that its numbers are made of.
    sizes : how many units were assigned to each arm.
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
        about_people = is_about_people(row, subjects)
        more = (behind or {}).get(row["id"], NOTHING)
        small = [*_small_cells(row, policy), *small_models(row, policy), *_small_behind(more, policy)]
        found += [_decided(rule, where, message, about_people, exception) for rule, message in small]
    found += _small_checks(document, subjects, sizes or {}, policy)
    found += _dropped(document, policy)
    found += _near(document, subjects, policy)
    found += [
        Concern("never-released", where, f"'{where.rsplit('/', 1)[-1]}' is never released", blocks=True)
        for where in _paths(document)
        if where.rsplit("/", 1)[-1] in NEVER_RELEASED
    ]
    for where, text in _words(document):
        found += check_text(text, where=where)
        found += _small_in_words(text, where, policy) if has_people(document, subjects) else []
    return found + _identifiers(document, identifiers)


def _decided(rule: str, where: str, message: str, about_people: bool, exception: str) -> Concern:
    if about_people:
        return Concern(rule, where, message, blocks=True)
    if exception.strip():
        return Concern(rule, where, f"{message}. Exception, no people behind it: {exception}", blocks=False)
    return Concern(
        rule, where, f"{message}. Give a reason for an exception: it is not about people", blocks=True
    )


def _small_cells(row: Row, policy: Policy) -> Iterator[tuple[str, str]]:
    groups = {"treated units": row["n_treated"], "untreated units": row["n_units"] - row["n_treated"]}
    for name, n in groups.items():
        # Where everyone is treated in the end there is no group of untreated units to protect.
        if n < policy.threshold and (n or name == "treated units"):
            yield "small-cell", f"Fewer than {policy.threshold} {name}; not released"


def _small_behind(behind: Behind, policy: Policy) -> Iterator[tuple[str, str]]:
    yield from small_groups(behind.groups, policy)
    yield from small_tables(behind.table, policy)
    yield from few_at_risk(behind.steps, policy)


def _small_checks(
    document: Document, subjects: Mapping[str, str], sizes: Mapping[str, int], policy: Policy
) -> Iterator[Concern]:
    if has_people(document, subjects):
        hidden = hidden_in_checks(document, sizes, policy)
    else:
        hidden = {name: small_counts(check, policy) for name, check in document.get("checks", {}).items()}
    for name, places in hidden.items():
        yield from hidden_concerns(name, places, policy)


def _dropped(document: Document, policy: Policy) -> Iterator[Concern]:
    for place, dropped in enumerate(document.get("data", {}).get("rows_dropped", ())):
        if dropped["count"] < policy.threshold:
            message = f"Fewer than {policy.threshold} rows left out; the number is hidden in the release"
            yield Concern("small-cell", f"data/rows_dropped/{place}", message, blocks=False)


def _near(document: Document, subjects: Mapping[str, str], policy: Policy) -> Iterator[Concern]:
    message = f"Its counts are hidden: fewer than {policy.threshold} apart from an estimate before it"
    for name in sorted(hidden_counts(document, subjects, policy)):
        yield Concern("differencing", f"estimates/{name}", message, blocks=False)
    if is_rows_hidden(document, subjects, policy):
        message = f"The rows read are hidden: fewer than {policy.threshold} were left out of them"
        yield Concern("small-cell", "data/rows", message, blocks=False)


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


def _small_in_words(text: str, where: str, policy: Policy) -> list[Concern]:
    """Texts are released as the software wrote them, not rounded: where one holds a small number, a person reads it."""
    if not any(int(n) < policy.threshold for n in ALONE.findall(text)):
        return []
    message = f"The text holds a number below {policy.threshold}: see that it counts no people"
    return [Concern("text-reason", where, message, blocks=False)]


def _words(document: Document) -> Iterator[tuple[str, str]]:
    """Texts that say something: hashes and versions are long enough to look like a number of somebody."""
    said = {name: part for name, part in document.items() if name not in ("provenance", "plan_sha256")}
    return ((where, text) for where, text in _texts(said) if not where.endswith("sha256"))


def _texts(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield at.rstrip("/"), value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{at}{key}/")
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _texts(inner, f"{at}{place}/")

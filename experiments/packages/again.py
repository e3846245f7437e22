"""A release computed again: the plan runs on the data, and the result is rounded as it was for release."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from experiments import disclosure
from experiments.packages.comparing import TOLERANCE, Comparison, compare, is_same_image
from experiments.stats import engine
from experiments.stats import plan as plans
from experiments.stats.registered import DayRules, DrawnDays, Registered

Document = Mapping[str, Any]
Rounded = Callable[[Document], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Again:
    """A release beside its numbers computed again.

    ``exact`` is the document before rounding, which stays with whoever has the data.
    """

    exact: dict[str, Any]
    is_same_image: bool
    comparison: Comparison


def rounding(
    subjects: Mapping[str, str],
    sizes: Mapping[str, int],
    note: str,
    policy: disclosure.Policy = disclosure.DEFAULT,
) -> Rounded:
    """Return what turns an exact document into a released one; `sizes` are the units that were drawn for each arm."""
    return lambda document: disclosure.released_document(
        document, subjects=subjects, sizes=sizes, exception=note, policy=policy
    )


def policy_of(document: Document) -> disclosure.Policy:
    """Return the numbers of disclosure control by which a document was released."""
    said = document["disclosure"]
    names = ("threshold", "rounding_base", "significant_figures")
    return disclosure.Policy(**{name: said[name] for name in names}, version=said.get("policy_version", 0))


def compute(
    plan: plans.Plan,
    table: pa.Table,
    *,
    registered: Registered | None,
    data_sha256: str | None,
    progress: engine.Progress | None = None,
) -> dict[str, Any]:
    """Return the exact result document.

    Raises
    ------
    BadPlan, BadData : with every problem found.
    """
    result = engine.run(plan, table, progress, data_sha256=data_sha256, first_line=2, registered=registered)
    return result.document()


def beside(
    published: Document,
    exact: dict[str, Any],
    rounded: Rounded,
    *,
    aside: frozenset[str] = frozenset(),
    words: bool = True,
) -> Again:
    """Compare a released document with an exact one that was computed again.

    On the same image no bit may differ. Elsewhere a number may lie on the edge of rounding: it agrees if moving the
    exact one by 1e-9 of itself gives what was published.
    """
    is_same = is_same_image(published, exact)
    again = rounded(exact)
    if is_same:
        return Again(exact, True, compare(published, again, aside=aside, words=words))
    nearby = [rounded(_moved(exact, 1 + step)) for step in (-TOLERANCE, TOLERANCE)]
    return Again(exact, False, compare(published, again, tolerance=TOLERANCE, nearby=nearby, aside=aside))


def registered_json(registered: Registered, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return what the registration says beyond the plan, with the sizes of the arms, as plain values."""
    return {"registered": asdict(registered), "sizes": dict(sizes)}


def read_registered(sent: Mapping[str, Any]) -> tuple[Registered, dict[str, int]]:
    """Return both from plain values.

    Raises
    ------
    ValueError : it is not what `registered_json` wrote.
    """
    try:
        value = sent["registered"]
        days = value.get("days")
        drawn = days and DrawnDays(
            DayRules(**days["rules"]),
            tuple(days["days"]),
            {unit: tuple(arms) for unit, arms in days["arms"].items()},
        )
        allowed = tuple(tuple(way) for way in value.get("allowed", ()))
        return Registered(**{**value, "days": drawn or None, "allowed": allowed}), dict(sent["sizes"])
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"this is not what the registration says: {error}") from error


def _moved(value: Any, factor: float) -> Any:
    if isinstance(value, Mapping):
        return {key: _moved(inner, factor) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_moved(inner, factor) for inner in value]
    return value * factor if isinstance(value, float) else value

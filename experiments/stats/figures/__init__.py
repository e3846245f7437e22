"""Figures as SVG, drawn from the result document alone; every figure has its table elsewhere."""

from collections.abc import Mapping
from typing import Any

from centre.drawing import slug
from experiments.stats.figures.bacon import bacon
from experiments.stats.figures.event_study import event_study, event_times
from experiments.stats.figures.forest import forest
from experiments.stats.figures.love import love
from experiments.stats.figures.sensitivity import sensitivity
from experiments.stats.figures.synthetic import gaps, has_paths, paths


def figures(document: Mapping[str, Any]) -> dict[str, str]:
    """Every figure of a result document, by file name.

    Parameters
    ----------
    document : the result document (``Result.document()``, or the JSON that was stored).

    Returns
    -------
    dict of SVG texts: ``event-study-ID.svg`` for each estimate with event times, ``synthetic-control-ID.svg`` and
    ``placebo-gaps-ID.svg`` for each synthetic control, ``estimates-SCALE.svg`` for each scale, ``balance.svg``,
    ``bacon-ID.svg`` and ``honest-did-METHOD-ID.svg`` for those checks.
    """
    found: dict[str, str] = {}
    for estimate in document["estimates"]:
        name = slug(estimate["id"])
        if has_paths(estimate):
            found[f"synthetic-control-{name}.svg"] = paths(estimate)
            found[f"placebo-gaps-{name}.svg"] = gaps(estimate)
        elif len(event_times(estimate)) > 1:
            found[f"event-study-{name}.svg"] = event_study(estimate)
    for scale in dict.fromkeys(row["scale"] for row in document["estimates"]):
        rows = [row for row in document["estimates"] if row["scale"] == scale]
        if any(row["conf_low"] is not None for row in rows):
            found[f"estimates-{scale.replace('_', '-')}.svg"] = forest(rows)
    return found | _of_checks(document.get("checks") or {})


def _of_checks(checks: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    rows = (checks.get("balance") or {}).get("rows") or []
    if rows:
        found["balance.svg"] = love(rows)
    rows = (checks.get("bacon") or {}).get("rows") or []
    if rows:
        found[f"bacon-{slug(rows[0]['id'])}.svg"] = bacon(rows)
    rows = (checks.get("honest_did") or {}).get("rows") or []
    for method in dict.fromkeys(row["method"] for row in rows):
        chosen = [row for row in rows if row["method"] == method and row["target"] == "first"]
        name = f"honest-did-{method.replace('_', '-')}-{slug(chosen[0]['id'])}.svg"
        found[name] = sensitivity(chosen)
    return found

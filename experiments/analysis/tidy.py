"""A release as rows of the tidy table: every number as the release has it, every name as the contract has it.

It reads stored columns alone, so that the migration that fills the table for earlier releases can use it.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

# What readers of meta-analyses call the scales. Ratios are logs in `estimate`, `yi` and the interval.
SCALES = {"difference": "raw", "log_rate_ratio": "irr", "log_odds_ratio": "or", "standardised": "smd"}
_AS_RELEASED = (
    "estimate",
    "std_error",
    "df",
    "statistic",
    "p_value",
    "p_value_adjusted",
    "conf_low",
    "conf_high",
    "conf_level",
    "yi",
    "vi",
    "icc",
    "n_obs",
    "status",
    "estimator",
    "estimand",
)
# Counts that disclosure control may take out.
_COUNTS = ("n_obs", "n_units", "n_clusters", "n_treated")


def rows(release: Any) -> Iterator[dict[str, Any]]:
    """Return the rows of a published release, in the order of its plan."""
    analysis = release.analysis
    trial, registration = analysis.trial, analysis.registration
    arms = analysis.plan.get("arms") or {}
    treatments = arms.get("treatments") or []
    dates = registration.protocol.get("dates") or {}
    document = release.document
    common = {
        "trial_id": trial.number,
        "protocol_version": f"{registration.major}.{registration.minor}",
        "registration_hash": registration.sha256,
        "analysis_id": analysis.public_id,
        "prespecified": analysis.is_registered,
        "arm": treatments[0] if len(treatments) == 1 else None,
        "comparator": arms.get("control"),
        "design": trial.searched_design or None,
        "n_clusters_arm": None,
        "n_clusters_comp": None,
        "integrity_pct": _integrity(analysis.delivery),
        "window_start": _day(dates.get("intervention_start")),
        "window_end": _day(dates.get("follow_up_end") or dates.get("intervention_end")),
        "engine_version": document["provenance"].get("engine_version"),
        "code_sha": analysis.run.code_version or None,
        "data_sha": analysis.dataset.file_sha256,
        "released_at": release.published_at,
        "licence": settings.API_LICENCE,
        "is_simulated": trial.is_simulated,
    }
    exact = {result.estimate_id: result for result in analysis.results.all()}
    for row in document["estimates"]:
        hidden = any(row[name] is None and getattr(exact[row["id"]], name) is not None for name in _COUNTS)
        yield {
            **common,
            **_outcome(registration.protocol, row["outcome"]),
            **{name: row[name] for name in _AS_RELEASED},
            **_units(row),
            "estimate_id": row["id"],
            "reason": row["reason"] or None,
            "outcome_role": row["role"],
            "adjustment": None if row["p_value_adjusted"] is None else analysis.plan.get("multiplicity"),
            "effect_scale": SCALES.get(row["scale"]),
            "suppressed": hidden,
            "suppression_rule": f"counts below {document['disclosure']['threshold']}" if hidden else None,
        }


def _units(row: Mapping[str, Any]) -> dict[str, int | None]:
    units, treated = row["n_units"], row["n_treated"]
    return {
        "n_units_arm": treated,
        "n_units_comp": None if units is None or treated is None else units - treated,
    }


def _integrity(delivery: Mapping[str, Any] | None) -> float | None:
    share = (delivery or {}).get("integrity")
    return None if share is None else round(100 * share, 1)


def _outcome(protocol: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the protocol's outcome that a plan names by its column or its id."""
    outcomes: list[Mapping[str, Any]] = protocol.get("outcomes") or []
    found = next((one for one in outcomes if name in (one.get("column"), one.get("id"))), {})
    return {
        "outcome_id": found.get("id") or name,
        "direction_of_benefit": found.get("direction_of_benefit"),
    }


def _day(stated: Mapping[str, Any] | None) -> dt.date | None:
    day = (stated or {}).get("date")
    return dt.date.fromisoformat(day) if day else None

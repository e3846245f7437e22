"""The result document as tidy rows: one for each estimate, then one for each of its terms."""

from collections.abc import Iterator, Mapping
from typing import Any

_WORDS = ("id", "role", "outcome", "estimand", "estimator", "covariance", "status", "reason")
_NUMBERS = (
    "estimate",
    "std_error",
    "df",
    "statistic",
    "p_value",
    "p_value_adjusted",
    "conf_low",
    "conf_high",
)
_MORE = ("scale", "yi", "vi", "pct_change", "n_obs", "n_units", "n_clusters", "n_treated", "icc", "mde")
_TERM = ("estimate", "std_error", "conf_low", "conf_high", "band_low", "band_high")
COLUMNS = (*_WORDS, "term", *_NUMBERS, "band_low", "band_high", "conf_level", *_MORE)


def estimate_rows(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Tidy rows with the keys `COLUMNS`; what a row does not have is None."""
    nothing = dict.fromkeys(COLUMNS)
    for estimate in document["estimates"]:
        yield nothing | {name: estimate.get(name) for name in COLUMNS} | {"term": None}
        shared = {name: estimate[name] for name in (*_WORDS, "conf_level", "scale")}
        for term in estimate["terms"]:
            numbers = {name: term.get(name) for name in _TERM}
            status = "ok" if term["estimate"] is not None else "not_estimable"
            own = {"term": term["term"], "status": status, "reason": term.get("reason")}
            yield nothing | shared | numbers | own

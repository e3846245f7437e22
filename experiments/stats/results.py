"""What the engine hands back: frozen rows in the contract's own names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centre.canonical import document_json

JsonObject = dict[str, Any]
RESULT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows left out of an estimate, with the reason in plain words."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Term:
    """One number of several: an arm, an event time, a group and time; ``note`` says why it is missing.

    ``df`` are the degrees of freedom of its interval, where it says them.
    """

    term: str
    estimate: float | None
    std_error: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    band_low: float | None = None
    band_high: float | None = None
    note: str | None = None
    df: float | None = None

    def to_json(self) -> JsonObject:
        """The term as the contract's object; ``reason`` and ``df`` appear only where there is one."""
        row: JsonObject = {
            "term": self.term,
            "estimate": self.estimate,
            "std_error": self.std_error,
            "conf_low": self.conf_low,
            "conf_high": self.conf_high,
            "band_low": self.band_low,
            "band_high": self.band_high,
        }
        if self.df is not None:
            row["df"] = self.df
        return row if self.note is None else {**row, "reason": self.note}


@dataclass(frozen=True, slots=True)
class Resampled:
    """p value and interval of a test of its own, by draws or Anderson and Rubin's; an end that is not there is None."""

    p_value: float | None
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True)
class Watched:
    """Estimate, p value and interval that know of looks at the data before; an end that is not there is None."""

    estimate: float
    p_value: float
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True)
class Fit:
    """What an estimator's adapter returns; the engine adds p value, interval and the plan's words.

    Attributes
    ----------
    covariance : the covariance really used (the default filled in).
    df : degrees of freedom of the reference t; None is the normal.
    ssc : the small-sample factor and how it was made, for ``provenance.ssc``.
    dropped : rows the estimator itself left out (incomplete units, always-treated units), beyond the
        sample's own.
    term_names, term_covariance : the names of the terms that have a joint covariance, and that (k, k)
        matrix, for checks.
    resampled : p value and interval of a test by draws, which then stand in for those of the standard error.
    watched : what the looks that the plan registers make of estimate and error.
    """

    estimate: float
    std_error: float | None
    df: float | None
    covariance: str
    n_obs: int
    n_units: int
    n_clusters: int
    n_treated: int
    scale: str = "difference"
    icc: float | None = None
    terms: tuple[Term, ...] = ()
    warnings: tuple[str, ...] = ()
    ssc: Mapping[str, Any] = field(default_factory=dict)
    dropped: tuple[Dropped, ...] = ()
    term_names: tuple[str, ...] = ()
    term_covariance: NDArray[np.float64] | None = None
    resampled: Resampled | None = None
    watched: Watched | None = None


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """One estimate of the result document, made or refused."""

    id: str
    role: str
    outcome: str
    estimand: str
    estimator: str
    covariance: str | None
    status: str
    reason: str | None
    estimate: float | None
    std_error: float | None
    df: float | None
    statistic: float | None
    p_value: float | None
    p_value_adjusted: float | None
    conf_low: float | None
    conf_high: float | None
    conf_level: float
    scale: str
    yi: float | None
    vi: float | None
    pct_change: float | None
    n_obs: int | None
    n_units: int | None
    n_clusters: int | None
    n_treated: int | None
    icc: float | None
    mde: float | None
    terms: tuple[Term, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        return self.status == "ok"

    def to_json(self) -> JsonObject:
        """The row as the contract's object."""
        row = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**row, "terms": [term.to_json() for term in self.terms], "warnings": list(self.warnings)}


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check of the design: a verdict with its explanation, and its rows where it has several numbers."""

    verdict: str
    explanation: str
    statistic: float | None = None
    df: float | None = None
    p_value: float | None = None
    rows: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> JsonObject:
        """The check as the contract's object; ``rows`` appears only where there are any."""
        body: JsonObject = {
            "statistic": self.statistic,
            "df": self.df,
            "p_value": self.p_value,
            "verdict": self.verdict,
            "explanation": self.explanation,
        }
        return body if not self.rows else {**body, "rows": [dict(row) for row in self.rows]}


@dataclass(frozen=True, slots=True)
class Result:
    """Everything one run of a plan produced."""

    estimates: tuple[EstimateRow, ...]
    checks: Mapping[str, CheckRow]
    data: Mapping[str, Any]
    plan_sha256: str
    provenance: Mapping[str, Any]

    @property
    def is_complete(self) -> bool:
        """Whether every estimate of the plan was made."""
        return all(row.is_ok for row in self.estimates)

    def document(self) -> JsonObject:
        """The result document of the contract, as plain objects."""
        return {
            "result_version": RESULT_VERSION,
            "estimates": [row.to_json() for row in self.estimates],
            "checks": {name: check.to_json() for name, check in self.checks.items()},
            "data": dict(self.data),
            "plan_sha256": self.plan_sha256,
            "provenance": dict(self.provenance),
        }

    def to_json(self) -> bytes:
        """The document as bytes: the same run gives the same bytes, ``started_at`` and ``seconds`` apart."""
        return document_json(self.document())

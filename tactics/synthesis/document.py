"""The answer of `manage.py synthesise`, as the contract has it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactics.synthesis.bias import egger
from tactics.synthesis.errors import BadEffects, NotEstimable
from tactics.synthesis.pooling import DEFAULTS, Coefficient, Options, Pooled, pool

Floats = NDArray[np.float64]


def synthesise(
    yi: Sequence[float],
    vi: Sequence[float],
    *,
    studies: Sequence[str] | None = None,
    moderators: dict[str, Sequence[float]] | None = None,
    weights: Sequence[float] | None = None,
    options: Options = DEFAULTS,
) -> dict[str, Any]:
    """Pool effects and return the whole answer as JSON values.

    Parameters
    ----------
    yi, vi : (k,) effects and sampling variances.
    studies : (k,) names for the leave-one-out rows; the row number where left out.
    moderators, weights, options : as in `pool`.

    Notes
    -----
    `i2` is in per cent. With moderators there is no single pooled effect: `estimate` and what belongs to
    it are null, and `coefficients` has every term. What could not be worked out is null and named under
    `not_estimable` with its reason.

    Raises
    ------
    BadEffects, NotEstimable : as `pool`.
    """
    fit = pool(yi, vi, options=options, moderators=moderators, weights=weights)
    names = list(studies) if studies is not None else [str(row + 1) for row in range(fit.k)]
    if len(names) != fit.k:
        raise BadEffects("There must be one study name for each effect", column="study")
    reasons: dict[str, str] = {}
    warnings = list(fit.warnings)
    leave_one_out = [] if moderators else _leave_one_out(yi, vi, names, weights, options, reasons)
    return {
        "k": fit.k,
        **_headline(fit, bool(moderators), reasons),
        "tau2": fit.tau2,
        "tau2_conf_low": fit.tau2_conf_low,
        "tau2_conf_high": fit.tau2_conf_high,
        "i2": fit.i2,
        "h2": fit.h2,
        "q": fit.q,
        "q_df": fit.q_df,
        "q_p_value": fit.q_p_value,
        **_prediction(fit, bool(moderators), reasons),
        "egger": _egger(
            np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64), reasons, warnings
        ),
        "leave_one_out": leave_one_out,
        "coefficients": [asdict(coefficient) for coefficient in fit.coefficients],
        "weights": [{"study": name, "weight": share} for name, share in zip(names, fit.weights, strict=True)],
        "method": options.method,
        "test": options.test,
        "level": options.level,
        "floor": options.floor,
        "not_estimable": reasons,
        "warnings": warnings,
    }


_HEADLINE = ("estimate", "std_error", "conf_low", "conf_high", "p_value")


def _headline(fit: Pooled, moderated: bool, reasons: dict[str, str]) -> dict[str, float | None]:
    if moderated:
        reasons["estimate"] = "with moderators there is no single pooled effect; see coefficients"
        return dict.fromkeys(_HEADLINE)
    return _row(fit.pooled)


def _row(pooled: Coefficient) -> dict[str, float | None]:
    return {name: getattr(pooled, name) for name in _HEADLINE}


def _prediction(fit: Pooled, moderated: bool, reasons: dict[str, str]) -> dict[str, float | None]:
    if fit.prediction_low is None:
        reasons["prediction"] = (
            "with moderators there is no single prediction interval"
            if moderated
            else f"a prediction interval needs 3 or more studies; there are {fit.k}"
        )
    return {
        "prediction_low": fit.prediction_low,
        "prediction_high": fit.prediction_high,
        "prediction_df": fit.prediction_df,
    }


def _egger(y: Floats, v: Floats, reasons: dict[str, str], warnings: list[str]) -> dict[str, Any] | None:
    try:
        test = egger(y, v)
    except NotEstimable as refusal:
        reasons["egger"] = refusal.message
        return None
    if len(y) < 10:
        warnings.append(f"Egger's test has little power with {len(y)} studies; ratings use it from 10")
    return {"statistic": test.statistic, "p_value": test.p_value, "df": test.df}


def _leave_one_out(
    yi: Sequence[float],
    vi: Sequence[float],
    names: Sequence[str],
    weights: Sequence[float] | None,
    options: Options,
    reasons: dict[str, str],
) -> list[dict[str, Any]]:
    if len(yi) < 3:
        reasons["leave_one_out"] = "leaving one out needs 3 or more studies"
        return []
    return [_without(row, yi, vi, names[row], weights, options) for row in range(len(yi))]


def _without(
    row: int,
    yi: Sequence[float],
    vi: Sequence[float],
    name: str,
    weights: Sequence[float] | None,
    options: Options,
) -> dict[str, Any]:
    keep = [j for j in range(len(yi)) if j != row]
    try:
        fit = pool(
            [yi[j] for j in keep],
            [vi[j] for j in keep],
            options=options,
            weights=None if weights is None else [weights[j] for j in keep],
        )
    except NotEstimable as refusal:
        return {"study": name, **dict.fromkeys(_HEADLINE), "not_estimable": refusal.message}
    return {
        "study": name,
        **_row(fit.pooled),
        "tau2": fit.tau2,
        "i2": fit.i2,
        "q": fit.q,
        "q_p_value": fit.q_p_value,
    }

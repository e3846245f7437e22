"""Poisson pseudo-likelihood with unit and period effects: rows that bear on it, and its fit."""

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.regression.separation import follow_from_the_rest, parts_with_events, separated_rows
from experiments.stats.regression.two_way_balanced import solve_moments
from experiments.stats.regression.two_way_unbalanced import demean_two_way

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

TOLERANCE = 1e-10
MAX_STEPS = 100
PATIENCE = 6  # steps before a fit that still moves is looked at for separation
DRIFT = 0.5  # of the log rate in one step; see `solve`


@dataclass(frozen=True, slots=True)
class CountRows:
    """Rows of a count model: ``y``, ``unit``, ``period`` (codes without gaps), ``offset`` and ``weight`` are (N,).

    ``columns`` (N, k) are its regressors and ``names`` (k,) their names, the `of_interest` that must have an estimate
    first.
    """

    y: FloatArray
    columns: FloatArray
    unit: IntArray
    period: IntArray
    offset: FloatArray
    weight: FloatArray
    names: tuple[str, ...]
    of_interest: int = 1

    def take(self, rows: BoolArray) -> "CountRows":
        """These rows, with codes renumbered."""
        return replace(
            self,
            y=self.y[rows],
            columns=self.columns[rows],
            unit=np.unique(self.unit[rows], return_inverse=True)[1],
            period=np.unique(self.period[rows], return_inverse=True)[1],
            offset=self.offset[rows],
            weight=self.weight[rows],
        )

    def without_columns(self, lost: BoolArray) -> "CountRows":
        """All rows, without these regressors."""
        kept = tuple(name for name, is_lost in zip(self.names, lost, strict=True) if not is_lost)
        return replace(self, columns=self.columns[:, ~lost], names=kept)


@dataclass(frozen=True, slots=True)
class CountSolution:
    """The fit: ``coefficients`` (k,), ``bread`` (k, k), residual regressors (N, k), fitted ``mean`` (N,)."""

    coefficients: FloatArray
    bread: FloatArray
    residual: FloatArray
    mean: FloatArray
    steps: int


def with_events(outcome: FloatArray, unit: IntArray, period: IntArray) -> BoolArray:
    """Rows of units and periods that have an event; taking some away can empty others.

    Raises
    ------
    NotEstimable : no row has an event.
    """
    used = np.ones(len(outcome), dtype=bool)
    while used.any():
        keep = used.copy()
        for codes in (unit, period):
            events = np.bincount(codes[used], weights=outcome[used], minlength=int(codes.max()) + 1)
            keep &= events[codes] > 0
        if keep.sum() == used.sum():
            return used
        used = keep
    raise NotEstimable("there is no event in the data")


def fit_counts(rows: CountRows) -> tuple[CountSolution, CountRows, BoolArray]:
    """Fit the model after any separated rows have left, and with them the covariates that set them apart.

    Returns
    -------
    solution : the fit.
    rows : what it was made on.
    apart : which of the rows given were separated.

    Raises
    ------
    NotEstimable : a regressor of interest sets rows without events apart, a regressor has no variation of its own, or
        the fit does not converge.
    """
    positive = rows.y > 0
    # Rows with events in parts make slow work of the first steps, and are seen at once. Otherwise only a regressor can
    # separate rows, and the steps show whether it may.
    if positive.all() or parts_with_events(positive, rows.unit, rows.period)[0] == 1:
        with suppress(
            NotEstimable
        ):  # separation can also make a step fail; the steps on the rest say why by themselves
            solution = _solve(rows, wary=True)
            if solution is not None:
                return solution, rows, np.zeros(len(rows.y), dtype=bool)
    apart = separated_rows(rows.y, rows.columns, rows.unit, rows.period)
    if apart.any():
        rows = _without(rows, apart)
    solution = _solve(rows, wary=False)
    if solution is None:
        raise NotEstimable(f"the rates did not converge in {MAX_STEPS} steps")
    return solution, rows, apart


def _without(rows: CountRows, apart: BoolArray) -> CountRows:
    """Rows that are not separated, and the regressors that still vary on them."""
    rest = rows.take(~apart)
    if follow_from_the_rest(rows.columns, rows.unit, rows.period).any():
        return rest  # not the work of the separated rows: the solver names it
    lost = follow_from_the_rest(rest.columns, rest.unit, rest.period, rows.of_interest)
    if lost[: rows.of_interest].any():
        name, count = rows.names[int(np.argmax(lost))], int(apart.sum())
        beside = " and the covariates" if len(rows.names) > 1 else ""
        raise NotEstimable(
            f"'{name}' is what tells {count} rows without an event from all rows with one, so its rate ratio has no "
            f"finite estimate: without those rows it cannot be told from the unit and period effects{beside}"
        )
    return rest.without_columns(lost)


def _solve(rows: CountRows, *, wary: bool) -> CountSolution | None:
    """Iterated weighted least squares until neither coefficients nor fit move.

    None where it does not converge, or, if ``wary``, where rows may be separated.

    Notes
    -----
    That nothing is separated is proved by the last step. Let z be a separating combination of the columns and effects:
    0 where there are events, at least 0 elsewhere. A step leaves the working residual orthogonal to every combination
    under the weights w·mean, and on a row without events that residual is −1 less the change of the log rate. So
    ``Σ w·mean·z·(change + 1) = 0``: under the weights w·mean·z the log rates of separated rows fall by exactly 1 at
    every step, however small their mean. Where no row without events falls by as much as a half, there is no such z.
    """
    y, unit, period, weight = rows.y, rows.unit, rows.period, rows.weight
    zero = y == 0
    wary = wary and bool(zero.any())
    mean = (y + y.mean()) / 2
    predictor = np.log(mean)
    before, deviance = np.full(rows.columns.shape[1], np.inf), np.inf
    for step in range(1, MAX_STEPS + 1):
        working = predictor - rows.offset + (y - mean) / mean
        inner = weight * mean
        residual, _ = demean_two_way(np.column_stack([working, rows.columns]), unit, period, inner)
        z, x = residual[:, 0], residual[:, 1:]
        weighted = x * inner[:, None]
        coefficients, bread = solve_moments(
            weighted.T @ x, weighted.T @ z, rows.names, inner @ rows.columns**2
        )
        last, predictor = predictor, rows.offset + working - (z - x @ coefficients)
        if not np.isfinite(predictor).all() or np.abs(predictor - rows.offset).max() > 500:
            return None
        mean = np.exp(predictor)
        now = float(weight @ (mean - y * predictor))
        moved = float(np.abs(coefficients - before).max())
        settled = moved < TOLERANCE * max(1.0, float(np.abs(coefficients).max()))
        settled = settled and abs(now - deviance) < 1e-9 * abs(now)
        if wary and (settled or step == PATIENCE) and float((predictor - last)[zero].min()) < -DRIFT:
            return None
        if settled:
            return CountSolution(coefficients, bread, x, mean, step)
        before, deviance = coefficients, now
    return None

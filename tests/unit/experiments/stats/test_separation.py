"""Rows that only a rate of nought fits: the published examples, a linear programme on every dummy, and what is refused.

The examples are those of the ppmlhdfe guide to separation (Correia, Guimarães & Zylkin), with its findings. Estimates
and numbers of rows also agree with pyfixest's ``fepois(separation_check=["fe", "ir"], fixef_rm="none")``.
"""

import numpy as np
import pytest
from scipy.optimize import linprog

from experiments import stats
from experiments.stats.errors import NotEstimable
from experiments.stats.estimators.poisson_twfe import NO_EVENTS, SEPARATED, poisson_twfe
from experiments.stats.regression.separation import separated_rows
from experiments.stats.regression.two_way_poisson import CountRows, fit_counts, with_events
from tests.reference import vectors
from tests.unit.experiments.stats.panels import plan, row

PANEL = vectors.panel()

# Columns y, x1, x2, i, j.
FE1 = """2 0 0 2 1, 0 0 0 4 2, 0 0 0 1 1, 1 1 0 4 3, 0 0 1 2 2, 0 0 0 2 2, 1 0 0 5 4, 0 1 2 2 3, 1 0 0 1 1,
 0 0 0 2 2, 0 2 0 1 3, 0 0 0 1 3, 0 1 0 2 2, 0 0 1 5 2, 0 0 1 2 4, 0 0 0 1 2, 0 0 0 1 1, 2 0 0 1 2"""
# Columns y, x1, i, j.
FE2 = "0 -3 1 2, 0 0 1 8, 0 0 1 10, 0 10 1 10, 0 5 2 2, 1 3 3 9, 2 2 3 9, 3 2 2 8"
FE3 = """0 0 1 1, 0 3 1 1, 0 -2 1 1, 0 2 1 3, 0 2 1 5, 0 0 1 6, 0 7 4 1, 0 1 4 4, 0 2 4 5, 0 1 6 1, 0 -2 8 4, 0 3 8 6,
 1 -5 1 1, 1 1 1 3, 5 -2 6 3, 7 2 1 3"""


def table(text: str) -> np.ndarray:
    return np.array([[float(word) for word in line.split()] for line in text.split(",")])


def codes(labels: np.ndarray) -> np.ndarray:
    return np.unique(labels, return_inverse=True)[1]


@pytest.mark.parametrize(
    ("text", "estimate", "without_events", "apart", "kept"),
    [
        (FE1, -0.4845469, [], [4, 7, 13, 14], ("x1",)),
        (FE2, np.log(1 / 2), [0, 1, 2, 3, 4], [], ("x1",)),
        (FE3, -0.2994773, [4, 5, 6, 7, 8, 10, 11], [], ("x1",)),
    ],
    ids=["a covariate", "a unit and then a period", "units and periods"],
)
def test_published_examples(
    text: str, estimate: float, without_events: list[int], apart: list[int], kept: tuple[str, ...]
) -> None:
    data = table(text)
    used = with_events(data[:, 0], codes(data[:, -2]), codes(data[:, -1]))
    assert list(np.flatnonzero(~used)) == without_events
    found, rows, separated = fit_counts(
        counts(data[used, 0], data[used, 1:-2], data[used, -2], data[used, -1])
    )
    assert list(np.flatnonzero(used)[separated]) == apart
    assert rows.names == kept
    assert found.coefficients == pytest.approx([estimate], abs=1e-7)


def counts(y: np.ndarray, x: np.ndarray, unit: np.ndarray, period: np.ndarray) -> CountRows:
    names = tuple(f"x{j + 1}" for j in range(x.shape[1]))
    return CountRows(y, x, codes(unit), codes(period), np.zeros(len(y)), np.ones(len(y)), names)


def test_two_effects_separate_without_a_regressor() -> None:
    """The guide's example that a look at one effect at a time misses: only a row of 0 joins unit 2 to period 1."""
    y, unit, period = np.array([0.0, 1, 0, 0, 1]), np.array([0, 0, 1, 1, 1]), np.array([0, 0, 0, 1, 1])
    assert list(separated_rows(y, np.zeros((5, 1)), unit, period)) == [False, False, True, False, False]
    # Three small values there join them, and nothing is separated, although the values look like 0.
    y, unit, period = np.append(y, [1e-6] * 3), np.append(unit, [1] * 3), np.append(period, [0] * 3)
    assert not separated_rows(y, np.zeros((8, 1)), unit, period).any()


def by_programme(y: np.ndarray, x: np.ndarray, unit: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Return the separated rows by the definition: maximise the rows above 0, over every dummy of the model."""
    dummies = [c[:, None] == np.arange(c.max() + 1) for c in (unit, period)]
    design, zero = np.column_stack([x, *dummies]).astype(float), y == 0
    n_zero, width = int(zero.sum()), design.shape[1]
    solved = linprog(
        np.repeat([0.0, -1.0], [width, n_zero]),
        A_ub=np.hstack([-design[zero], np.eye(n_zero)]),
        b_ub=np.zeros(n_zero),
        A_eq=np.hstack([design[~zero], np.zeros((len(y) - n_zero, n_zero))]),
        b_eq=np.zeros(len(y) - n_zero),
        bounds=[(None, None)] * width + [(0, 1)] * n_zero,
    )
    found = np.zeros(len(y), dtype=bool)
    found[zero] = solved.x[width:] > 0.5
    return found


def sparse_panel(seed: int) -> tuple[np.ndarray, ...]:
    """Return a small panel of few events, with gaps and one to three regressors, some of them dummies."""
    rng = np.random.default_rng(seed)
    n, periods = rng.integers(3, 9), rng.integers(3, 7)
    unit, period = np.repeat(np.arange(n), periods), np.tile(np.arange(periods), n)
    kept = rng.random(n * periods) < rng.choice([1.0, 0.8, 0.5])
    unit, period = unit[kept], period[kept]
    y = rng.poisson(rng.choice([0.2, 0.5, 1.5]) * np.exp(rng.normal(size=n))[unit]).astype(float)
    y[rng.integers(len(y))] = 1.0
    dummies, numbers = rng.random((len(y), 3)) < 0.3, rng.normal(size=(len(y), 3))
    x = np.where(rng.random(3) < 0.6, dummies, numbers)[:, : rng.integers(1, 4)].astype(float)
    used = with_events(y, unit, period)
    return y[used], x[used], codes(unit[used]), codes(period[used])


@pytest.mark.slow
def test_it_finds_what_a_linear_programme_on_all_dummies_finds() -> None:
    some = 0
    for seed in range(300):
        data = sparse_panel(seed)
        expected = by_programme(*data)
        assert (separated_rows(*data) == expected).all(), seed
        some += expected.any()
    assert 60 < some < 200


@pytest.mark.slow
def test_looking_only_where_rates_fall_misses_nothing() -> None:
    """The fit looks for separated rows only when its steps are suspicious."""
    looked, made, refused, tiny = 0, 0, 0, 0
    for seed in range(1_000, 1_400):
        y, x, unit, period = sparse_panel(seed)
        treated = ((unit % 2 == 0) & (period >= period.max() / 2)).astype(float)
        rows = counts(y, np.column_stack([treated, x]), unit, period)
        apart = separated_rows(rows.y, rows.columns, rows.unit, rows.period)
        try:
            found, rest, dropped = fit_counts(rows)
        except NotEstimable as refusal:
            refused += f"is what tells {apart.sum()} rows" in refusal.reason
            continue
        assert (dropped == apart).all(), seed
        tiny += not apart.any() and found.mean.min() < 1e-9
        assert not separated_rows(rest.y, rest.columns, rest.unit, rest.period).any()
        looked, made = looked + 1, made + apart.any()
    assert looked > 150
    assert made >= 10
    assert refused > 10
    assert tiny, "a small fitted mean is not separation, and no bound on the mean would tell them apart"


def test_the_order_of_rows_and_the_scale_of_regressors_do_not_matter() -> None:
    rng = np.random.default_rng(0)
    for seed in (3, 7, 11, 18):
        y, x, unit, period = sparse_panel(seed)
        found, order = separated_rows(y, x, unit, period), rng.permutation(len(y))
        again = separated_rows(7 * y[order], 1e4 * x[order], unit[order], period[order])
        assert (again == found[order]).all()


def with_lockdown() -> tuple[np.ndarray, ...]:
    """Return vector A's counts with two rows of no events, in a month marked by a covariate of its own."""
    frame = PANEL.assign(lockdown=((PANEL["unit"] < 2) & (PANEL["period"] == 3)).astype(float))
    y = frame["count"].where(frame["lockdown"] == 0, 0).to_numpy(dtype=float)
    unit, period = frame["unit"].to_numpy(), frame["period"].to_numpy() - 1
    return y, frame["treated"].to_numpy(), unit, period, frame["lockdown"].to_numpy()


def test_the_rest_is_fitted_as_if_the_rows_had_not_been_given() -> None:
    y, treated, unit, period, lockdown = with_lockdown()
    found = poisson_twfe(y, treated, unit, period, covariates=lockdown[:, None])
    rest = lockdown == 0
    alone = poisson_twfe(y[rest], treated[rest], unit[rest], period[rest])
    assert found.coefficients == pytest.approx(alone.coefficients, rel=1e-10)
    assert found.covariance == pytest.approx(alone.covariance, rel=1e-8)
    assert (found.n_parameters, found.used.sum()) == (alone.n_parameters, 190)


def test_the_document_counts_the_rows_and_names_the_covariate() -> None:
    y, _, _, _, lockdown = with_lockdown()
    frame = PANEL.assign(count=y, lockdown=lockdown)
    frame.loc[frame["unit"] == 7, "count"] = 0
    document = stats.run(plan("poisson_twfe", outcome="count", covariates=["lockdown"]), frame).document()
    dropped = {part["reason"]: part["count"] for part in document["data"]["rows_dropped"]}
    assert (dropped[NO_EVENTS], dropped[SEPARATED]) == (8, 2)
    found = document["estimates"][0]
    assert (found["n_obs"], found["n_units"]) == (192 - 10, 23)
    assert any("left out with 2 rows" in text and "'lockdown'" in text for text in found["warnings"])


def test_a_treatment_that_separates_is_refused() -> None:
    """The treated have events in the last month only, which has no row of the untreated."""
    frame = PANEL[(PANEL["period"] < 8) | (PANEL["treated"] == 1)]
    count = frame["count"].where((frame["treated"] == 0) | (frame["period"] == 8), 0)
    found = row(frame.assign(count=count), "poisson_twfe", outcome="count")
    assert found["status"] == "not_estimable"
    assert found["reason"].startswith("'treatment' is what tells 42 rows"), found["reason"]
    assert "no finite estimate" in found["reason"]


def test_a_covariate_of_interest_that_separates_is_refused() -> None:
    """As a period of an event study in which nobody treated has an event."""
    y, treated, unit, period, lockdown = with_lockdown()
    with pytest.raises(NotEstimable, match="'lockdown' is what tells 2 rows"):
        poisson_twfe(
            y, treated, unit, period, covariates=lockdown[:, None], names=("lockdown",), of_interest=2
        )


def test_a_covariate_that_follows_from_the_effects_is_refused_not_fitted() -> None:
    level = 1.7 * PANEL["unit"] + 0.3 * PANEL["period"] ** 2
    for frame in (PANEL, PANEL.drop(index=[5, 77])):
        for estimator, outcome in (("twfe", "y"), ("poisson_twfe", "count")):
            found = row(
                frame.assign(level=level), estimator, outcome=outcome, covariates=["level"], covariance="CR1"
            )
            assert found["reason"] == "'level' does not vary once unit and period effects are taken out"

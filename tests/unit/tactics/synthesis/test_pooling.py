"""Known answers: R metafor 3.8 (BCG vaccine, vector D), and the seven trials of the pooling golden test."""

from math import exp, log

import numpy as np
import pytest

from tactics.synthesis import BadEffects, NotEstimable, Options, egger, pool, synthesise

D_Y = [-0.30, 0.05, -0.12, -0.45, 0.10, -0.20, -0.60]
D_V = [0.02, 0.03, 0.01, 0.05, 0.04, 0.015, 0.06]

# Colditz et al. (1994), 13 trials of BCG vaccine: metafor's dat.bcg.
BCG = np.array(
    [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
        (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
        (29, 7470, 45, 7232),
        (17, 1699, 65, 1600), (186, 50448, 141, 27197),
        (5, 2493, 3, 2338), (27, 16886, 29, 17825),
    ],
    dtype=float,
)  # fmt: skip
LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
YEAR = [1948, 1949, 1960, 1977, 1973, 1953, 1973, 1980, 1968, 1961, 1974, 1969, 1976]

# Events and people, treated then control, as printed in the source of the golden test.
SCARED = [
    (19, 46, 4, 35), (16, 94, 8, 67), (43, 53, 37, 55), (12, 28, 5, 30),
    (16, 39, 16, 41), (14, 39, 11, 40), (27, 137, 17, 90),
]  # fmt: skip


def bcg() -> tuple[np.ndarray, np.ndarray]:
    tp, tn, cp, cn = BCG.T
    y = np.log(tp / (tp + tn) / (cp / (cp + cn)))
    return y, 1 / tp - 1 / (tp + tn) + 1 / cp - 1 / (cp + cn)


def scared() -> tuple[list[float], list[float]]:
    y = [log(a / (n - a) / (c / (m - c))) for a, n, c, m in SCARED]
    v = [1 / a + 1 / (n - a) + 1 / c + 1 / (m - c) for a, n, c, m in SCARED]
    return y, v


def test_vector_d_reml_with_hartung_knapp() -> None:
    fit = pool(D_Y, D_V)
    assert fit.tau2 == pytest.approx(0.0017916258, abs=1e-10)
    assert fit.pooled.estimate == pytest.approx(-0.1788799740, abs=1e-10)
    assert fit.pooled.std_error == pytest.approx(0.0721964053, abs=1e-10)
    assert (fit.pooled.conf_low, fit.pooled.conf_high) == pytest.approx(
        (-0.3555382137, -0.0022217344), abs=1e-10
    )
    assert (fit.prediction_low, fit.prediction_high) == pytest.approx((-0.3940109, 0.0362510), abs=1e-7)
    assert (fit.tau2_conf_low, fit.tau2_conf_high) == pytest.approx((0, 0.2690044), abs=1e-7)
    assert fit.i2 == pytest.approx(6.9350171, abs=1e-7)


@pytest.mark.parametrize(
    ("method", "tau2", "i2", "estimate", "std_error"),
    [
        ("REML", 0.3132, 92.22, -0.7145, 0.1798),
        ("ML", 0.2800, 91.38, -0.7112, 0.1719),
        ("DL", 0.3088, 92.12, -0.7141, 0.1787),
        ("HE", 0.3286, 92.56, -0.7159, 0.1833),
        ("SJ", 0.3455, 92.90, -0.7172, 0.1871),
        ("EB", 0.3181, 92.33, -0.7150, 0.1809),
        ("PM", 0.3181, 92.33, -0.7150, 0.1809),
        ("FE", 0.0, 92.12, -0.4303, 0.0405),
    ],
)
def test_bcg_agrees_with_metafor(
    method: str, tau2: float, i2: float, estimate: float, std_error: float
) -> None:
    fit = pool(*bcg(), options=Options(method=method, test="z"))
    found = fit.tau2, fit.i2, fit.pooled.estimate, fit.pooled.std_error
    assert found == pytest.approx((tau2, i2, estimate, std_error), abs=6e-5, rel=6e-5)


def test_bcg_moderators_agree_with_metafor() -> None:
    fit = pool(*bcg(), options=Options(test="z"), moderators={"ablat": LATITUDE, "year": YEAR})
    assert fit.tau2 == pytest.approx(0.1108, abs=5e-5)
    assert [c.estimate for c in fit.coefficients] == pytest.approx([-3.5455, -0.0280, 0.0019], abs=2e-4)
    assert [c.std_error for c in fit.coefficients] == pytest.approx([29.0959, 0.0102, 0.0147], abs=5e-4)
    assert fit.prediction_low is None


def test_bcg_egger_agrees_with_metafor() -> None:
    found = egger(*bcg())
    assert (found.statistic, found.df, found.p_value) == pytest.approx((-1.4013, 11, 0.1887), abs=5e-5)


def test_seven_trials_by_every_method_of_the_golden_test() -> None:
    y, v = scared()
    fit = pool(y, v)
    assert (fit.q, fit.tau2, fit.pooled.estimate) == pytest.approx((8.4780, 0.06929, 0.53537), abs=5e-5)
    assert fit.pooled.std_error == pytest.approx(0.21606, abs=5e-6)
    assert (exp(fit.pooled.conf_low), exp(fit.pooled.conf_high)) == pytest.approx((1.0067, 2.8980), abs=5e-5)
    assert fit.prediction_low is not None
    assert fit.prediction_high is not None
    assert (exp(fit.prediction_low), exp(fit.prediction_high)) == pytest.approx((0.712, 4.099), abs=6e-4)
    wald = pool(y, v, options=Options(test="z"))
    assert wald.pooled.std_error == pytest.approx(0.20508, abs=5e-6)
    assert (exp(wald.pooled.conf_low), exp(wald.pooled.conf_high)) == pytest.approx(
        (1.1427, 2.5532),
        abs=1e-4,  # as printed, with 1.96 for the normal quantile
    )
    dl = pool(y, v, options=Options(method="DL", test="z"))
    assert (dl.tau2, exp(dl.pooled.estimate), exp(dl.pooled.conf_low), exp(dl.pooled.conf_high)) == (
        pytest.approx((0.09216, 1.7236, 1.1343, 2.6190), abs=6e-5)
    )
    assert dl.i2 == pytest.approx(29.2, abs=0.05)
    assert dl.prediction_low is not None
    assert dl.prediction_high is not None
    assert (exp(dl.prediction_low), exp(dl.prediction_high)) == pytest.approx((0.664, 4.474), abs=6e-4)
    knapp = pool(y, v, options=Options(method="DL"))
    assert (exp(knapp.pooled.conf_low), exp(knapp.pooled.conf_high)) == pytest.approx(
        (1.0121, 2.9350), abs=5e-5
    )


def test_prediction_interval_of_metafor_has_one_more_degree_of_freedom() -> None:
    ours, theirs = pool(D_Y, D_V), pool(D_Y, D_V, options=Options(prediction="metafor"))
    assert (ours.prediction_df, theirs.prediction_df) == (5, 6)
    assert pool(D_Y, D_V, options=Options(prediction="metafor", test="z")).prediction_df is None


def test_floor_never_narrows_below_the_ordinary_interval() -> None:
    y, v = [-0.1, -0.11, -0.09], [0.04, 0.04, 0.04]
    narrow, wide = pool(y, v), pool(y, v, options=Options(floor=True))
    assert narrow.warnings
    assert wide.pooled.std_error == pytest.approx((0.04 / 3) ** 0.5)
    assert narrow.pooled.std_error < wide.pooled.std_error


def test_equal_variances_give_the_mean_and_its_ordinary_error() -> None:
    y = [0.3, -0.1, 0.25, 0.9, 0.02]
    fit = pool(y, [0.01] * 5)
    assert fit.pooled.estimate == pytest.approx(np.mean(y))
    assert fit.pooled.std_error == pytest.approx(np.std(y, ddof=1) / 5**0.5)


def test_own_weights_use_the_sandwich() -> None:
    fit = pool(D_Y, D_V, weights=[1] * 7, options=Options(method="FE", test="z"))
    assert fit.pooled.estimate == pytest.approx(np.mean(D_Y))
    assert fit.pooled.std_error == pytest.approx(sum(D_V) ** 0.5 / 7)


@pytest.mark.parametrize("variance", [0.0, -1.0, float("nan"), float("inf")])
def test_refuses_a_variance_that_is_not_positive(variance: float) -> None:
    with pytest.raises(BadEffects) as refusal:
        pool([0.1, 0.2], [0.1, variance])
    assert (refusal.value.row, refusal.value.column) == (1, "vi")


def test_refuses_one_study() -> None:
    with pytest.raises(NotEstimable, match="1 study cannot be pooled"):
        pool([0.1], [0.1])


def test_refuses_collinear_moderators() -> None:
    with pytest.raises(NotEstimable, match="constant"):
        pool(D_Y, D_V, moderators={"same": [2.0] * 7})


def test_refuses_hartung_knapp_without_spread() -> None:
    with pytest.raises(NotEstimable, match="all effects are equal"):
        pool([0.1, 0.1, 0.1], [0.02, 0.03, 0.04])


def test_document_says_why_a_number_is_missing() -> None:
    answer = synthesise([0.1, 0.3], [0.02, 0.03], studies=["a", "b"])
    assert answer["prediction_low"] is None
    assert answer["not_estimable"].keys() == {"prediction", "egger", "leave_one_out"}


def test_document_leaves_each_study_out_once() -> None:
    answer = synthesise(D_Y, D_V, studies=list("abcdefg"))
    assert [row["study"] for row in answer["leave_one_out"]] == list("abcdefg")
    assert answer["leave_one_out"][6]["estimate"] == pytest.approx(pool(D_Y[:6], D_V[:6]).pooled.estimate)

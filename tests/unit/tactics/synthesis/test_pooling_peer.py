"""Pooling against statsmodels' `combine_effects`, where it has the method (DL, Paule-Mandel, fixed, Hartung-Knapp)."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import CombineResults, combine_effects

from tactics.synthesis import Options, pool
from tests.unit.tactics.synthesis.test_pooling import D_V, D_Y, bcg, scared

SETS = {"seven trials": scared(), "vector D": (D_Y, D_V), "BCG": bcg()}


def theirs(name: str, method: str) -> CombineResults:
    y, v = (np.asarray(one, dtype=float) for one in SETS[name])
    return combine_effects(y, v, method_re=method, atol=1e-9)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(("method", "named"), [("DL", "dl"), ("PM", "pm")])
def test_random_effects(name: str, method: str, named: str) -> None:
    peer, y, v = theirs(name, named), *SETS[name]
    wald = pool(y, v, options=Options(method=method, test="z"))  # type: ignore[arg-type]
    assert wald.tau2 == pytest.approx(peer.tau2, abs=1e-7)
    assert wald.pooled.estimate == pytest.approx(peer.mean_effect_re, abs=1e-7)
    assert wald.pooled.std_error == pytest.approx(peer.sd_eff_w_re, abs=1e-7)
    knapp = pool(y, v, options=Options(method=method))  # type: ignore[arg-type]
    assert knapp.pooled.std_error == pytest.approx(peer.sd_eff_w_re_hksj, abs=1e-7)
    low, high = peer.conf_int(use_t=True)[3]
    assert (knapp.pooled.conf_low, knapp.pooled.conf_high) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize("name", SETS)
def test_fixed_effect_and_heterogeneity(name: str) -> None:
    peer, y, v = theirs(name, "dl"), *SETS[name]
    fixed = pool(y, v, options=Options(method="FE", test="z"))
    assert fixed.pooled.estimate == pytest.approx(peer.mean_effect_fe, abs=1e-10)
    assert fixed.pooled.std_error == pytest.approx(peer.sd_eff_w_fe, abs=1e-10)
    assert fixed.q == pytest.approx(peer.q, rel=1e-10)
    assert fixed.i2 == pytest.approx(100 * max(0, peer.i2), abs=1e-8)

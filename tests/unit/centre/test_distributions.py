"""The distributions behind every p value and interval: the numbers of scipy.stats, which takes a second to import."""

import os
import subprocess
import sys

import pytest
import scipy.stats

from centre import distributions
from tests.conftest import ROOT


@pytest.mark.parametrize("df", [None, 1.0, 7.44783, 250.0])
def test_numbers_of_scipy_stats(df: float | None) -> None:
    expected = scipy.stats.norm() if df is None else scipy.stats.t(df)
    for value in (-3.2, 0.0, 0.7, 12.0):
        assert distributions.p_value(value, df) == pytest.approx(2 * expected.sf(abs(value)), rel=1e-10)
        assert distributions.p_value(value, df, "less") == pytest.approx(expected.cdf(value), rel=1e-10)
        assert distributions.p_value(value, df, "greater") == pytest.approx(expected.sf(value), rel=1e-10)
    half = 0.5 * expected.ppf(0.95)
    assert distributions.interval(2.0, 0.5, df, 0.1) == pytest.approx((2 - half, 2 + half), rel=1e-10)
    power = expected.ppf(0.975) + expected.ppf(0.8)
    assert distributions.minimum_detectable(0.3, df, 0.05) == pytest.approx(0.3 * power, rel=1e-10)


def test_chi_square_and_f() -> None:
    assert distributions.chi_square_p(9.2, 4) == pytest.approx(scipy.stats.chi2.sf(9.2, 4), rel=1e-12)
    assert distributions.chi_square_quantile(0.9, 4) == pytest.approx(scipy.stats.chi2.ppf(0.9, 4), rel=1e-10)
    assert distributions.f_p(3.1, 3, 17) == pytest.approx(scipy.stats.f.sf(3.1, 3, 17), rel=1e-12)


def test_the_pages_start_without_the_slow_import() -> None:
    program = (
        "import django, sys; django.setup(); import centre.urls; from django.urls import get_resolver;"
        "get_resolver().url_patterns; sys.exit('scipy.stats' in sys.modules)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "centre.settings"}
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment).returncode == 0

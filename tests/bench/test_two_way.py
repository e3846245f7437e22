"""Two-way fixed effects with errors by unit: ours and the peers on the same panel."""

import pytest

from tests.bench.conftest import Page, digits, measure
from tests.bench.test_staggered import HEAD

pytestmark = pytest.mark.bench


def test_two_way_beside_the_peers(page: Page) -> None:
    ours = measure("two_way", "ours")
    pyfixest, linearmodels = (measure("two_way", package) for package in ("pyfixest", "linearmodels"))
    assert digits(ours, pyfixest, 0) >= 6
    assert digits(ours, pyfixest, 1) >= 6
    assert digits(ours, linearmodels, 0) >= 6
    remarks = [
        f"{digits(ours, theirs, 0)} digits, error {digits(ours, theirs, 1)}"
        for theirs in (pyfixest, linearmodels)
    ]
    page.add(
        "Two-way fixed effects",
        f"{ours.units:,} units, {ours.rows:,} rows, errors clustered by unit. linearmodels' small-sample factor counts "
        "the absorbed units as parameters, so its error is another by definition.",
        HEAD,
        [ours.row(ours, ""), pyfixest.row(ours, remarks[0]), linearmodels.row(ours, remarks[1])],
    )

"""The unit list as it is read: covariates in one form, so that the same list has the same hash."""

import pytest

from centre.errors import Invalid
from experiments import unit_list


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1.50", "1.5"),
        ("007", "7"),
        ("-0.0", "0"),
        ("-3.10", "-3.1"),
        ("12", "12"),
        ("100", "100"),
        ("0.000", "0"),
        ("1e3", "1e3"),
        ("1,5", "1,5"),
        ("", ""),
    ],
)
def test_a_number_has_one_form(written: str, kept: str) -> None:
    assert unit_list.as_number(written) == kept


def test_the_same_list_written_otherwise_is_the_same_list() -> None:
    first = unit_list.read(b"unit,crime\nA,1.50\nB,-2\n", ["crime"])
    second = unit_list.read(b"crime,unit\n-2.0,B\n01.5,A\n", ["crime"])
    canonical = [unit_list.canonical(lines, with_starts=False) for lines in (first, second)]
    assert canonical[0] == canonical[1] == b"unit,stratum,cluster,crime\nA,,,1.5\nB,,,-2\n"


def test_a_missing_covariate_is_named() -> None:
    with pytest.raises(Invalid, match="Column 'crime' is missing"):
        unit_list.read(b"unit\nA\n", ["crime"])

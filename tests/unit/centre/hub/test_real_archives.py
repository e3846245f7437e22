"""The archives of Surrey and the City of London: every count that their description gives, by our reader."""

from functools import cache

import numpy as np
import pytest

from centre.hub import areas
from centre.hub.archives import Archive
from centre.hub.quality.checks import Series, findings
from centre.hub.street.profile import hashes, profile
from centre.hub.street.reading import read
from tests import shared_data

pytestmark = pytest.mark.slow
FORCES = {
    "surrey": ("police_uk_surrey.tar.gz", "E23000031"),
    "city": ("police_uk_city_of_london_2024.tar.gz", "E23000034"),
}
LOOKUP, DISTRICTS = "real/lsoa11_lsoa21_lad22_lookup.csv.gz", "recorded_crime_csp_ye_dec2024.csv"


@cache
def examined(force: str) -> Series:
    name, pfa_code = FORCES[force]
    paths = [shared_data.find(one) for one in (name, LOOKUP, DISTRICTS)]
    if None in paths:
        pytest.skip("the real archives are not beside the checkout")
    archive, lookup, districts = paths
    known = areas.read(lookup.read_bytes(), districts.read_bytes())  # type: ignore[union-attr]
    profiles, ids = [], []
    for member, content in Archive(archive):  # type: ignore[arg-type]
        street = read(content, month=member.month)
        profiles.append(profile(street, force=force, month=member.month, areas=known, pfa_code=pfa_code))
        ids.append(np.unique(hashes(street)))
    every = np.concatenate(ids)
    return Series(force, sorted(profiles, key=lambda one: one.month), len(every) - len(np.unique(every)))


def found(force: str) -> dict[str, object]:
    return {
        f"{one.check} {one.months[0]}": (one.rows, one.of, len(one.months))
        for one in findings(examined(force))
    }


def test_surrey() -> None:
    given = examined("surrey")
    assert (len(given.profiles), sum(one.rows for one in given.profiles)) == (26, 197_435)
    assert sum(one.no_location for one in given.profiles) == 4_706
    assert found("surrey") == {
        "missing_months 2021-09": (None, None, 3),
        "no_location 2022-12": (407, 6_440, 1),
        "too_good 2022-07": (0, 7_648, 1),
        "blank_street 2022-07": (8_022, 43_740, 6),
        "repeated_ids 2020-08": (1, 151_502, 26),
        "foreign_areas 2020-08": (1_575, 192_729, 26),
        "open_outcomes 2021-04": (6_979, 40_143, 5),
        "open_outcomes 2022-08": (6_803, 36_092, 5),
    }
    assert {one.vintage for one in given.profiles} == {"2011"}
    assert not any(one.faults for one in given.profiles)
    in_the_city = sum((one.foreign_districts or {}).get("E09000001", 0) for one in given.profiles)
    assert in_the_city == 164


def test_city_of_london() -> None:
    given = examined("city")
    assert (len(given.profiles), sum(one.rows for one in given.profiles)) == (12, 9_992)
    assert sum(one.repeated_rows for one in given.profiles) == 6
    assert found("city") == {
        "no_location 2024-01": (964, 9_992, 12),
        "repeated_ids 2024-01": (208, 9_594, 12),
        "foreign_areas 2024-01": (432, 9_028, 12),
    }
    assert {one.vintage for one in given.profiles} == {"2021", "unclear"}


def test_the_table_of_partnerships_has_four_rows_under_another_forces_code() -> None:
    path = shared_data.find(DISTRICTS)
    if path is None:
        pytest.skip("the table is not beside the checkout")
    said = areas.disagreements(path.read_bytes())
    assert [one.partition(":")[0] for one in said] == ["line 122", "line 332", "line 521", "line 731"]
    assert {one.partition("code ")[2] for one in said} == {
        "W15000003 stands beside the name Gwent, and mostly beside South Wales",
        "E23000032 stands beside the name Surrey, and mostly beside Kent",
    }

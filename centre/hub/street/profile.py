"""What one street file is like: the counts that every check of quality is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from centre.hub.areas import Areas
from centre.hub.faults import Fault
from centre.hub.reading import Lines, counts, total
from centre.hub.street import faults
from centre.hub.street.labels import BLANK_STREET, COLUMNS, NO_LOCATION, UNDER_INVESTIGATION


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of rows, unless they say otherwise. `foreign` is out of `in_known_district`, both of rows with a place.

    What needs the lookup of areas is None without it.
    """

    force: str
    month: str
    rows: int
    no_location: int
    blank_street: int
    with_id: int
    repeated_ids: int
    repeated_rows: int
    areas: int
    categories: Mapping[str, int]
    outcomes: Mapping[str, int]
    faults: tuple[Fault, ...]
    codes_only_2011: int | None = None
    codes_only_2021: int | None = None
    unknown_codes: int | None = None
    in_known_district: int | None = None
    foreign: int | None = None
    foreign_districts: Mapping[str, int] | None = None

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Profile":
        """Return a profile that was kept as plain JSON values (`dataclasses.asdict`)."""
        faults = tuple(Fault(**{**one, "lines": tuple(one["lines"])}) for one in kept["faults"])
        return cls(**{**kept, "faults": faults})

    @property
    def counted(self) -> dict[tuple[str, str], int]:
        """Return every count that versions are compared by, by what it is of and its label."""
        plain = {
            "Rows without a place": self.no_location,
            "Blank street names": self.blank_street,
            "Areas": self.areas,
        }
        return (
            {("", name): n for name, n in plain.items()}
            | {("category", name): n for name, n in self.categories.items()}
            | {("outcome", name): n for name, n in self.outcomes.items()}
        )

    @property
    def located(self) -> int:
        """Return the rows that have a place."""
        return self.rows - self.no_location

    @property
    def under_investigation(self) -> int:
        """Return the rows whose outcome is still open."""
        return self.outcomes.get(UNDER_INVESTIGATION, 0)

    @property
    def vintage(self) -> str:
        """Return 2011 or 2021, "mixed", or "unclear" where every code exists in both."""
        if self.codes_only_2011 and self.codes_only_2021:
            return "mixed"
        if self.codes_only_2011:
            return "2011"
        return "2021" if self.codes_only_2021 else "unclear"


def profile(
    street: Lines, *, force: str, month: str, areas: Areas | None = None, pfa_code: str = ""
) -> Profile:
    """Count what a file holds.

    Parameters
    ----------
    street : the file.
    areas : the lookup of areas, if there is one.
    pfa_code : the police force area that the file is of; without it nothing is foreign.
    """
    ids = street.column("Crime ID")
    identified = street.table.filter(pc.not_equal(ids, ""))
    with_id = identified.num_rows
    codes = counts(street.column("LSOA code"))
    codes.pop("", None)
    counted = Profile(
        force=force,
        month=month,
        rows=len(street),
        no_location=total(pc.equal(street.column("Location"), NO_LOCATION)),
        blank_street=total(pc.equal(street.column("Location"), BLANK_STREET)),
        with_id=with_id,
        repeated_ids=with_id - int(pc.count_distinct(identified.column("Crime ID")).as_py()),
        # A row without an id may well occur twice: two incidents at one place in one month.
        repeated_rows=with_id - identified.group_by(list(COLUMNS)).aggregate([]).num_rows,
        areas=len(codes),
        categories=counts(street.column("Crime type")),
        outcomes=counts(street.column("Last outcome category")),
        faults=tuple(faults.found(street)),
    )
    return _with_areas(counted, codes, areas, pfa_code) if areas else counted


def hashes(lines: Lines) -> NDArray[np.uint64]:
    """Return a 64-bit number for each crime's id, to find ids that return in another file.

    Two of ten million different ids share a number with a chance of 3 in a million.
    """
    ids = lines.column("Crime ID").filter(
        pc.match_substring_regex(lines.column("Crime ID"), "^[0-9a-f]{64}$")
    )
    return np.array([int(one[:16], 16) for one in ids.to_pylist()], dtype=np.uint64)


def _with_areas(counted: Profile, codes: Mapping[str, int], areas: Areas, pfa_code: str) -> Profile:
    known = {code: force for code in codes if (force := areas.force_of(code))}
    foreign: dict[str, int] = {}
    for code, force in known.items():
        if pfa_code and force != pfa_code:
            district = areas.district[code]
            foreign[district] = foreign.get(district, 0) + codes[code]
    return replace(
        counted,
        codes_only_2011=len(codes.keys() & areas.only_2011),
        codes_only_2021=len(codes.keys() & areas.only_2021),
        unknown_codes=sum(n for code, n in codes.items() if code not in areas.district),
        in_known_district=sum(codes[code] for code in known),
        foreign=sum(foreign.values()),
        foreign_districts=dict(sorted(foreign.items(), key=lambda item: (-item[1], item[0]))),
    )

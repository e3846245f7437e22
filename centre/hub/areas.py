"""PURE: what is known of areas at a date: LSOAs of 2011 and of 2021, their districts, and the districts' forces."""

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

LSOA = re.compile(r"[EW]01\d{6}")
CHANGES = {"U": "unchanged", "S": "split", "M": "merged", "X": "irregular"}
LOOKUP_COLUMNS = ("LSOA11CD", "LSOA21CD", "CHGIND", "LAD22CD", "LAD22NM")


class LookupRefused(ValueError):
    """The table cannot be used; the message says which line and why."""


@dataclass(frozen=True, slots=True)
class Areas:
    """Codes of each vintage, the district of each code, and the force of each district where that is known."""

    of_2011: frozenset[str]
    of_2021: frozenset[str]
    district: Mapping[str, str]
    force: Mapping[str, str]

    @property
    def only_2011(self) -> frozenset[str]:
        """Return the codes that exist in the vintage of 2011 alone."""
        return self.of_2011 - self.of_2021

    @property
    def only_2021(self) -> frozenset[str]:
        """Return the codes that exist in the vintage of 2021 alone."""
        return self.of_2021 - self.of_2011

    def force_of(self, lsoa: str) -> str | None:
        """Return the police force area of an LSOA, or None where it is not known."""
        return self.force.get(self.district.get(lsoa, ""))


def read(lookup: bytes, districts: bytes | None = None) -> Areas:
    """Read the ONS lookup of LSOAs 2011 to 2021, and, if there is one, a table with the force of each district.

    Parameters
    ----------
    lookup : CSV or CSV in gzip, with the columns LSOA11CD, LSOA21CD, CHGIND, LAD22CD and LAD22NM.
    districts : CSV with the columns la_code and pfa_code, as the tables of recorded crime by partnership have them.
        Districts that report together there, or were merged in April 2023, are in our own reference table.

    Raises
    ------
    LookupRefused : a column is missing, a code is none, or a district lies in two forces.
    """
    old, new, district = set(), set(), {}
    for line, row in _rows(lookup, LOOKUP_COLUMNS):
        for code in (row["LSOA11CD"], row["LSOA21CD"]):
            if not LSOA.fullmatch(code):
                raise LookupRefused(f"line {line}: {code!r} is no code of an LSOA")
            district[code] = row["LAD22CD"]
        if row["CHGIND"] not in CHANGES:
            raise LookupRefused(f"line {line}: CHGIND must be one of {', '.join(CHANGES)}")
        old.add(row["LSOA11CD"])
        new.add(row["LSOA21CD"])
    supplement = resources.files("centre.hub") / "reference" / "districts.csv"
    forces = _forces(supplement.read_bytes()) | (_forces(districts) if districts else {})
    return Areas(frozenset(old), frozenset(new), district, forces if districts else {})


def disagreements(districts: bytes) -> list[str]:
    """Return where the code of a police force area stands beside another name than it mostly has.

    A sum by code and a sum by name then differ. Spaces at the ends and marks of notes are no part of a name.
    """
    rows = _rows(districts, ("pfa_code",))
    named: dict[str, Counter[str]] = {}
    for _, row in rows:
        named.setdefault(row["pfa_code"], Counter())[_name(row)] += 1
    usual = {code: names.most_common(1)[0][0] for code, names in named.items()}
    return [
        f"line {line}: the code {row['pfa_code']} stands beside the name {_name(row)}, and mostly beside "
        f"{usual[row['pfa_code']]}"
        for line, row in rows
        if _name(row) != usual[row["pfa_code"]]
    ]


def _name(row: Mapping[str, str]) -> str:
    return re.sub(r"\[note \d+\]", "", row.get("pfa_name", "")).strip()


def _forces(districts: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line, row in _rows(districts, ("la_code", "pfa_code")):
        code = row["la_code"].strip()
        # Rows of a whole force, of what is not assigned, and of districts that report together have no code of one.
        if not re.fullmatch(r"[EW]\d{8}", code):
            continue
        if found.setdefault(code, row["pfa_code"]) != row["pfa_code"]:
            raise LookupRefused(f"line {line}: the district {code} lies in two forces")
    return found


def _rows(content: bytes, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    missing = [name for name in needed if name not in (reader.fieldnames or ())]
    if missing:
        raise LookupRefused(f"line 1: missing columns: {', '.join(missing)}")
    return [(reader.line_num, row) for row in reader]

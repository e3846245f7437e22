"""What the national tables say that a force recorded in a year, beside which its files can be held."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from centre.hub import reference_tables
from centre.hub.months import between


@dataclass(frozen=True, slots=True)
class NationalYear:
    """Crimes recorded in a year, fraud not included, and its twelve months as YYYY-MM."""

    crimes: int
    months: tuple[str, ...]

    @property
    def a_month(self) -> float:
        """Return the crimes of a usual month."""
        return self.crimes / len(self.months)


@cache
def year(force: str) -> NationalYear | None:
    """Return the year that the registry holds of a force; None where the tables have none."""
    for row in reference_tables.rows("forces.csv", "centre"):
        if row["slug"] == force and row["recorded_crime"]:
            last = date.fromisoformat(row["recorded_crime_on"])
            first = f"{last.year - (last.month < 12)}-{last.month % 12 + 1:02d}"
            return NationalYear(int(row["recorded_crime"]), tuple(between(first, f"{last:%Y-%m}")))
    return None

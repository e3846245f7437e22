"""Public figures on forces: what each is, where it comes from, and how a rate is made. Pure."""

from dataclasses import dataclass

# Below this the people who live in an area say little of those who are in it: the City of London has 13,500 residents
# and a working day of hundreds of thousands, and the Office for National Statistics gives it no rates.
SMALLEST_FOR_A_RATE = 100_000


@dataclass(frozen=True, slots=True)
class Figure:
    """What one column of figures is."""

    label: str
    source: str
    date_words: str  # what its date means


FIGURES = {
    "officers": Figure("Police officers, full-time equivalent", "Home Office, police workforce tables", "at"),
    "population": Figure(
        "People living in the area", "Office for National Statistics, mid-2023 estimates", "at"
    ),
    "recorded_crime": Figure(
        "Crimes recorded in a year, fraud not included",
        "Office for National Statistics, police force area data tables",
        "in the year to",
    ),
}


def per_1000(recorded_crime: int | None, population: int | None) -> float | None:
    """Return recorded crimes a year for every 1,000 residents; None where that is not known or says little."""
    if recorded_crime is None or population is None or population < SMALLEST_FOR_A_RATE:
        return None
    return 1000 * recorded_crime / population

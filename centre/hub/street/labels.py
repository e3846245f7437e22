"""The words that a street file may hold, from the reference tables."""

from functools import cache

from centre.hub import reference_tables

COLUMNS = (
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
)
ANTI_SOCIAL = "Anti-social behaviour"
NO_LOCATION = "No Location"
BLANK_STREET = "On or near "  # a place whose name is missing
UNDER_INVESTIGATION = "Under investigation"
NO_UPDATE = "Status update unavailable"


@cache
def categories() -> tuple[str, ...]:
    """Return the labels of all categories, in the order of their slugs; those of files before 2013 come last."""
    return tuple(row["label"] for row in reference_tables.rows("street_categories.csv"))


@cache
def outcomes() -> tuple[str, ...]:
    """Return the labels of all outcomes."""
    return tuple(row["label"] for row in reference_tables.rows("street_outcomes.csv"))

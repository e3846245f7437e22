"""PURE: what a measure of the street files counts in one file."""

from functools import cache

from centre.hub import reference_tables
from centre.hub.street.labels import ANTI_SOCIAL
from centre.hub.street.profile import Profile

ALL_CRIME = "all-crime"


@cache
def labels() -> dict[str, frozenset[str]]:
    """Return the labels of each category's slug, old ones too; of all crime, every one but the incidents'."""
    found: dict[str, set[str]] = {}
    for row in reference_tables.rows("street_categories.csv"):
        found.setdefault(row["slug"], set()).add(row["label"])
    crimes = set().union(*found.values()) - {ANTI_SOCIAL}
    return {slug: frozenset(labels) for slug, labels in (found | {ALL_CRIME: crimes}).items()}


@cache
def names() -> dict[str, str]:
    """Return what is counted in files of today, all crime first: the name of each measure's key."""
    rows = reference_tables.rows("street_categories.csv")
    return {ALL_CRIME: "All crime"} | {row["slug"]: row["label"] for row in rows if not row["until"]}


def is_counted(key: str) -> bool:
    """Return whether street files say anything of a measure."""
    return key in labels()


def count(profile: Profile, key: str) -> int:
    """Return how many rows of a file a measure counts; none of its category is 0, for the file is there."""
    wanted = labels()[key]
    return sum(n for label, n in profile.categories.items() if label in wanted)

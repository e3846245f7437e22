"""The scorecard of a force's month: six dimensions, and the tier that decides whether a comparison may be published."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from centre.hub.months import between
from centre.hub.quality.checks import Series
from centre.hub.quality.findings import Dimension, Finding, Severity
from centre.hub.quality.rules import Rules
from centre.hub.street.profile import Profile


class Grade(StrEnum):
    """How a month does in one dimension."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    UNKNOWN = "not known"


class Tier(StrEnum):
    """What may be published of a month."""

    COMPARE = "may be compared"
    WITH_NOTE = "may be compared with the findings beside it"
    NOT_ALL_CHECKED = "may be compared as far as it was checked: no table of areas is loaded"
    NOT = "not to be compared"


# Of each use, the dimensions that it rests on.
OF_COUNTS = tuple(one for one in Dimension if one is not Dimension.TIMELINESS)
OF_OUTCOMES = tuple(Dimension)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One month of one force: a grade for each dimension, the findings behind, and what may be compared."""

    force: str
    month: str
    rows: int | None
    grades: dict[Dimension, Grade]
    findings: tuple[Finding, ...]
    rules_version: str

    @property
    def counts(self) -> Tier:
        """Return whether the month's counts may be compared with others."""
        return self._tier(OF_COUNTS)

    @property
    def outcomes(self) -> Tier:
        """Return whether what became of the month's crimes may be compared with others."""
        return self._tier(OF_OUTCOMES)

    def _tier(self, dimensions: Sequence[Dimension]) -> Tier:
        grades = {self.grades[one] for one in dimensions}
        if Grade.POOR in grades:
            return Tier.NOT
        if grades == {Grade.GOOD}:
            return Tier.COMPARE
        # Nothing was found: what is not known could not be checked without a lookup of areas.
        return Tier.WITH_NOTE if Grade.FAIR in grades else Tier.NOT_ALL_CHECKED

    def as_json(self) -> dict[str, Any]:
        """Return the scorecard as plain JSON values."""
        return {
            "force": self.force,
            "month": self.month,
            "rows": self.rows,
            "grades": {one.value: grade.value for one, grade in self.grades.items()},
            "counts": self.counts.value,
            "outcomes": self.outcomes.value,
            "findings": [finding.check for finding in self.findings],
            "rules_version": self.rules_version,
        }


def scorecards(series: Series, found: Sequence[Finding]) -> list[Scorecard]:
    """Return a scorecard for each month from the first file to the last, those without a file too."""
    by_month = {one.month: one for one in series.profiles}
    return [
        _scored(month, by_month.get(month), [one for one in found if month in one.months], series)
        for month in between(series.months[0], series.months[-1])
    ]


def _scored(month: str, profile: Profile | None, found: list[Finding], series: Series) -> Scorecard:
    if profile is None:
        grades = dict.fromkeys(Dimension, Grade.UNKNOWN) | {Dimension.COMPLETENESS: Grade.POOR}
    else:
        grades = {dimension: _grade(dimension, profile, found, series.rules) for dimension in Dimension}
    rows = None if profile is None else profile.rows
    return Scorecard(series.force, month, rows, grades, tuple(found), series.rules.version)


def _grade(dimension: Dimension, profile: Profile, found: list[Finding], rules: Rules) -> Grade:
    """Return the grade: from this month's own shares where they have two cut-offs, else from the findings on it."""
    if dimension is Dimension.UNIQUENESS:
        return _by_share(profile.repeated_ids, profile.with_id, rules.repeated_some, rules.repeated_many)
    if dimension is Dimension.ACCURACY and profile.foreign is None:
        return Grade.UNKNOWN
    own = {one.severity for one in found if one.dimension is dimension and one.check != "foreign_areas"}
    if Severity.STOP in own:
        return Grade.POOR
    grade = Grade.FAIR if Severity.WARN in own else Grade.GOOD
    if dimension is Dimension.ACCURACY:
        shared = _by_share(
            profile.foreign or 0, profile.in_known_district or 0, rules.foreign_some, rules.foreign_many
        )
        return max(grade, shared, key=[Grade.GOOD, Grade.FAIR, Grade.POOR].index)
    if dimension is Dimension.CONSISTENCY and profile.vintage == "unclear":
        return Grade.UNKNOWN if profile.codes_only_2011 is None else grade
    return grade


def _by_share(rows: int, of: int, some: float, many: float) -> Grade:
    share = rows / of if of else 0.0
    if share >= many:
        return Grade.POOR
    return Grade.FAIR if share >= some else Grade.GOOD

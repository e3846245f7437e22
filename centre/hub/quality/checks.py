"""The checks of a force's monthly street files, one function each.

Most of these faults look like a fall in crime: missing is not zero.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from statistics import median

from centre.hub import markers
from centre.hub.months import between, spoken, stretches
from centre.hub.quality import national
from centre.hub.quality.findings import Dimension, Finding, Severity
from centre.hub.quality.rules import CURRENT, Rules
from centre.hub.street.labels import ANTI_SOCIAL
from centre.hub.street.profile import Profile


@dataclass(frozen=True, slots=True)
class Series:
    """A force's files in order of month.

    `returned`: ids that came back in a later file. `rows_before`: of each month that was sent again, the rows of the
    version before.
    """

    force: str
    profiles: Sequence[Profile]
    returned: int = 0
    rules: Rules = CURRENT
    rows_before: Mapping[str, int] = field(default_factory=dict)

    @property
    def months(self) -> tuple[str, ...]:
        """Return the months that have a file."""
        return tuple(one.month for one in self.profiles)


def findings(series: Series) -> list[Finding]:
    """Return what all checks find, in the order of the checks."""
    return [finding for check in CHECKS for finding in check(series)]


def missing_months(series: Series) -> list[Finding]:
    """Months between the first and the last file that have none."""
    absent = [month for month in between(series.months[0], series.months[-1]) if month not in series.months]
    return [
        Finding(
            "missing_months",
            Dimension.COMPLETENESS,
            Severity.STOP,
            series.force,
            tuple(stretch),
            f"No file for {spoken(stretch)}",
            "Ask whether the month was never published or not received; until then it is missing, and never 0",
        )
        for stretch in stretches(absent)
    ]


def collapse(series: Series) -> list[Finding]:
    """A month far below the usual, in fewer areas than its neighbours: incomplete capture, not less crime."""
    usual = median(one.rows for one in series.profiles)
    found = []
    for at, one in enumerate(series.profiles):
        around = [
            series.profiles[place].areas for place in (at - 1, at + 1) if 0 <= place < len(series.profiles)
        ]
        if one.rows < series.rules.collapse_below * usual and around and one.areas < min(around):
            words = f"{one.month} has {one.rows:,} rows in {one.areas:,} areas; the usual month has {usual:,.0f} rows"
            found.append(
                Finding(
                    "collapse",
                    Dimension.COMPLETENESS,
                    Severity.STOP,
                    series.force,
                    (one.month,),
                    words,
                    "Ask for the month again, or take it as missing",
                    one.rows,
                )
            )
    return found


def national_volume(series: Series) -> list[Finding]:
    """Files far below, or a year far from, what the national tables say that the force recorded.

    What is left of a month when a system broke down looks like a month with hardly any crime.
    """
    year = national.year(series.force)
    if year is None:
        return []
    crimes = {one.month: one.rows - one.categories.get(ANTI_SOCIAL, 0) for one in series.profiles}
    usual = f"the national tables have {year.a_month:,.0f} in a usual month of {year.months[0]} to {year.months[-1]}"
    found = [
        Finding(
            "national_volume",
            Dimension.COMPLETENESS,
            Severity.STOP,
            series.force,
            (month,),
            f"{month} has {n:,} crimes; {usual}",
            "Take the month as missing, never as a fall in crime, until the force says that it is whole",
            n,
        )
        for month, n in crimes.items()
        if n < series.rules.volume_stop * year.a_month
    ]
    if all(month in crimes for month in year.months):
        n = sum(crimes[month] for month in year.months)
        if not series.rules.volume_low <= n / year.crimes <= series.rules.volume_high:
            found.append(
                Finding(
                    "national_volume",
                    Dimension.COMPLETENESS,
                    Severity.WARN,
                    series.force,
                    year.months,
                    f"{spoken(year.months)}: {n:,} crimes in the files, {year.crimes:,} in the national tables "
                    f"({n / year.crimes:.0%})",
                    "Ask which of the two is whole: the tables leave fraud out, as the files do",
                    n,
                    year.crimes,
                )
            )
    return found


def no_location(series: Series) -> list[Finding]:
    """Months in which many rows have no place."""
    return _shared(
        series,
        "no_location",
        Dimension.COMPLETENESS,
        lambda one: one.no_location,
        series.rules.no_location,
        "of rows have no place",
        "Leave counts by area out, or say what share is not in them",
    )


def too_good(series: Series) -> list[Finding]:
    """A month without any missing place, where every other has some: rows were dropped or edited on the way."""
    usual = median(one.no_location / one.rows for one in series.profiles)
    if usual < series.rules.usual_no_location:
        return []
    return [
        Finding(
            "too_good",
            Dimension.ACCURACY,
            Severity.WARN,
            series.force,
            (one.month,),
            f"{one.month} has no row without a place; the usual month has {usual:.1%}",
            "Rows were dropped or edited on the way: get the file from its source and compare",
            0,
            one.rows,
        )
        for one in series.profiles
        if not one.no_location
    ]


def blank_street(series: Series) -> list[Finding]:
    """Months in which many street names are blank."""
    return _shared(
        series,
        "blank_street",
        Dimension.VALIDITY,
        lambda one: one.blank_street,
        series.rules.blank_street,
        "of rows have a blank street name",
        "Do not group by street name over these months; coordinates and areas are not touched",
    )


def vintage(series: Series) -> list[Finding]:
    """Codes of two vintages of areas: in one file, or in one series."""
    found = [
        Finding(
            "vintage_mixed",
            Dimension.CONSISTENCY,
            Severity.STOP,
            series.force,
            (one.month,),
            f"{one.month} has {one.codes_only_2011} areas of 2011 alone and {one.codes_only_2021} of 2021 alone",
            "Ask which lookup was used: a file has one vintage",
        )
        for one in series.profiles
        if one.vintage == "mixed"
    ]
    clear = [one for one in series.profiles if one.vintage in ("2011", "2021")]
    if len({one.vintage for one in clear}) > 1:
        first = next(after for before, after in pairwise(clear) if before.vintage != after.vintage)
        found.append(
            Finding(
                "vintage_changes",
                Dimension.CONSISTENCY,
                Severity.STOP,
                series.force,
                (first.month,),
                f"Area codes change to those of {first.vintage} in {first.month}",
                "Carry the panel over with the lookup of areas; split and merged areas cannot be carried back exactly",
            )
        )
    return found


def repeated(series: Series) -> list[Finding]:
    """Ids that occur more than once: kept, because one crime may have several victims or offences."""
    within, whole = (
        sum(getattr(one, name) for one in series.profiles) for name in ("repeated_ids", "repeated_rows")
    )
    total, with_id = within + series.returned, sum(one.with_id for one in series.profiles)
    if not total:
        return []
    parts = f"{total:,} repeated crime id{'s' * (total > 1)}, {whole:,} in whole rows"
    return [
        Finding(
            "repeated_ids",
            Dimension.UNIQUENESS,
            Severity.WARN if total >= series.rules.repeated_some * with_id else Severity.NOTE,
            series.force,
            tuple(one.month for one in series.profiles if one.repeated_ids) or series.months,
            parts,
            "Do not drop them: one crime may have several victims. Count ids where crimes are meant",
            total,
            with_id,
        )
    ]


def foreign(series: Series) -> list[Finding]:
    """Rows in another force's district: points are snapped, and some are simply wrong."""
    rows = sum(one.foreign or 0 for one in series.profiles)
    of = sum(one.in_known_district or 0 for one in series.profiles)
    if not rows:
        return []
    return [
        Finding(
            "foreign_areas",
            Dimension.ACCURACY,
            Severity.WARN if rows >= series.rules.foreign_some * of else Severity.NOTE,
            series.force,
            tuple(one.month for one in series.profiles if one.foreign),
            f"{rows:,} of {of:,} rows with a place ({rows / of:.1%}) lie in another force's area",
            "Leave them out of counts by area of this force, and say so",
            rows,
            of,
        )
    ]


def open_outcomes(series: Series) -> list[Finding]:
    """Months whose outcomes are not ripe: the last before a download still say "Under investigation"."""
    return _shared(
        series,
        "open_outcomes",
        Dimension.TIMELINESS,
        lambda one: one.under_investigation,
        series.rules.under_investigation,
        "of rows are still under investigation: these are the last months before a download",
        "Do not compare their outcomes with those of other months",
        Severity.STOP,
    )


def impossible(series: Series) -> list[Finding]:
    """Rows that break a rule of the file."""
    found = []
    for rule in sorted({fault.rule for one in series.profiles for fault in one.faults}):
        hit = [(one, fault) for one in series.profiles for fault in one.faults if fault.rule == rule]
        rows, of = sum(fault.rows for _, fault in hit), sum(one.rows for one, _ in hit)
        first, fault = hit[0]
        where = f"{first.month}, line{'s' * (len(fault.lines) > 1)} {', '.join(map(str, fault.lines))}"
        found.append(
            Finding(
                rule,
                Dimension.VALIDITY,
                Severity.STOP if rows >= series.rules.faults_many * of else Severity.WARN,
                series.force,
                tuple(one.month for one, _ in hit),
                f"{rows:,} rows: {fault.words} (first {where})",
                "Correct the rows at the source and send the month again",
                rows,
                of,
            )
        )
    return found


def revised(series: Series) -> list[Finding]:
    """Months whose newest version changes its rows much: what was published of them before no longer holds."""
    found = []
    for one in series.profiles:
        before = series.rows_before.get(one.month)
        if before is None or abs(one.rows - before) < series.rules.revised * before:
            continue
        words = f"{one.month} was sent again: {before:,} rows before, {one.rows:,} now ({one.rows / before - 1:+.1%})"
        found.append(
            Finding(
                "revised",
                Dimension.CONSISTENCY,
                Severity.NOTE,
                series.force,
                (one.month,),
                words,
                "Work out again what was published of this month, and say that it was revised",
                one.rows,
                before,
            )
        )
    return found


def recording_changes(series: Series) -> list[Finding]:
    """Changes of how crime is counted or recorded between the first and the last file."""
    first, last = series.months[0], series.months[-1]
    crossed = [one for one in markers.of(series.force) if first < one.month <= last]
    return [
        Finding(
            "recording_changes",
            Dimension.CONSISTENCY,
            Severity.NOTE,
            series.force,
            (month,),
            f"The series crosses a change of counting rules or recording in {month}: "
            + "; ".join(one.words for one in alike),
            "Do not compare before with after, unless with others that the change touched as well",
        )
        for month, alike in groupby(crossed, key=lambda one: one.month)
    ]


CHECKS: tuple[Callable[[Series], list[Finding]], ...] = (
    missing_months,
    collapse,
    national_volume,
    no_location,
    too_good,
    blank_street,
    vintage,
    repeated,
    foreign,
    open_outcomes,
    impossible,
    revised,
    recording_changes,
)


def _shared(
    series: Series,
    check: str,
    dimension: Dimension,
    count: Callable[[Profile], int],
    cut: float,
    words: str,
    action: str,
    severity: Severity = Severity.WARN,
) -> list[Finding]:
    """Return a finding for each stretch of months in which a share of the rows is at the cut-off or above."""
    found = []
    for is_so, grouped in groupby(series.profiles, key=lambda one: count(one) >= cut * one.rows):
        if not is_so:
            continue
        stretch = list(grouped)
        shares = [count(one) / one.rows for one in stretch]
        low, high = f"{min(shares):.1%}", f"{max(shares):.1%}"
        months = tuple(one.month for one in stretch)
        span = low if low == high else f"{low} to {high}"
        found.append(
            Finding(
                check,
                dimension,
                severity,
                series.force,
                months,
                f"{spoken(months)}: {span} {words}",
                action,
                sum(map(count, stretch)),
                sum(one.rows for one in stretch),
            )
        )
    return found

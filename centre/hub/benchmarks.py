"""How forces stand against a standard: their newest year, compared where the data may be, and against a target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from centre.hub import harms, judging
from centre.hub.judging import Judged
from centre.hub.months import number_of, words
from centre.hub.quality.scorecard import Tier
from centre.hub.standards.assurance import Assurance, Direction, assure
from centre.hub.standards.families import Family
from centre.hub.standards.funnel import (
    FEWEST,
    Figure,
    Funnel,
    NotComparable,
    Placed,
    Standing,
    funnel,
    why_left_out,
)
from centre.hub.standards.windows import (
    MONTHS,
    Incomplete,
    Span,
    Total,
    monthly,
    newest_end,
    total,
)
from centre.hub.street.counting import count, is_counted
from centre.hub.trends.errors import NotEstimable
from centre.models import Force, Measure, MonthlyFile, Standard, StandardFigure
from centre.models.standards import Aim
from centre.permissions import Permission, forces_on, has_permission

if TYPE_CHECKING:
    from centre.permissions import Person

UNITS_OF_PEOPLE = (Measure.Unit.COUNT, Measure.Unit.HARM)
_OF_BASIS = {  # what a figure's basis allows
    StandardFigure.Basis.COUNTED: Tier.COMPARE,
    StandardFigure.Basis.SAMPLED: Tier.WITH_NOTE,
    StandardFigure.Basis.ESTIMATED: Tier.NOT,
}

_WITH_NOTE = (Tier.WITH_NOTE, Tier.NOT_ALL_CHECKED)


def is_by_residents(measure: Measure) -> bool:
    """Return whether a figure is compared for each resident: a plain count, or a rate that says so itself."""
    return measure.unit in UNITS_OF_PEOPLE or "resident" in measure.denominator.lower()


def scale(measure: Measure) -> int:
    """Return what a figure is shown for each of: a hundred of a share, a thousand else."""
    return 100 if measure.unit == Measure.Unit.SHARE else 1000


def unit_words(measure: Measure) -> str:
    """Return what an outcome's number means."""
    if measure.unit == Measure.Unit.SHARE:
        return f"per cent of {measure.denominator}"
    if measure.unit == Measure.Unit.HARM:
        return "of harm per 1,000 residents"
    return f"per 1,000 {'residents' if is_by_residents(measure) else f'of {measure.denominator}'}"


@dataclass(frozen=True, slots=True)
class Month:
    """One month of one force, as it is shown; None is not known or not to be judged by."""

    month: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One force against a standard."""

    force: Force
    inputs: tuple[Total | None, ...]  # of each measure of what is put in
    activity: tuple[Total | None, ...]
    outcome: Total | None
    share: float | None  # of the outcome, as it is shown
    why_left_out: str  # of the comparison; empty where it is in it
    placed: Placed | None
    months: tuple[Month, ...]
    assurance: Assurance | None
    why_no_assurance: str


@dataclass(frozen=True)
class Benchmark:
    """Every force against one outcome of a standard, in the order of the alphabet and never of a rank."""

    standard: Standard
    aim: Aim
    end: int | None  # the last of the twelve months compared; None where nothing was sent
    rows: tuple[Row, ...]
    funnel: Funnel | None
    why_no_funnel: str

    @property
    def months(self) -> tuple[str, str] | None:
        """Return the first and the last month compared."""
        return None if self.end is None else (words(self.end - MONTHS + 1), words(self.end))

    def rows_for(self, own: frozenset[int] | None) -> list[Row]:
        """Return the rows that a person may see: their own always, another force's where it may be published.

        `own` are their forces; None is for those who see every force.
        """
        return [
            one
            for one in self.rows
            if own is None or one.force.pk in own or (self.funnel is not None and one.placed is not None)
        ]

    def row(self, force: Force) -> Row | None:
        """Return one force's row; None where it has sent nothing of the outcome."""
        return next((one for one in self.rows if one.force.pk == force.pk), None)

    def is_better(self, standing: Standing) -> bool:
        """Return whether a standing outside the limits is on the better side."""
        above = standing in (Standing.ABOVE, Standing.FAR_ABOVE)
        return above == (self.aim.direction == Standard.Direction.HIGHER)

    @cached_property
    def stands(self) -> dict[str, int]:
        """Return how many forces are better than forces usually are, within, and worse."""
        found = [one.placed.standing for one in self.rows if one.placed]
        outside = [one for one in found if one is not Standing.WITHIN]
        better = sum(self.is_better(one) for one in outside)
        return {
            "better": better,
            "within": len(found) - len(outside),
            "worse": len(outside) - better,
            "all": len(found),
        }

    @cached_property
    def assured(self) -> dict[str, int]:
        """Return how many forces consistently meet the target, sometimes, and consistently miss it."""
        found = [one.assurance.verdict.name.lower() for one in self.rows if one.assurance]
        return {name: found.count(name) for name in ("meets", "inconsistent", "fails")} | {"all": len(found)}


def own_forces(by: "Person") -> frozenset[int] | None:
    """Return the forces whose data the person may see; None for those who see every force."""
    return None if has_permission(by, Permission.HUB_SEE_ALL) else forces_on(by, Permission.HUB_SEE)


def pool(own: frozenset[int] | None) -> QuerySet[Force]:
    """Return the forces that are compared: real ones, and invented ones only where there is nothing else."""
    real = Force.objects.official()
    if own is None:
        is_real = any(one.objects.filter(force__in=real).exists() for one in (StandardFigure, MonthlyFile))
    else:
        is_real = real.filter(pk__in=own).exists()
    return real if is_real else Force.objects.filter(kind=Force.Kind.SAMPLE)


class Figures:
    """What forces sent, read once for each measure."""

    def __init__(self, forces: Iterable[Force]) -> None:
        self.forces = list(forces)
        self._spans: dict[str, dict[int, list[Span]]] = {}

    @cached_property
    def _judged(self) -> list[Judged]:
        return judging.all_judged(Force.objects.filter(pk__in=[one.pk for one in self.forces]))

    def spans(self, measure: Measure) -> dict[int, list[Span]]:
        """Return each force's figures in order of time, by the force's primary key."""
        if measure.key not in self._spans:
            self._spans[measure.key] = self._read(measure)
        return self._spans[measure.key]

    def _read(self, measure: Measure) -> dict[int, list[Span]]:
        if measure.weights:
            return self._of_weights(measure)
        return self._of_files(measure.key) if is_counted(measure.key) else self._of_forces(measure.key)

    def _of_weights(self, measure: Measure) -> dict[int, list[Span]]:
        """Return harm; a month that is not whole is not known."""
        found: dict[int, list[Span]] = {}
        for one in harms.weighed(measure, self.forces, tables=harms.newest_weights(measure)):
            at, value = number_of(one.month.year, one.month.month), one.weighed.value
            span = Span(at, at, None if value is None else float(value), None, may_be_compared=True)
            found.setdefault(one.force.pk, []).append(span)
        return found

    def _of_files(self, key: str) -> dict[int, list[Span]]:
        return {one.force.pk: _counted(one, key) for one in self._judged}

    def _of_forces(self, key: str) -> dict[int, list[Span]]:
        found: dict[int, list[Span]] = {}
        rows = StandardFigure.objects.newest().filter(measure=key, force__in=self.forces)
        for one in rows.order_by("first_month"):
            found.setdefault(one.force_id, []).append(_sent(one))
        return found


def compared(figures: Figures, standard: Standard, *, among: frozenset[int] | None = None) -> list[Benchmark]:
    """Compare the forces, or those `among` them, in each outcome of the standard."""
    return [_compared(figures, standard, aim, among) for aim in standard.aims]


def _compared(figures: Figures, standard: Standard, aim: Aim, among: frozenset[int] | None) -> Benchmark:
    """Compare the forces with all of them together; each against the target."""
    spans = figures.spans(aim.measure)
    forces = [one for one in figures.forces if one.pk in spans and (among is None or one.pk in among)]
    end = newest_end([spans[one.pk] for one in forces], FEWEST)
    totals = {one.pk: _outcome(aim.measure, one, spans[one.pk], end) for one in forces}
    drawn, why_not = _funnel(aim.measure, forces, totals)
    placed = {one.key: one for one in drawn.placed} if drawn else {}
    rows = [
        _row(figures, standard, aim, force, totals[force.pk], placed.get(force.slug), end) for force in forces
    ]
    return Benchmark(standard, aim, end, tuple(rows), drawn, why_not)


def _counted(one: Judged, key: str) -> list[Span]:
    tiers = {card.month: card.counts for card in one.scorecards}
    return [
        _span(profile.month, float(count(profile, key)), tiers[profile.month])
        for profile in one.series.profiles
    ]


def _span(month: str, value: float, tier: Tier) -> Span:
    at = number_of(int(month[:4]), int(month[5:]))
    return Span(at, at, value, None, tier is not Tier.NOT, tier in _WITH_NOTE)


def _sent(one: StandardFigure) -> Span:
    tier = _OF_BASIS[StandardFigure.Basis(one.basis)]
    return Span(
        number_of(one.first_month.year, one.first_month.month),
        number_of(one.last_month.year, one.last_month.month),
        None if one.value is None else float(one.value),
        None if one.denominator is None else float(one.denominator),
        tier is not Tier.NOT,
        tier in _WITH_NOTE,
    )


def _outcome(measure: Measure, force: Force, spans: Sequence[Span], end: int | None) -> Total | str:
    """Return a force's year with what it is divided by, or why it cannot be compared."""
    try:
        found = total(spans, end or 0)
    except Incomplete as fault:
        return fault.reason
    by_residents = is_by_residents(measure)
    if by_residents and (reason := why_left_out(force.population, is_residents=True)):
        return reason
    if measure.unit in UNITS_OF_PEOPLE:
        found = Total(found.value, force.population, found.has_note)
    return why_left_out(found.denominator, is_residents=False) or found


def _funnel(
    measure: Measure, forces: Sequence[Force], totals: dict[int, Total | str]
) -> tuple[Funnel | None, str]:
    if measure.unit == Measure.Unit.HARM:  # also where every sum happens to be whole
        return None, "a harm score is no count: chance does not spread it as a funnel’s limits say"
    given = [
        Figure(force.slug, found.value, found.denominator or 0.0)
        for force in forces
        if isinstance(found := totals[force.pk], Total)
    ]
    family = Family.PROPORTION if measure.unit == Measure.Unit.SHARE else Family.RATE
    try:
        return funnel(given, family), ""
    except NotComparable as fault:
        return None, fault.reason


def _row(
    figures: Figures,
    standard: Standard,
    aim: Aim,
    force: Force,
    outcome: Total | str,
    placed: Placed | None,
    end: int | None,
) -> Row:
    months = tuple(_months(aim.measure, force, figures.spans(aim.measure)[force.pk]))
    assurance, why_none = _assurance(aim, months)
    whole = outcome if isinstance(outcome, Total) else None
    return Row(
        force,
        tuple(_year(figures, one, force, end) for one in standard.put_in),
        tuple(_year(figures, one, force, end) for one in standard.done),
        whole,
        scale(aim.measure) * whole.value / whole.denominator if whole and whole.denominator else None,
        outcome if isinstance(outcome, str) else "",
        placed,
        months,
        assurance,
        why_none,
    )


def _year(figures: Figures, measure: Measure, force: Force, end: int | None) -> Total | None:
    """Return what was put in or done in the same twelve months; None where it is not whole, and never 0."""
    if end is None:
        return None
    try:
        return total(figures.spans(measure).get(force.pk, []), end)
    except Incomplete:
        return None


def _months(measure: Measure, force: Force, spans: Sequence[Span]) -> Iterable[Month]:
    for month, span in monthly(spans):
        divided: float | None = None
        if span:
            divided = force.population if measure.unit in UNITS_OF_PEOPLE else span.denominator
            if is_by_residents(measure) and why_left_out(force.population, is_residents=True):
                divided = None
        known = span and span.value is not None and divided
        yield Month(month, scale(measure) * span.value / divided if known else None)  # type: ignore[union-attr,operator]


def _assurance(aim: Aim, months: Sequence[Month]) -> tuple[Assurance | None, str]:
    if aim.target is None:
        return None, "no target is set"
    try:
        values = [one.value for one in months]
        return assure(values, float(aim.target), Direction(aim.direction)), ""
    except NotEstimable as fault:
        return None, fault.reason

"""Figures of measures arrive as a CSV: checked row by row, kept whole or refused whole, every version for ever."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from centre import audit, vault
from centre.csv_lines import MOST_PROBLEMS
from centre.errors import Conflict, Invalid, Problem
from centre.hub.actions import sending
from centre.hub.standards import figures_file
from centre.hub.standards.figures_file import Row
from centre.hub.street.counting import is_counted
from centre.models import FigureFile, Force, Measure, StandardFigure, User
from centre.text import shown_name

LARGEST = 2_000_000  # bytes: 43 forces, 10 measures and ten years of months


@transaction.atomic
def receive(*, content: bytes, filename: str, source: str, by: User | None) -> FigureFile:
    """Each row that says something new becomes a version. Without `by` an administrator's command sends it."""
    forces = sending.forces(by)
    sending.refuse_larger(content, LARGEST, "figures")
    source = sending.source(source)
    rows = _read(content, forces)
    sending.one_at_a_time({row.force for row in rows})
    before = _newest(rows)
    _refuse_overlaps(rows, before)
    fresh = [row for row in rows if _differs(row, before.get((*row.of, *row.period)))]
    if not fresh:
        raise Conflict("The hub has every one of these figures already, as it is.")
    made: FigureFile = FigureFile.objects.create(
        filename=shown_name(filename) or "figures.csv",
        source=source,
        sha256=vault.put_bytes(content).sha256,
        unchanged=len(rows) - len(fresh),
        received_by=by,
    )
    StandardFigure.objects.bulk_create(
        [_figure(made, row, forces[row.force], before.get((*row.of, *row.period))) for row in fresh]
    )
    detail = {"sha256": made.sha256, "figures": len(fresh), "unchanged": made.unchanged}
    audit.record("figures.received", subject=made, by=by or audit.SYSTEM, detail=detail)
    return made


def why_not_sent(measure: Measure) -> str:
    """Return why no file of figures has a measure, and what to send; empty where one has."""
    if is_counted(measure.key):
        return "counted in the street files: send those"
    return "worked out from counts of offences: send those" if measure.weights else ""


def _read(content: bytes, forces: dict[str, Force]) -> list[Row]:
    measures = list(Measure.objects.in_force())
    units = {one.key: one.unit for one in measures}
    not_sent = {one.key: why for one in measures if (why := why_not_sent(one))}
    known = figures_file.Known(frozenset(forces), units, not_sent, timezone.localdate())
    try:
        return figures_file.read(content, known)
    except figures_file.FiguresRefused as refusal:
        raise sending.refused(refusal) from refusal


def _newest(rows: Sequence[Row]) -> dict[tuple[Any, ...], StandardFigure]:
    """Return what the hub has of the forces and measures of the rows, by what it is a figure of."""
    wanted = Q(force__slug__in={row.force for row in rows}, measure__in={row.measure for row in rows})
    found = StandardFigure.objects.newest().filter(wanted).select_related("force")
    return {(one.force.slug, one.measure, one.first_month, one.last_month): one for one in found}


def _refuse_overlaps(rows: Sequence[Row], before: dict[tuple[Any, ...], StandardFigure]) -> None:
    """Refuse months that the hub has within another period: they would be counted twice."""
    held: dict[tuple[str, str], list[StandardFigure]] = {}
    for one in before.values():
        held.setdefault((one.force.slug, one.measure), []).append(one)
    problems = [
        Problem(
            "file",
            f"Line {row.line}: {one.first_month:%Y-%m} to {one.last_month:%Y-%m} is one figure in the hub: "
            "send that period again, or other months",
        )
        for row in rows
        for one in held.get(row.of, [])
        if (one.first_month, one.last_month) != row.period
        and one.first_month <= row.last_month
        and row.first_month <= one.last_month
    ]
    if problems:
        raise Invalid(f"Nothing was kept: {problems[0].message}", problems[:MOST_PROBLEMS])


def _differs(row: Row, before: StandardFigure | None) -> bool:
    return before is None or (row.value, row.denominator, row.basis) != (
        before.value,
        before.denominator,
        before.basis,
    )


def _figure(file: FigureFile, row: Row, force: Force, before: StandardFigure | None) -> StandardFigure:
    return StandardFigure(
        file=file,
        line=row.line,
        force=force,
        measure=row.measure,
        first_month=row.first_month,
        last_month=row.last_month,
        value=row.value,
        denominator=row.denominator,
        basis=row.basis,
        version=before.version + 1 if before else 1,
    )

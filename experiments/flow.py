"""The CONSORT flow of a trial: how many were planned, listed, assigned to each arm, and analysed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from experiments.models import Release
from experiments.protocol import Protocol

if TYPE_CHECKING:
    from centre.permissions import Person
    from experiments.models import Allocation, Trial


@dataclass(frozen=True, slots=True)
class ArmFlow:
    """What was assigned to one arm; ``clusters`` is None where the list has none."""

    arm: str
    name: str
    units: int
    clusters: int | None


@dataclass(frozen=True, slots=True)
class Analysed:
    """What one estimate of a published release used; None where disclosure control took a number out."""

    estimate_id: str
    outcome: str
    outcome_name: str
    units: int | None
    treated: int | None
    observations: int | None

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """Return the counts in the order of the table."""
        return self.units, self.treated, self.observations


@dataclass(frozen=True, slots=True)
class Flow:
    """Counts as far as the trial has come and the viewer may know; None where a step has not come.

    ``arms`` is None too before the seed is out: the counts of a small trial tell a part of its allocation.
    """

    planned_units: int | None
    planned_clusters: int | None
    listed_units: int | None
    listed_clusters: int | None
    arms: tuple[ArmFlow, ...] | None
    analysed: tuple[Analysed, ...]


def flow_of(trial: Trial, viewer: Person) -> Flow:
    """Return the flow of a trial that the viewer may see."""
    allocation, registration = trial.allocation, trial.registration
    read = registration.frozen_protocol if registration else trial.draft
    names = {arm.id: arm.label for arm in read.arms}
    return Flow(
        planned_units=read.sample_size.planned_units,
        planned_clusters=read.sample_size.planned_clusters,
        listed_units=allocation.units_so_far if allocation else None,
        listed_clusters=_clusters(allocation) if allocation else None,
        arms=_arms(allocation, names)
        if allocation and allocation.is_drawn and allocation.is_open_to(viewer)
        else None,
        analysed=_analysed(trial, read, viewer),
    )


def _clusters(allocation: Allocation) -> int | None:
    return allocation.units.exclude(cluster="").values("cluster").distinct().count() or None


def _arms(allocation: Allocation, names: dict[str, str]) -> tuple[ArmFlow, ...]:
    counted = (
        allocation.assignments.order_by("arm")
        .values("arm")
        .annotate(units=Count("pk"), clusters=Count("cluster", distinct=True, filter=~Q(cluster="")))
    )
    rows: dict[str, Any] = {row["arm"]: row for row in counted}
    order = [arm for arm in names if arm in rows] + [arm for arm in rows if arm not in names]
    return tuple(
        ArmFlow(arm, names.get(arm) or arm, rows[arm]["units"], rows[arm]["clusters"] or None)
        for arm in order
    )


def _analysed(trial: Trial, read: Protocol, viewer: Person) -> tuple[Analysed, ...]:
    releases = Release.objects.visible_to(viewer).published().filter(trial=trial)
    return tuple(
        Analysed(
            name, row["outcome"], _name(read, row["outcome"]), row["n_units"], row["n_treated"], row["n_obs"]
        )
        for release in releases
        for name, row in release.estimates.items()
    )


def _name(read: Protocol, column: str) -> str:
    measured = read.outcome_of_column(column)
    return (measured.name if measured else "") or column

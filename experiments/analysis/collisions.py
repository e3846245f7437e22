"""Which registered trials a trial meets: in the same force, on days that overlap, in the same kind of thing."""

import datetime as dt
from dataclasses import dataclass

from centre.models import Force
from experiments.lifecycle import Conduct
from experiments.models import CollisionNote, Trial
from experiments.protocol import Protocol
from experiments.protocol.reach import Days, Reach, measured_until, planned_from, planned_until, reach
from experiments.protocol.vocabulary import UnitType


@dataclass(frozen=True, slots=True)
class Collision:
    """Another trial, where, when and in what the two meet, and who has said so."""

    other: Trial
    forces: tuple[str, ...]
    areas: tuple[str, ...]  # of the other trial in these forces: people judge whether they are apart
    days: Days
    reaches: tuple[Reach, ...]
    declared: str = ""  # by whom; blank where nobody has

    def is_on(self, day: dt.date) -> bool:
        """Return whether the other trial treats or measures on this day."""
        return self.days.begin <= day <= self.days.measured_until

    @property
    def said(self) -> str:
        """Return what the other trial does, where and when."""
        what = " and ".join(one.label.lower() for one in self.reaches)
        return (
            f"{self.other.number} acts on {what} in {' and '.join(self.forces)}"
            f" from {self.days.begin:%-d %B %Y} to {self.days.end:%-d %B %Y}"
        )


def collisions(trial: Trial, read: Protocol) -> list[Collision]:
    """Return the registered trials that the trial meets, were it to run by this protocol; undeclared ones first."""
    own = _days_of(trial, planned_from(read), planned_until(read), measured_until(read))
    forces = set(
        Force.objects.filter(slug__in={site.force for site in read.sites}).values_list("pk", flat=True)
    )
    if own is None or not forces:
        return []
    others = list(Trial.objects.acting_beside(trial, forces, own).prefetch_related("sites__force"))
    noted, mine = _noted_with(trial), reach(read.design.unit_type)
    found = []
    for other in others:
        days = _days_of(other, other.planned_from, other.planned_until, other.measured_until)
        shared = mine & reach(_unit_type(other))
        if days is not None and shared and own.meets(days):
            met = [site for site in other.sites.all() if site.force_id in forces]
            found.append(
                Collision(
                    other=other,
                    forces=tuple(sorted({site.force.name for site in met})),
                    areas=tuple(sorted({site.area for site in met if site.area})),
                    days=days,
                    reaches=tuple(one for one in Reach if one in shared),
                    declared=_declared(trial, read, other, noted),
                )
            )
    return sorted(found, key=lambda one: (bool(one.declared), one.days.begin, one.other.pk))


def _days_of(
    trial: Trial, planned: dt.date | None, planned_end: dt.date | None, measured: dt.date | None
) -> Days | None:
    """Return the days as they happened where that is known, else as planned; none where nothing is known."""
    begin, end = trial.first_treated_on or planned, trial.last_treated_on or planned_end
    if begin is None or end is None:
        return None
    is_over = trial.conduct_state == Conduct.TERMINATED
    return Days(begin, end, end if is_over or measured is None else max(end, measured))


def _unit_type(trial: Trial) -> UnitType | None:
    value = (trial.protocol.get("design") or {}).get("unit_type")
    return UnitType(value) if value else None


def _noted_with(trial: Trial) -> set[int]:
    """Return the trials about which the registrar has said how they and this one are kept apart."""
    if trial.pk is None:
        return set()
    pairs = CollisionNote.objects.about(trial).values_list("trial", "other")
    return {key for pair in pairs for key in pair} - {trial.pk}


def _declared(trial: Trial, read: Protocol, other: Trial, noted: set[int]) -> str:
    if other.number in read.design.concurrent_trials:
        return "Named in this protocol"
    theirs = (other.protocol.get("design") or {}).get("concurrent_trials") or ()
    if trial.number and trial.number in theirs:
        return f"Named in the protocol of {other.number}"
    return "Noted by the registrar" if other.pk in noted else ""

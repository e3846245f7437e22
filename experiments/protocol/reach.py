"""Where, when and on what a trial acts: what decides whether two trials get in each other's way."""

import datetime as dt
from dataclasses import dataclass

from experiments.protocol.schema import Protocol
from experiments.protocol.vocabulary import UnitType
from experiments.protocol.vocabulary.choice import Choice


class Reach(Choice):
    """On what a tactic acts."""

    PLACES = "places"
    PEOPLE = "people", "People and cases"
    OFFICERS = "officers", "Officers and teams"


_EVERYTHING = frozenset(Reach)
_REACHES: dict[UnitType, frozenset[Reach]] = {
    **dict.fromkeys(
        (
            UnitType.HOT_SPOT,
            UnitType.LSOA,
            UnitType.BEAT,
            UnitType.WARD,
            UnitType.PLACE_DAY,
            UnitType.CUSTODY_SUITE,
        ),
        frozenset({Reach.PLACES}),
    ),
    **dict.fromkeys(
        (
            UnitType.VICTIM,
            UnitType.SUSPECT,
            UnitType.OFFENDER,
            UnitType.INCIDENT,
            UnitType.CALL,
            UnitType.CASE,
            UnitType.HOUSEHOLD,
        ),
        frozenset({Reach.PEOPLE}),
    ),
    **dict.fromkeys((UnitType.OFFICER, UnitType.SHIFT, UnitType.TEAM), frozenset({Reach.OFFICERS})),
    # Who treats a whole unit of a force treats its places, its people and its officers.
    UnitType.BCU: _EVERYTHING,
    UnitType.FORCE: _EVERYTHING,
}


@dataclass(frozen=True, slots=True)
class Days:
    """From the first treated day to the last, and until when outcomes are measured."""

    begin: dt.date
    end: dt.date
    measured_until: dt.date

    def meets(self, other: "Days") -> bool:
        """Return whether one of the two treats while the other treats or measures."""
        return (self.begin <= other.measured_until and other.begin <= self.end) or (
            other.begin <= self.measured_until and self.begin <= other.end
        )


def reach(unit: UnitType | None) -> frozenset[Reach]:
    """Return on what a trial with such units acts; where the unit is not known, on everything."""
    return _REACHES.get(unit, _EVERYTHING) if unit else _EVERYTHING


def planned_from(protocol: Protocol) -> dt.date | None:
    """Return the first day on which anything is planned to be treated."""
    return protocol.dates.intervention_start.date or protocol.dates.first_unit.date


def planned_until(protocol: Protocol) -> dt.date | None:
    """Return the last day on which anything is planned to be treated, or the nearest day that is known."""
    dates = protocol.dates
    return dates.intervention_end.date or dates.follow_up_end.date or dates.primary_completion.date


def measured_until(protocol: Protocol) -> dt.date | None:
    """Return the last day whose outcomes count: later treatment of the same units can spoil nothing any more."""
    dates = protocol.dates
    known = [dates.follow_up_end.date, dates.primary_completion.date, planned_until(protocol)]
    return max((day for day in known if day), default=None)

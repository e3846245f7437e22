"""How like a force are the places where a tactic was tried: what can be said, and what cannot. Pure.

The library knows of each finding the forces it came from, and of each force its region, its officers and its recorded
crime for each resident. How alike two forces are is a ratio of each (docs/forces.md). It has no figures on kinds of
place, and says so.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

# Two forces are "about" alike where the one has at most a quarter more than the other.
ABOUT = 1.25
NOT_KNOWN = "Not known: whether the kinds of place are alike."
NO_FIGURES = (
    "Not known: whether those forces are like yours in size and crime: the library has no figures on yours. "
    + NOT_KNOWN
)


class Place(Protocol):
    """What is needed of a force."""

    @property
    def name(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def nation(self) -> str: ...
    @property
    def officers(self) -> Decimal | None: ...
    @property
    def officers_on(self) -> date | None: ...
    @property
    def crime_rate(self) -> float | None: ...
    @property
    def recorded_crime_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Fit:
    """The forces where it was tried, the nearest kind first, and how alike they are."""

    own: bool
    region: tuple[str, ...]
    nation: tuple[str, ...]
    elsewhere: tuple[str, ...]
    unplaced: tuple[str, ...]  # named by a finding, and in no list of forces
    alike: tuple[str, ...]  # a sentence for each of the others, and what is not known

    @property
    def words(self) -> list[str]:
        """Return what to say, one sentence for each kind of place, then for each force."""
        if not any((self.own, self.region, self.nation, self.elsewhere, self.unplaced)):
            return ["No result yet, so nothing is known of where it fits."]
        said = ["It was tried in your force." if self.own else "It was not tried in your force."]
        for place, names in (
            ("In your region", self.region),
            ("In the rest of your nation", self.nation),
            ("Elsewhere", self.elsewhere),
            ("In places that are in no list of forces", self.unplaced),
        ):
            said += [f"{place}: {', '.join(names)}."] if names else []
        return [*said, *self.alike]


def fit(force: Place, tried_in: Iterable[str], known: Iterable[Place]) -> Fit:
    """Return where it was tried as seen from a force. `tried_in` has names; `known` the forces that have a region."""
    by_name = {one.name: one for one in known}
    names = sorted(set(tried_in))
    others = [by_name[name] for name in names if name in by_name and name != force.name]
    near = [one.name for one in others if force.region and one.region == force.region]
    nation = [
        one.name for one in others if one.name not in near and force.nation and one.nation == force.nation
    ]
    return Fit(
        own=force.name in names,
        region=tuple(near),
        nation=tuple(nation),
        elsewhere=tuple(one.name for one in others if one.name not in (*near, *nation)),
        unplaced=tuple(name for name in names if name not in by_name and name != force.name),
        alike=_alike(force, others),
    )


def _alike(force: Place, others: list[Place]) -> tuple[str, ...]:
    if not others:
        return (NOT_KNOWN,)
    if force.officers is None and force.crime_rate is None:
        return (NO_FIGURES,)
    compared = [one for one in others if one.officers is not None or one.crime_rate is not None]
    said = [f"{one.name}: {_size(force, one)}, {_crime(force, one)}." for one in compared]
    said += _dates(force) if compared else []
    if unknown := [one.name for one in others if one not in compared]:
        said.append(f"Not known: size and recorded crime of {', '.join(unknown)}.")
    return (*said, NOT_KNOWN)


def _size(here: Place, there: Place) -> str:
    return _compared(
        _ratio(there.officers, here.officers),
        unknown="size not known",
        same=lambda times: f"about your size ({times} times your officers)",
        other=lambda times, is_more: f"{times} times your officers",
    )


def _crime(here: Place, there: Place) -> str:
    return _compared(
        _ratio(there.crime_rate, here.crime_rate),
        unknown="recorded crime for each resident not known",
        same=lambda times: f"about as much recorded crime for each resident ({times} times yours)",
        other=lambda times, is_more: (
            f"{'more' if is_more else 'less'} recorded crime for each resident ({times} times yours)"
        ),
    )


def _compared(
    ratio: float | None, *, unknown: str, same: Callable[[str], str], other: Callable[[str, bool], str]
) -> str:
    if ratio is None:
        return unknown
    times = f"{ratio:.2f}" if ratio < 1 else f"{ratio:.1f}"
    return same(times) if 1 / ABOUT <= ratio <= ABOUT else other(times, ratio > 1)


def _ratio(there: Decimal | float | None, here: Decimal | float | None) -> float | None:
    return None if there is None or not here else float(there) / float(here)


def _dates(force: Place) -> list[str]:
    """Return of when the figures are: an old number of officers must not pass for today's."""
    said = [f"officers at {_day(force.officers_on)}"] if force.officers_on else []
    if force.recorded_crime_on and force.crime_rate is not None:
        said.append(f"recorded crime in the year to {_day(force.recorded_crime_on)}")
    return [f"These are {' and '.join(said)}."] if said else []


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"

"""How like a force are the places where a tactic was tried: what can be said, and what cannot. Pure.

The library knows of each finding the forces it came from, and of each force its region and nation. It has no figures on
the size of forces, their crime or their streets, and says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

NOT_KNOWN = (
    "Not known: whether those forces are like yours in size, crime and kinds of place. "
    "The library has no figures on that."
)


class Place(Protocol):
    """What is needed of a force."""

    @property
    def name(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def nation(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Fit:
    """The forces where it was tried, the nearest kind first."""

    own: bool
    region: tuple[str, ...]
    nation: tuple[str, ...]
    elsewhere: tuple[str, ...]
    unplaced: tuple[str, ...]  # named by a finding, and in no list of forces

    @property
    def words(self) -> list[str]:
        """Return what to say, one sentence for each kind of place."""
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
        return [*said, NOT_KNOWN]


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
    )

"""The draw of a registration as the rows of the data see it, so that a test makes that draw again and no other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.stats.errors import NotEstimable
from experiments.stats.labels import number_label
from experiments.stats.registered import Registered
from experiments.stats.sample import Sample

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Named = tuple[NDArray[np.int64], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class DrawnThings:
    """What was drawn, of what the data hold.

    Attributes
    ----------
    codes : (N,) of the thing behind each row, into ``names``, which are in the order of their code points.
    labels : the arm, or sequence, of every thing of the list.
    strata : (G,) the stratum of each thing, inside which it was drawn; all "" where there were none.
    """

    codes: IntArray
    names: tuple[str, ...]
    labels: Mapping[str, str]
    strata: tuple[str, ...]

    @property
    def block(self) -> IntArray:
        """(G,) the strata as codes."""
        return np.unique(self.strata, return_inverse=True)[1].astype(np.intp)

    @classmethod
    def of(cls, registered: Registered, columns: Sequence[Named]) -> "DrawnThings":
        """Find what was drawn behind each row.

        Parameters
        ----------
        registered : the registration.
        columns : columns of the data that may name units of its list, or what was drawn, as codes and names.

        Raises
        ------
        NotEstimable : a method that cannot be made again, or no column names only what was listed.
        """
        if registered.cannot_redraw:
            raise NotEstimable(
                f"the registered draw, by {registered.cannot_redraw}, cannot be made again in this engine version; "
                "name another covariance"
            )
        thing_of = {unit: registered.clusters.get(unit, unit) for unit in registered.assignment}
        itself = {thing: thing for thing in thing_of.values()}
        labels = {thing_of[unit]: label for unit, label in registered.assignment.items()}
        strata = {thing_of[unit]: registered.strata.get(unit, "") for unit in thing_of}
        for known in (thing_of, itself):
            for codes, names in columns:
                if all(name in known for name in names):
                    found, place = np.unique([known[name] for name in names], return_inverse=True)
                    things = tuple(map(str, found))
                    within = tuple(strata[thing] for thing in things)
                    return cls(place[codes].astype(np.intp), things, labels, within)
        unlisted = [name for name in columns[0][1] if name not in thing_of]
        raise NotEstimable(
            f"{len(unlisted):,} units of the data are not in the list that was drawn, such as '{unlisted[0]}', so the "
            "registered draw cannot be made again"
        )

    @classmethod
    def behind(cls, registered: Registered | None, sample: Sample) -> "DrawnThings | None":
        """Find what was drawn behind rows in arms; None where nothing was registered as drawn.

        Raises
        ------
        NotEstimable : as `of`, or a row in another arm than the one that was drawn.
        """
        if registered is None or not registered.has_draw:
            return None
        found = cls.of(registered, ((sample.unit, sample.unit_names), (sample.cluster, sample.cluster_names)))
        assert sample.arm is not None
        found.check_arms([sample.arm_names[code] for code in sample.arm])
        return found

    def check_arms(self, arms: Sequence[str]) -> None:
        """Refuse rows (N,) whose arms are not those that were drawn.

        Raises
        ------
        NotEstimable : a row in another arm.
        """
        expected = [number_label(self.labels[name]) for name in self.names]
        for code, arm in zip(self.codes.tolist(), arms, strict=True):
            if number_label(arm) != expected[code]:
                raise NotEstimable(
                    f"'{self.names[code]}' is in the arm '{arm}' in the data and was drawn to '{expected[code]}': the "
                    "registered draw cannot be made again on arms that it did not give"
                )

    def ways(self, allowed: Sequence[Sequence[str]], arm: str, control: str) -> FloatArray:
        """(S, G) which of these things each allowed way treats.

        Where the trial has other arms, of the ways that leave those as they were drawn.
        """
        order = sorted(self.labels)
        drawn = np.array([number_label(self.labels[name]) for name in order])
        table = np.array([[number_label(label) for label in way] for way in allowed])
        other = ~np.isin(drawn, [number_label(arm), number_label(control)])
        kept = table[(table[:, other] == drawn[other]).all(axis=1)]
        place = {name: position for position, name in enumerate(order)}
        wanted = kept[:, [place[name] for name in self.names]]
        found: FloatArray = np.equal(wanted, number_label(arm)).astype(np.float64)
        return found


def drawn_columns(periods: tuple[str, ...], days: tuple[str, ...]) -> IntArray:
    """(T,) which drawn day each period of the data is.

    By its date; or, where all periods are whole numbers, by counting the drawn days from 1.

    Raises
    ------
    NotEstimable : a period that is neither.
    """
    by_name = {name: number for number, name in enumerate(days)}
    by_number = {str(number + 1): number for number in range(len(days))}
    for known in (by_name, by_number):
        if all(number_label(name) in known for name in periods):
            return np.array([known[number_label(name)] for name in periods], dtype=np.intp)
    wrong = next((name for name in periods if number_label(name) not in by_name), periods[0])
    raise NotEstimable(
        f"the period '{wrong}' is none of the {len(days)} days that were drawn, {days[0]} to {days[-1]}: write the "
        f"days so, or number them from 1 to {len(days)}"
    )

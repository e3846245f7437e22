"""The areas that a panel may have: the codes of one vintage in a fixed order, and the force of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from centre.hub.areas import Areas
from centre.hub.panels.faults import PanelRefused

Vintage = Literal["2011", "2021"]
VINTAGES: tuple[Vintage, ...] = ("2011", "2021")


@dataclass(frozen=True)
class Places:
    """Every area of a vintage, those of one force beside each other."""

    vintage: Vintage
    codes: pa.Array
    forces: tuple[str, ...]
    starts: NDArray[np.int64]  # where each force's areas begin in `codes`
    others: frozenset[str]  # codes of the other vintage alone

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Return how many areas each force has."""
        return np.diff(np.append(self.starts, len(self)))

    def indices(self, asked: pa.Array) -> NDArray[np.int64]:
        """Return the place of each code.

        Raises
        ------
        PanelRefused : a code is of the other vintage, or none that the lookup knows.
        """
        found = pc.index_in(asked, value_set=self.codes)
        if found.null_count:
            self._refuse([str(one) for one in asked.filter(pc.is_null(found)).to_pylist()])
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)

    def _refuse(self, unknown: list[str]) -> None:
        mixed = [code for code in unknown if code in self.others]
        if mixed:
            raise PanelRefused(
                [
                    f"area {mixed[0]!r} is not of {self.vintage} ({len(mixed)} such codes here): a panel has one "
                    "vintage. Carry the others over with the lookup of areas before you send it"
                ],
                word=mixed[0],
            )
        raise PanelRefused(
            [f"area {unknown[0]!r} is not in the lookup of areas ({len(unknown)} such codes here)"],
            word=unknown[0],
        )


def places(areas: Areas, vintage: Vintage, force_of_code: Mapping[str, str]) -> Places:
    """Return the areas of a vintage, in order of their force and code.

    Parameters
    ----------
    areas : the lookup.
    force_of_code : the slug of the force of each police force area.

    Raises
    ------
    PanelRefused : the lookup does not say of every area which force it is in.
    """
    own, other = (areas.of_2011, areas.of_2021) if vintage == "2011" else (areas.of_2021, areas.of_2011)
    placed = sorted((force_of_code.get(areas.force_of(code) or "", ""), code) for code in own)
    without = [code for force, code in placed if not force]
    if not placed or without:
        raise PanelRefused(
            [
                f"the lookup of areas does not say which force {len(without):,} areas are in"
                f"{f', like {without[0]}' if without else ''}: load it with its table of districts"
            ]
        )
    forces = sorted({force for force, _ in placed})
    of_each = np.array([force for force, _ in placed])
    return Places(
        vintage=vintage,
        codes=pa.array([code for _, code in placed], pa.string()),
        forces=tuple(forces),
        starts=np.searchsorted(of_each, forces).astype(np.int64),
        others=frozenset(other - own),
    )

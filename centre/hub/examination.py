"""PURE: an archive of monthly files, read whole; its street files judged: what is found, what may be compared."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from centre.hub import outcomes, stops
from centre.hub.archives import Archive, ArchiveRefused, Member
from centre.hub.areas import Areas
from centre.hub.counts import Counts
from centre.hub.quality.checks import Series, findings
from centre.hub.quality.rules import CURRENT, Rules
from centre.hub.quality.scorecard import scorecards
from centre.hub.reading import FileRefused
from centre.hub.street.profile import Profile, hashes, profile
from centre.hub.street.reading import read

OF_ONE_FILE = 3  # problems that are told, so that every bad file is named


@dataclass(frozen=True, slots=True)
class ForceNames:
    """What a force is called in the files, and its police force area."""

    names: frozenset[str]
    pfa_code: str


@dataclass(frozen=True, slots=True)
class Examined:
    """One file that could be used: its bytes, the columns to keep, its counts, and its crimes' ids as sorted numbers.

    Stops and searches name no crime: `ids` is None.
    """

    member: Member
    content: bytes
    table: pa.Table
    profile: Profile | Counts
    ids: NDArray[np.uint64] | None


@dataclass(frozen=True, slots=True)
class Examination:
    """The series of each force's street files, the counts of its other files, and what was passed over."""

    series: tuple[Series, ...]
    passed_over: tuple[str, ...]
    others: tuple[Counts, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what was found as plain JSON values."""
        return {
            "rows": sum(one.rows for series in self.series for one in series.profiles),
            "passed_over": list(self.passed_over),
            "forces": [_judged(series) for series in self.series],
            "other_files": [asdict(one) for one in self.others],
        }


def _judged(series: Series) -> dict[str, Any]:
    found = findings(series)
    return {
        "force": series.force,
        "files": [asdict(one) for one in series.profiles],
        "findings": [one.as_json() for one in found],
        "scorecards": [one.as_json() for one in scorecards(series, found)],
    }


def examine(
    path: Path,
    *,
    name: str = "",
    areas: Areas | None = None,
    forces: Mapping[str, ForceNames] | None = None,
    rules: Rules = CURRENT,
    tell: Callable[[str], None] = lambda _: None,
    keep: Callable[[Examined], None] = lambda _: None,
) -> Examination:
    """Read every file of an archive. The memory is that of the largest file, and 8 bytes for each street row's id.

    Parameters
    ----------
    path : a folder, a zip, or a tar, packed or not, in the layout of data.police.uk; or one file of it.
    name : what the sender calls it, where the path does not say so.
    areas : the lookup of areas; without it nothing is said of vintages and of other forces' areas.
    forces : by id; without it a file may be reported by any one force.
    tell : is told of each file.
    keep : is given each file that can be used, while its columns are in memory.

    Raises
    ------
    ArchiveRefused : the archive or one of its files cannot be used; every problem names its file and line.
    """
    archive = Archive(path, name)
    profiles: dict[str, list[Profile]] = {}
    ids: dict[str, list[NDArray[np.uint64]]] = {}
    others, problems = list[Counts](), list[str]()
    for member, content in archive:
        tell(member.path)
        try:
            one = _one(member, content, areas, forces)
        except FileRefused as refusal:
            problems += [f"{member.path}: {problem}" for problem in refusal.problems[:OF_ONE_FILE]]
            continue
        keep(one)
        if isinstance(one.profile, Counts):
            others.append(one.profile)
        elif one.ids is not None:
            profiles.setdefault(member.force, []).append(one.profile)
            ids.setdefault(member.force, []).append(one.ids)
    if problems:
        raise ArchiveRefused(problems)
    return Examination(
        tuple(
            Series(force, sorted(profiles[force], key=lambda one: one.month), returned(ids[force]), rules)
            for force in sorted(profiles)
        ),
        tuple(sorted(archive.strays)),
        tuple(sorted(others, key=lambda one: (one.force, one.kind, one.month))),
    )


def _one(
    member: Member, content: bytes, areas: Areas | None, forces: Mapping[str, ForceNames] | None
) -> Examined:
    known = None if forces is None else forces.get(member.force)
    if forces is not None and known is None:
        raise FileRefused([f"no force has the id {member.force}"])
    names = known.names if known else frozenset()
    of = {"force": member.force, "month": member.month}
    if member.kind == stops.KIND:
        searched = stops.read(content, month=member.month)
        return Examined(member, content, searched.table, stops.profile(searched, **of), None)
    if member.kind == outcomes.KIND:
        lines = outcomes.read(content, month=member.month, names=names)
        return Examined(member, content, lines.table, outcomes.profile(lines, **of), np.unique(hashes(lines)))
    street = read(content, month=member.month, names=names)
    counted = profile(street, **of, areas=areas, pfa_code=known.pfa_code if known else "")
    return Examined(member, content, street.table, counted, np.unique(hashes(street)))


def returned(ids: list[NDArray[np.uint64]]) -> int:
    """Return how many ids of one file come back in a later one."""
    every = np.concatenate(ids)
    return len(every) - len(np.unique(every))

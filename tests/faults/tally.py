"""What a fault did, over all its repetitions: lost runs, double results, and how long recovery took."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

# `make faults` asks for 20; once is enough to see that a fault is still survived.
REPEATS = int(os.environ.get("FAULT_REPEATS", "1"))
FILE = Path(os.environ["FAULTS_FILE"]) if os.environ.get("FAULTS_FILE") else None

_all: "list[Tally]" = []


@dataclass(slots=True)
class Tally:
    """One fault: what was injected, what it was seen to do, and figures that no test asserts."""

    fault: str
    what: str
    aim: str
    injected: int = 0
    lost: int = 0
    doubled: int = 0
    seconds: list[float] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)

    def count(self, *, is_lost: bool, effects: int, expected: int = 1) -> None:
        """Add one run that a fault was injected into."""
        self.injected += 1
        self.lost += is_lost
        self.doubled += max(0, effects - expected)

    def assert_whole(self) -> None:
        """Fail where a run was lost or wrote twice."""
        assert self.injected
        assert (self.lost, self.doubled) == (0, 0), self

    def percentile(self, share: float) -> float | None:
        """Return the seconds that this share of the repetitions stayed within."""
        if not self.seconds:
            return None
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def as_json(self) -> dict[str, Any]:
        """Return the figures of the fault."""
        rounded = {
            name: None if value is None else round(value, 2)
            for name, value in (("p50", self.percentile(0.5)), ("p95", self.percentile(0.95)))
        }
        return {
            "fault": self.fault,
            "what": self.what,
            "aim": self.aim,
            "database": settings.TEST_DATABASE,
            "day": datetime.now(UTC).date().isoformat(),
            "injected": self.injected,
            "lost": self.lost,
            "doubled": self.doubled,
            **rounded,
            "most": round(max(self.seconds), 2) if self.seconds else None,
            "seen": self.seen,
        }


def of(fault: str, what: str, aim: str) -> Tally:
    """Begin the count of a fault."""
    tally = Tally(fault, what, aim)
    _all.append(tally)
    return tally


def lines() -> Iterator[str]:
    """Return a line for each fault, and the sums."""
    for tally in _all:
        found = tally.as_json()
        more = "".join(f"; {name} {value}" for name, value in found["seen"].items())
        yield (
            f"{found['fault']:4} {found['what']}: {found['injected']} injected, {found['lost']} lost, "
            f"{found['doubled']} double; seconds p50 {found['p50']} p95 {found['p95']} most {found['most']}{more}"
            f" (aim: {found['aim']})"
        )
    yield (
        f"all: {sum(one.injected for one in _all)} faults injected, {sum(one.lost for one in _all)} runs lost, "
        f"{sum(one.doubled for one in _all)} double results"
    )


def keep() -> None:
    """Add the figures to the file that FAULTS_FILE names."""
    if FILE is None:
        return
    with open(FILE, "a", encoding="utf-8") as file:
        file.writelines(json.dumps(one.as_json(), ensure_ascii=False) + "\n" for one in _all)


def any_counted() -> bool:
    """Return whether a fault was injected in this process."""
    return bool(_all)

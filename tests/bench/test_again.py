"""Every estimator by every covariance, made again: to the bit in another process, within 1e-9 on more threads."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.bench
CLOSE = 1e-9


def made(*sent: str, threads: int = 1) -> dict[str, Any]:
    environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))}
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.again", *sent]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, timeout=300)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def distances(one: Any, other: Any, place: str) -> Iterator[tuple[float, str]]:
    """Give how far two documents are apart, number by number; what is no number is the same or endlessly far."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for name in one:
            yield from distances(one[name], other[name], f"{place}/{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from distances(left, right, f"{place}/{number}")
    elif isinstance(one, float) and isinstance(other, float):
        yield abs(one - other) / max(abs(one), abs(other), 1e-12), place
    else:
        yield (0.0 if one == other else math.inf), place


def test_a_run_again_is_the_same() -> None:
    first = made()
    estimates = {name for name, found in first.items() if isinstance(found, dict) and found["status"] == "ok"}
    assert len(estimates) >= 100
    assert len({name.partition(",")[0] for name in estimates}) == 22
    for _ in range(2):
        assert json.dumps(made()) == json.dumps(first)
    print(f"{len(estimates)} estimates of 22 estimators: the same to the bit in 3 processes")
    for what, other in (("2 threads", made(threads=2)), ("rows in another order", made("shuffled"))):
        found = sorted(
            (far for name in estimates for far in distances(first[name], other[name], name)), reverse=True
        )
        print(
            f"{what}: {sum(far > 0 for far, _ in found):,} of {len(found):,} values differ; most: {found[:3]}"
        )
        beyond = [(far, place) for far, place in found if far > CLOSE]
        assert not beyond, f"{what}: {beyond[:10]}"

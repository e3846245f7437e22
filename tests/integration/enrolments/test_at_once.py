"""Many enrol at once: no case twice, no place twice, the chain whole, the blocks balanced. On both databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from centre import audit
from experiments.actions import enrolments
from experiments.actions.enrolments import AlreadyEnrolled
from experiments.analysis.evidence import verifies
from experiments.models import Enrolment
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
N, CALLERS = 24, 6


def together(act: Any, items: Any) -> list[Any]:
    def one(item: Any) -> Any:
        try:
            return act(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(one, items))


@pytest.mark.parametrize("method", ["permuted_blocks", "minimisation"])
def test_different_cases_at_once(cast: Any, method: str) -> None:
    trial = trickle.opened(cast, method)
    together(
        lambda place: enrolments.enrol(
            trial=trial, asked=trickle.asked(f"C{place}", place=place), by=cast.force_user
        ),
        range(N),
    )
    allocation = stages.fresh(trial).allocation
    rows = list(allocation.enrolments.for_list().order_by("position"))
    assert [row.position for row in rows] == list(range(1, N + 1))
    assert len({row.unit.code for row in rows}) == N
    assert verifies(allocation)
    assert audit.verify().holds
    if method == "permuted_blocks":
        sizes = {
            (r.assignment.stratum, r.assignment.record["block"]): r.assignment.record["block_size"]
            for r in rows
        }
        for block, size in sizes.items():
            arms = Counter(
                r.assignment.arm
                for r in rows
                if (r.assignment.stratum, r.assignment.record["block"]) == block
            )
            if arms.total() == size:
                assert set(arms.values()) == {size // 2}


def test_one_case_at_once(cast: Any) -> None:
    trial = trickle.opened(cast)

    def enrol(key: str) -> Any:
        try:
            asked = trickle.asked("C1", key=key)
            return enrolments.enrol(trial=trial, asked=asked, by=cast.force_user).enrolment.pk
        except AlreadyEnrolled:
            return None

    same = together(enrol, ["one key"] * CALLERS)
    assert len(set(same)) == 1
    others = together(enrol, [f"key {place}" for place in range(CALLERS)])
    assert set(others) == {None}
    assert Enrolment.objects.count() == 1

"""What the time of an answer gives away: a hidden trial beside a missing one, a known address beside an unknown one.

Figures for docs/assurance.md (goals S6 and S7). Pairs are asked in turn, first the one and then the other by a fixed
coin, so that a slower minute of the machine falls on both.
"""

import random
import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse
from scipy.stats import ks_2samp

from centre.models import AuditEvent, User
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.bench, pytest.mark.django_db]
PAIRS = 500


def timed(ask: Callable[[], Any]) -> float:
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000


def pairs(one: Callable[[], Any], other: Callable[[], Any], count: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of `count` answers of each kind."""
    coin, found = random.Random(1), ([], [])  # type: ignore[var-annotated]
    for _ in range(20):  # warm
        one(), other()
    for _ in range(count):
        for place in (0, 1) if coin.random() < 0.5 else (1, 0):
            found[place].append(timed((one, other)[place]))
    return found


@pytest.mark.parametrize("name", ["trial-detail", "api-trial"])
def test_a_hidden_trial_answers_as_fast_as_none(cast: Any, unlimited: None, name: str) -> None:
    hidden, missing = (
        reverse(name, args=[stages.draft(cast).public_id]),
        reverse(name, args=[uuid.UUID(int=4)]),
    )
    client = Client()
    known, unknown = pairs(lambda: client.get(hidden), lambda: client.get(missing), PAIRS)
    test = ks_2samp(known, unknown)
    print(
        f"\n{name}: hidden {statistics.median(known):.2f} ms, missing {statistics.median(unknown):.2f} ms, "
        f"KS D {test.statistic:.3f}, p {test.pvalue:.3f} over {PAIRS} pairs"
    )
    assert client.get(hidden).status_code == client.get(missing).status_code == 404


def test_an_unknown_address_is_refused_as_fast_as_a_known_one(settings: Any, registrar: User) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # as in production
    User.objects.filter(pk=registrar.pk).update(password=make_password("a password of a hundred letters"))
    client = Client()

    def tried(address: str) -> None:
        client.post(reverse("sign-in"), {"username": address, "password": "wrong"})

    count = PAIRS // 2  # each hashes a password, a quarter of a second
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("centre.accounts.tries.OF_ONE", 10**6)
        patch.setattr("centre.accounts.tries.OF_A_PLACE", 10**6)
        known, unknown = pairs(lambda: tried(registrar.email), lambda: tried("nobody@test.example"), count)
    difference = abs(statistics.median(known) - statistics.median(unknown))
    # What a busy machine does to one falls on the other of its pair: this figure needs fewer pairs to be a small one.
    within = abs(statistics.median(one - other for one, other in zip(known, unknown, strict=True)))
    print(
        f"\nsign-in: known {statistics.median(known):.1f} ms, unknown {statistics.median(unknown):.1f} ms, "
        f"difference of medians {difference:.2f} ms, median difference of a pair {within:.2f} ms over {count} pairs"
    )
    assert AuditEvent.objects.filter(event="sign-in.refused").count() >= 2 * count

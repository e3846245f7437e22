"""Every pair of people tries to clear a release, by the actions and past them: what is published had two who may."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from centre.errors import Refusal
from experiments.actions import factual_checks, releases
from experiments.models import FileDecision, Release, ReleaseCheck
from tests.conftest import CAST
from tests.integration.experiments_pages import stages

pytestmark = [pytest.mark.django_db, pytest.mark.bench]
REFUSED = (Refusal, DatabaseError)


def by_action(release: Release, checker: Any) -> None:
    releases.clear(release=release, by=checker)


def past_the_action(release: Release, checker: Any) -> None:
    """Write the rows that the action would write, whoever it is."""
    made = ReleaseCheck.objects.create(
        release=release, checker=checker, decision=ReleaseCheck.Decision.CLEAR, at=timezone.now()
    )
    FileDecision.objects.bulk_create(
        FileDecision(release_check=made, file=file, decision=ReleaseCheck.Decision.CLEAR)
        for file in release.files.all()
    )


def published_by_action(release: Release, cast: Any) -> None:
    factual_checks.record(release=release, by=cast.force_user)
    releases.publish(release=Release.objects.get(pk=release.pk), by=cast.publisher)


def published_past_the_action(release: Release, cast: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE experiments_release SET published_at = %s, published_by_id = %s WHERE id = %s",
            [timezone.now(), cast.publisher.pk, release.pk],
        )


WAYS: dict[str, tuple[Callable[[Release, Any], None], Callable[[Release, Any], None]]] = {
    "actions": (by_action, published_by_action),
    "rows": (past_the_action, published_past_the_action),
    "actions, then SQL": (by_action, published_past_the_action),
}


def tried(act: Callable[..., None], *given: Any) -> bool:
    """Return whether it was done; what is refused leaves nothing."""
    try:
        with transaction.atomic():
            act(*given)
    except REFUSED:
        return False
    return True


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_published_that_two_who_may_did_not_clear(cast: Any, way: str) -> None:
    release = stages.prepared(cast)
    check, publish = WAYS[way]
    n_tried, cleared_by = 0, set()
    for first in CAST:
        for second in CAST:
            with transaction.atomic():
                for name in (first, second):
                    tried(check, release, getattr(cast, name))
                done = tried(publish, Release.objects.get(pk=release.pk), cast)
                n_tried += 1
                if done:
                    cleared_by.add((first, second))
                    checks = list(release.checks.all())
                    assert len({one.checker_id for one in checks}) >= 2, (first, second)
                    assert not any(releases.is_own(release, one.checker) for one in checks), (first, second)
                transaction.set_rollback(True)
    print(f"{way}: {n_tried} pairs tried, {len(cleared_by)} published, all by two who are not its author")
    assert {("checker", "second_checker"), ("second_checker", "checker")} <= cleared_by
    # The database knows no roles: past the action it takes any two who are not the author, nor publish themselves.
    assert len(cleared_by) == (90 if way == "rows" else 2), cleared_by

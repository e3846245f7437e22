"""The shelf in memory is never behind the database, whoever writes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from centre.models import Force
from tactics import shelving
from tactics.actions import ratings, registry, tactics
from tactics.actions.tactics import details_of
from tactics.models import Tactic
from tests.integration.tactics.library import candidate, details, found, proposed, published, signed

pytestmark = pytest.mark.django_db


def counts(name: str) -> dict[str, int]:
    shelf = shelving.public_shelf()
    return shelf.counts(name, shelf.everything)


def test_every_act_is_on_the_shelf_at_once(cast: Any) -> None:
    draft = proposed(cast.registrar, "Visits")
    assert len(shelving.public_shelf()) == 0
    tactic = tactics.publish(tactic=draft, by=cast.registrar)
    assert counts("problem") == {"burglary": 1, "repeat-victims": 1}
    assert counts("tested") == {"none": 1}
    registry.note_trial(tactic=tactic, trial_number="CPP-2026-0009-0", state="running", by=cast.registrar)
    assert counts("tested") == {"now": 1}
    found(tactic, cast.publisher)
    assert counts("label") == {"being_tested": 1}
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    assert counts("label") == {"promising": 1}
    tactic.refresh_from_db()
    changed = details("Visits", problems=("fraud",), cost_band=5)
    tactics.edit(tactic=tactic, details=changed, version=tactic.version, by=cast.registrar)
    assert counts("problem") == {"fraud": 1}
    assert counts("cost") == {"5": 1}


def test_a_write_past_the_actions_is_seen_too(cast: Any) -> None:
    tactic = published(cast.registrar)
    assert counts("region") == {}
    force = Force.objects.exclude(region="").first()
    assert force is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tactics_tactic SET force_id = %s WHERE id = %s", [force.pk, tactic.pk])
    assert counts("region") == {force.region: 1}


def test_nothing_is_read_again_while_nothing_changes(
    cast: Any, django_assert_num_queries: Callable[..., Any]
) -> None:
    published(cast.registrar)
    shelf = shelving.public_shelf()
    with django_assert_num_queries(1):
        assert shelving.public_shelf() is shelf


def test_each_sees_what_they_may_know_of(cast: Any) -> None:
    published(cast.registrar, "Public")
    proposed(cast.force_user, "A draft of a force")
    seen = {
        person: len(shelving.shelf_for(getattr(cast, person)))
        for person in ("anonymous", "registrar", "force_user", "other_force_user")
    }
    assert seen == {"anonymous": 1, "registrar": 2, "force_user": 2, "other_force_user": 1}


def test_a_rating_that_is_only_a_candidate_is_not_on_it(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    before = counts("label")
    ratings.propose(tactic=tactic, outcome_domain=tactic.main_outcome, by=cast.registrar)
    assert counts("label") == before
    assert details_of(Tactic.objects.get(pk=tactic.pk)).name == tactic.name

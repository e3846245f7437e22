"""The shelf in memory is never behind the database, whoever writes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from centre.models import Force
from tactics import shelving
from tactics.actions import ratings, registry, tactics
from tactics.actions.tactics import details_of
from tactics.corrections import understood
from tactics.models import CitedEvidence, Tactic, TransparencyDraft
from tactics.searching import Form, Sought
from tests.conftest import make_force
from tests.integration.tactics.library import candidate, details, found, proposed, published, signed

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def counts(name: str) -> dict[str, int]:
    shelf = shelving.memory().public
    return shelf.counts(name, shelf.everything)


def test_every_act_is_on_the_shelf_at_once(cast: Any) -> None:
    draft = proposed(cast.registrar, "Visits")
    assert len(shelving.memory().public) == 0
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
    shelf = shelving.memory().public
    with django_assert_num_queries(1):
        assert shelving.memory().public is shelf


def test_each_sees_what_they_may_know_of(cast: Any) -> None:
    published(cast.registrar, "Public")
    proposed(cast.force_user, "A draft of a force")
    seen = {
        person: len(shelving.memory().shelf_for(getattr(cast, person)))
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


def _cited(tactic: Any) -> None:
    CitedEvidence.objects.create(
        key="a-review", tactic=tactic, kind=CitedEvidence.Kind.REVIEW, outcome="burglary", says="It may work",
        citation="A. Author (2020)", recorded_at=tactic.proposed_at, recorded_by=tactic.proposed_by,
    )  # fmt: skip


def _written(table: str, column: str, value: Any, key: int) -> None:
    with connection.cursor() as cursor:
        # Names of tables and columns are written in this file.
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, key])


def _force_named(tactic: Any) -> None:
    _written("centre_force", "name", "Newly named police", tactic.force_id)


def _domain_named(tactic: Any) -> None:
    _written("tactics_outcomedomain", "name", "Newly named outcome", tactic.main_outcome_id)


def _draft_of_record(tactic: Any) -> None:
    _written("tactics_tactic", "uses_ai", True, tactic.pk)
    shelving.memory().cards([tactic.pk])
    TransparencyDraft.objects.create(
        tactic=tactic,
        standard_version="3.0",
        answers={},
        sent_at=tactic.proposed_at,
        sent_by=tactic.proposed_by,
    )


@pytest.mark.parametrize(
    ("change", "then_says"),
    [
        (_cited, "reviews elsewhere are cited"),
        (_force_named, "Newly named police"),
        (_domain_named, "Newly named outcome"),
        (_draft_of_record, "has been sent and waits"),
    ],
)
def test_a_card_follows_what_stands_beside_the_tactic(cast: Any, change: Any, then_says: str) -> None:
    tactic = published(cast.registrar)
    if change is _domain_named:
        found(tactic, cast.publisher)
        signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    _written("tactics_tactic", "force_id", make_force("testshire").pk, tactic.pk)
    tactic.refresh_from_db()
    (before,) = shelving.memory().cards([tactic.pk])
    assert then_says not in before.html
    change(tactic)
    (after,) = shelving.memory().cards([tactic.pk])
    assert then_says in after.html


def test_a_card_is_drawn_once_between_two_changes(
    cast: Any, django_assert_num_queries: Callable[..., Any]
) -> None:
    tactic = published(cast.registrar)
    (card,) = shelving.memory().cards([tactic.pk])
    with django_assert_num_queries(1):
        assert shelving.memory().cards([tactic.pk]) == [card]


def test_words_are_looked_for_once_between_two_changes(
    cast: Any, django_assert_num_queries: Callable[..., Any]
) -> None:
    published(cast.registrar, "Visits")
    sought = understood("visits", Tactic.objects.published()).sought
    first = shelving.memory().hits(sought)
    with django_assert_num_queries(1):
        again = shelving.memory().hits(sought)
    assert [one.keys.tolist() for one in again] == [one.keys.tolist() for one in first]
    other = published(cast.registrar, "More visits")
    (now,) = shelving.memory().hits(sought)
    assert other.pk in now.keys


def test_what_is_looked_for_is_remembered_up_to_a_number(cast: Any, monkeypatch: Any) -> None:
    published(cast.registrar, "Visits")
    monkeypatch.setattr(shelving, "MOST_SAID", 2)
    memory = shelving.memory()
    for word in ("one", "two", "three", "visits"):
        memory.hits([Sought(word, (Form(word, (word,)),))])
    assert len(memory._said) <= 2

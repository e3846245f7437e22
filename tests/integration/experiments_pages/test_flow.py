"""The CONSORT flow: each step shows when it has come, and an arm's count only to those who may know it."""

from typing import Any

import pytest

from experiments.actions import allocations
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, status, words

pytestmark = pytest.mark.django_db


def test_before_the_list_nothing_is_counted_but_the_plan(cast: Any, client: Any) -> None:
    text = words(client.get(address(stages.registered(cast), "trial-flow")))
    assert "The list of units is not frozen yet" in text
    assert "Not drawn yet" in text
    assert "No result has been published yet" in text


def test_arms_are_counted_for_the_custodian_first_and_for_all_after_the_reveal(
    cast: Any, sign_in: Any, client: Any
) -> None:
    trial = stages.locked(cast)
    arm = trial.allocation.assignments.values_list("arm", flat=True)[0]
    name = {one.id: one.label for one in trial.registration.frozen_protocol.arms}[arm]
    hidden = "How many are in each arm is shown when the seed is revealed"
    for person in (None, cast.analyst, cast.force_user, cast.registrar):
        page = (sign_in(person) if person else client).get(address(trial, "trial-flow"))
        assert hidden in words(page)
        assert "app-flow__arm" not in page.content.decode()
    half = f"{stages.N_UNITS // 2} units"
    assert f"{name} {half}" in words(sign_in(cast.custodian).get(address(trial, "trial-flow")))
    allocations.reveal(trial=trial, by=cast.custodian)
    assert f"{name} {half}" in words(client.get(address(trial, "trial-flow")))


def test_published_estimates_tell_the_units_behind_them(cast: Any, client: Any) -> None:
    release = stages.published(cast)
    text = words(client.get(address(release.trial, "trial-flow")))
    row = release.estimates["H1"]
    name = release.trial.registration.frozen_protocol.outcome_of_column(row["outcome"]).name
    assert f"H1 {name} {row['n_units']}" in text


def test_a_draft_has_a_flow_for_its_team_only(cast: Any, sign_in: Any, client: Any) -> None:
    trial = stages.draft(cast)
    assert status(client, address(trial, "trial-flow")) == 404
    assert "The list of units is not frozen yet" in words(
        sign_in(cast.force_user).get(address(trial, "trial-flow"))
    )

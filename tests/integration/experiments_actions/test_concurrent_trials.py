"""A trial in the same places is named by a number that the registry knows."""

from typing import Any

import pytest

from centre.errors import Invalid
from experiments import protocol
from experiments.actions import amendments, trials
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db
UNKNOWN = protocol.trial_number(2026, 9_999)


def test_a_draft_names_trials_that_exist(cast: Any) -> None:
    other, trial = stages.registered(cast), stages.empty(cast)

    def name(number: str) -> Any:
        document = {**protocol.to_json(trial.draft), "design": {"concurrent_trials": [number]}}
        return trials.save(trial=trial, document=document, edition=1, by=cast.force_user)

    with pytest.raises(Invalid) as refusal:
        name(UNKNOWN)
    [found] = refusal.value.problems
    assert found.pointer == "/design/concurrent_trials/0"
    assert found.message == f"There is no trial with the number {UNKNOWN}"
    assert name(other.number).draft.design.concurrent_trials == (other.number,)


def test_an_amendment_names_trials_that_exist(cast: Any) -> None:
    trial = stages.registered(cast)
    document = protocol.to_json(trial.draft)
    document["design"]["concurrent_trials"] = [UNKNOWN]
    with pytest.raises(Invalid) as refusal:
        amendments.propose(
            trial=trial, document=document, reason_code="error", reason="It was left out.", by=cast.force_user
        )
    assert [one.pointer for one in refusal.value.problems] == ["/design/concurrent_trials/0"]

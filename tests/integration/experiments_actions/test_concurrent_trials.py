"""A trial in the same places, or one that came before, is named by a number that the registry knows."""

from typing import Any

import pytest

from centre.errors import Invalid
from experiments import protocol
from experiments.actions import amendments, trials
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db
UNKNOWN = protocol.trial_number(2026, 9_999)


NAMED = pytest.mark.parametrize(
    ("section", "field"), [("design", "concurrent_trials"), ("problem", "follows_trials")]
)


@NAMED
def test_a_draft_names_trials_that_exist(cast: Any, section: str, field: str) -> None:
    other, trial = stages.registered(cast), stages.empty(cast)

    def name(number: str) -> Any:
        document = {**protocol.to_json(trial.draft), section: {field: [number]}}
        return trials.save(trial=trial, document=document, edition=1, by=cast.force_user)

    with pytest.raises(Invalid) as refusal:
        name(UNKNOWN)
    [found] = refusal.value.problems
    assert found.pointer == f"/{section}/{field}/0"
    assert found.message == f"There is no trial with the number {UNKNOWN}"
    assert getattr(getattr(name(other.number).draft, section), field) == (other.number,)


@NAMED
def test_an_amendment_names_trials_that_exist(cast: Any, section: str, field: str) -> None:
    trial = stages.registered(cast)
    document = protocol.to_json(trial.draft)
    document[section][field] = [UNKNOWN]
    with pytest.raises(Invalid) as refusal:
        amendments.propose(
            trial=trial, document=document, reason_code="error", reason="It was left out.", by=cast.force_user
        )
    assert [one.pointer for one in refusal.value.problems] == [f"/{section}/{field}/0"]

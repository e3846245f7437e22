"""A question that is asked since the registration does not stand in the way of an amendment."""

from copy import deepcopy
from typing import Any

import pytest

from experiments import protocol
from experiments.actions import amendments, trials
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db


def test_what_was_never_asked_may_stay_open_and_what_was_answered_may_not_go(cast: Any) -> None:
    trial = stages.draft(cast)
    document = deepcopy(trial.protocol)
    document["allocation"]["custodian"] = ""
    trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=cast.force_user)
    with pytest.MonkeyPatch.context() as earlier:
        earlier.setattr(protocol, "gaps", lambda read: [])
        trial = stages.registered_as_it_is(cast, trial)
    assert protocol.gaps(trial.registration.frozen_protocol)

    document["ethics"]["legal_power"] = {}
    reason = {"reason_code": "error", "reason": "The power was wrong.", "by": cast.force_user}
    with pytest.raises(trials.ProtocolIncomplete) as refusal:
        amendments.propose(trial=trial, document=document, **reason)
    assert [problem.pointer for problem in refusal.value.problems] == ["/ethics/legal_power"]

    document["ethics"]["legal_power"] = {"text": "Common law"}
    amendments.propose(trial=trial, document=document, **reason)
    assert stages.fresh(trial).registration.version == "1.1"

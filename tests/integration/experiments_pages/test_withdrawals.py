"""A registration is taken back by three people, before anything began; what it was stays public."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from centre.errors import Conflict, NotPermitted
from centre.models import Membership, User
from experiments.actions import conduct, withdrawals
from experiments.lifecycle import TransitionRefused
from experiments.models import Withdrawal
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, summary, words

pytestmark = pytest.mark.django_db
REASON = {"reason": "The force left."}


def test_the_team_asks_and_two_approve(cast: Any, sign_in: Any, client: Any) -> None:
    trial = stages.registered(cast)
    url = address(trial, "trial-withdraw")
    team, registrar, director = (sign_in(one) for one in (cast.force_user, cast.registrar, cast.director))
    empty = team.post(url, {"reason": " "})
    assert (empty.status_code, "Say why" in summary(empty)) == (422, True)
    assert team.post(url, REASON).status_code == 302
    assert stages.fresh(trial).registration_state == "registered"
    assert team.post(url, REASON).status_code == 409, "one request at a time"
    assert "Answer the request to withdraw" in words(registrar.get(address(trial)))
    assert "The force left." in words(director.get(url))
    assert registrar.post(url, {"decision": "approve"}).status_code == 302
    assert registrar.post(url, {"decision": "approve"}).status_code == 403, "the same person"
    assert stages.fresh(trial).registration_state == "registered"
    assert director.post(url, {"decision": "approve"}).status_code == 302
    trial = stages.fresh(trial)
    assert (trial.registration_state, trial.conduct_state) == ("withdrawn", "never_started")
    page = words(client.get(address(trial)))
    kept = ("Withdrawn", "The force left.", trial.number, trial.title, trial.registration.sha256)
    for one in kept:
        assert one in page, one


def test_a_refusal_keeps_the_registration(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    withdrawals.request(trial=trial, reason="Too busy.", by=cast.force_user)
    url = address(trial, "trial-withdraw")
    silent = sign_in(cast.director).post(url, {"decision": "refuse", "reason": " "})
    assert (silent.status_code, "Say why it is refused" in summary(silent)) == (422, True)
    assert sign_in(cast.director).post(url, {"decision": "refuse", "reason": "Wait."}).status_code == 302
    assert stages.fresh(trial).registration_state == "registered"
    assert "Wait." in words(sign_in(cast.force_user).get(url))
    withdrawals.request(trial=trial, reason="Still too busy.", by=cast.force_user)


def test_the_director_alone_can_force_it(cast: Any) -> None:
    trial = stages.registered(cast)
    withdrawals.request(trial=trial, reason="Too busy.", by=cast.force_user)
    withdrawals.force(trial=trial, reason="The legal ground fell away.", by=cast.director)
    trial = stages.fresh(trial)
    assert trial.registration_state == "withdrawn"
    assert trial.state_reason == "The legal ground fell away."
    assert [one.is_forced for one in trial.withdrawals.all()] == [True, False]
    with pytest.raises(NotPermitted):
        withdrawals.force(trial=trial, reason="x", by=cast.registrar)


def test_who_asks_does_not_approve(cast: Any) -> None:
    trial = stages.registered(cast)
    Membership.objects.create(user=cast.registrar, role="director")
    both = User.objects.get(pk=cast.registrar.pk)
    withdrawals.request(trial=trial, reason="Too busy.", by=both)
    with pytest.raises(NotPermitted, match="A second person must clear this"):
        withdrawals.approve(trial=trial, by=both)
    with pytest.raises(NotPermitted):
        withdrawals.approve(trial=trial, by=cast.force_user)
    for post in ("manager", "director"):
        asked = Withdrawal.objects.get()
        setattr(asked, f"{post}_by", both)
        setattr(asked, f"{post}_at", timezone.now())
        with pytest.raises(DatabaseError), transaction.atomic():
            asked.save(update_fields=[f"{post}_by", f"{post}_at"])


def test_a_trial_that_has_begun_is_not_withdrawn(cast: Any, sign_in: Any) -> None:
    trial = stages.baseline(cast)
    response = sign_in(cast.director).post(address(trial, "trial-withdraw"), {"reason": "Too late."})
    assert response.status_code == 409
    assert "it can be terminated, not withdrawn" in summary(response)
    assert "Too late." in response.content.decode()
    with pytest.raises(TransitionRefused, match="terminated, not withdrawn"):
        withdrawals.request(trial=trial, reason="Too late.", by=cast.force_user)


def test_a_request_that_the_trial_overtook_is_not_carried_out(cast: Any) -> None:
    trial = stages.registered(cast)
    withdrawals.request(trial=trial, reason="Too busy.", by=cast.force_user)
    withdrawals.approve(trial=trial, by=cast.registrar)
    conduct.advance(trial=trial, to="baseline", by=cast.registrar)
    with pytest.raises(Conflict, match="terminated, not withdrawn"):
        withdrawals.approve(trial=trial, by=cast.director)
    assert stages.fresh(trial).registration_state == "registered"

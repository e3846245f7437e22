"""Before what cannot be undone a person says again who they are, and loses nothing that they typed."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from centre.accounts import tries
from centre.models import ApiToken, AuditEvent
from experiments.actions import amendments
from experiments.models import Trial
from tactics.models import Rating
from tests.conftest import PASSWORD
from tests.integration.accounts import enrolled
from tests.integration.experiments_pages import stages
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db
STALE = 301  # seconds
ASKED = "Confirm that it is you"


@pytest.fixture
def waiting(cast: SimpleNamespace) -> Trial:
    return stages.approved(cast)


def events(name: str) -> int:
    return AuditEvent.objects.filter(event=name).count()


def test_registering_asks_keeps_what_was_typed_and_goes_on(waiting: Trial, cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.registrar)
    address = reverse("trial-register", args=[waiting.ref])
    with time_machine.travel(time.time() + STALE, tick=True):
        asked = client.post(address, {"confirm": "register"})
        assert asked.status_code == 403
        page = asked.content.decode()
        assert f'<h1 class="govuk-heading-l">{ASKED}' in page
        assert '<input type="hidden" name="confirm" value="register">' in page
        assert "unsafe" not in asked["Content-Security-Policy"]
        assert not stages.fresh(waiting).number

        wrong = client.post(address, {"confirm": "register", "again_password": "not this"})
        assert (wrong.status_code, events("confirmation.refused")) == (422, 1)
        assert '<input type="hidden" name="confirm" value="register">' in wrong.content.decode()
        assert "not this" not in wrong.content.decode()

        assert client.post(address, {"confirm": "register", "again_password": PASSWORD}).status_code == 302
    assert stages.fresh(waiting).number
    assert AuditEvent.objects.get(event="person.confirmed").detail == {"with": "password"}
    assert AuditEvent.objects.filter(event="request.refused", detail__code="confirm_first").count() == 2


def test_a_form_with_a_mistake_is_answered_before_anybody_is_asked(
    waiting: Trial, cast: Any, sign_in: Any
) -> None:
    client = sign_in(cast.registrar)
    with time_machine.travel(time.time() + STALE, tick=True):
        answer = client.post(reverse("trial-register", args=[waiting.ref]), {"confirm": "regster"})
    assert answer.status_code == 422
    assert ASKED not in answer.content.decode()


def test_who_has_just_signed_in_is_not_asked(waiting: Trial, cast: Any, sign_in: Any) -> None:
    answer = sign_in(cast.registrar).post(
        reverse("trial-register", args=[waiting.ref]), {"confirm": "register"}
    )
    assert answer.status_code == 302


def test_a_code_confirms_once_and_guessing_ends(
    waiting: Trial, cast: Any, sign_in: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(tries, "OF_ONE", 1)
    spare = enrolled.with_app(cast.registrar)
    client, address = sign_in(cast.registrar), reverse("trial-register", args=[waiting.ref])
    with time_machine.travel(time.time() + STALE, tick=True):
        assert client.post(address, {"confirm": "register", "again_code": "1"}).status_code == 422
        over = client.post(address, {"confirm": "register", "again_code": spare[0]})
        assert (over.status_code, over["Retry-After"]) == (429, "900")
        monkeypatch.setattr(tries, "OF_ONE", 10)
        assert client.post(address, {"confirm": "register", "again_code": spare[0]}).status_code == 302
    assert AuditEvent.objects.get(event="person.confirmed").detail == {"with": "code"}


def test_every_act_that_cannot_be_undone_asks(cast: Any, sign_in: Any) -> None:
    """Whatever comes of the act: it is asked before, and not where the sign-in is new."""
    release = stages.prepared(cast)
    trial = release.trial
    library.found(trial.tactic, cast.publisher)
    rating = Rating.objects.candidates().filter(tactic=trial.tactic).first()
    acts = [
        (cast.custodian, reverse("trial-allocation-reveal", args=[trial.ref]), {"confirm": "reveal"}),
        (
            cast.publisher,
            reverse("release-publish", args=[trial.ref, release.public_id]),
            {"confirm": "publish"},
        ),
        (cast.reviewer, reverse("rating-sign", args=[rating.pk]), {"agree": "yes"}),
        (cast.reviewer, reverse("trial-amend-decide", args=[trial.ref]), {"decision": "approve"}),
    ]
    why = {"reason_code": "error", "reason": "Typed wrongly.", "by": cast.force_user}
    document = stages.amended(trial)
    document["analysis_plan"]["alpha"] = 0.01
    amendments.propose(trial=trial, document=document, **why)
    for person, address, sent in acts:
        client = sign_in(person)
        with time_machine.travel(time.time() + STALE, tick=True):
            asked = client.post(address, sent)
            assert (asked.status_code, ASKED in asked.content.decode()) == (403, True), address
        assert ASKED not in sign_in(person).post(address, sent).content.decode(), address


def test_who_may_not_do_it_is_not_asked(waiting: Trial, cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.researcher)
    with time_machine.travel(time.time() + STALE, tick=True):
        answer = client.post(reverse("trial-register", args=[waiting.ref]), {"confirm": "register"})
    assert answer.status_code == 404


def test_without_a_password_and_a_factor_the_page_says_what_to_do(
    waiting: Trial, cast: Any, sign_in: Any
) -> None:
    cast.registrar.set_unusable_password()
    cast.registrar.save()
    client = sign_in(cast.registrar)
    with time_machine.travel(time.time() + STALE, tick=True):
        answer = client.post(reverse("trial-register", args=[waiting.ref]), {"confirm": "register"})
    assert answer.status_code == 403
    assert "sign in again through your organisation" in answer.content.decode()


def test_a_key_of_the_api_asks_who_makes_it(analyst: Any, sign_in: Any) -> None:
    client, sent = sign_in(analyst), {"name": "laptop", "scope": "read", "days": "7"}
    with time_machine.travel(time.time() + STALE, tick=True):
        asked = client.post("/tokens/", sent)
        assert (asked.status_code, ASKED in asked.content.decode()) == (403, True)
        assert not ApiToken.objects.exists()
        made = client.post("/tokens/", {**sent, "again_password": PASSWORD})
        assert (made.status_code, "treg_" in made.content.decode()) == (200, True)

"""Cases one by one by the API: an arm for each key, problems by their field, own cases only."""

from typing import Any

import pytest

from experiments.models import Enrolment, Override
from tests.conftest import CAST
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


def body(case: str = "C1", **changes: Any) -> dict[str, Any]:
    levels = {"sex": "female", "area": "north"}
    return {"case": case, **trickle.SENT, "levels": levels, **changes}


def enrol(caller: Any, trial: Any, key: str = "k1", **sent: Any) -> Any:
    return caller.post(f"trials/{trial.number}/enrolments/", body(**sent), Idempotency_Key=key)


def test_an_enrolment_answers_with_the_arm(cast: Any, call_as: Any) -> None:
    trial, caller = trickle.opened(cast), call_as(cast.force_user)
    answer = enrol(caller, trial)
    assert answer.status_code == 201
    found, made = answer.json(), Enrolment.objects.get()
    assert found == {
        "id": str(made.public_id),
        "trial": trial.number,
        "case": "C1",
        "force": "testshire",
        "arm": made.assignment.arm,
        "levels": {"sex": "female", "area": "north"},
        "protocol_version": "1.0",
        "confirmed_at": found["confirmed_at"],
        "latency_ms": made.latency_ms,
        "overrides": [],
    }
    assert (made.source, made.source_ip, made.key) == ("api", "127.0.0.1", "k1")
    assert caller.client.get(answer["Location"], headers=caller.headers).json() == found


def test_the_same_key_answers_the_same_and_acts_once(cast: Any, call_as: Any) -> None:
    trial, caller = trickle.opened(cast), call_as(cast.force_user)
    first, again = enrol(caller, trial), enrol(caller, trial)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert (first.has_header("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (False, "true")
    reused = enrol(caller, trial, case="C2")
    assert (reused.status_code, reused["Content-Type"]) == (422, PROBLEM)
    twice = enrol(caller, trial, key="k2")
    assert (twice.status_code, twice["Content-Type"]) == (409, PROBLEM)
    assert twice.json()["detail"].startswith("Case C1 was enrolled on ")
    assert Enrolment.objects.count() == 1


def test_a_key_is_needed(cast: Any, call_as: Any) -> None:
    trial, caller = trickle.opened(cast), call_as(cast.force_user)
    answer = caller.post(f"trials/{trial.number}/enrolments/", body())
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert "Send a key" in answer.content.decode()
    assert enrol(caller, trial, key="a b").status_code == 400
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "pointer", "message"),
    [
        ({"include": [True, False]}, "/include/1", "Not eligible"),
        ({"include": [True]}, "/include", "The protocol has 2 conditions here; answer each, in order"),
        ({"include": "yes"}, "/include", "list"),
        ({"exclude": [True]}, "/exclude/0", "Not eligible"),
        ({"levels": {}}, "/levels/sex", "Choose the level of “sex”"),
        ({"levels": {"sex": "female", "area": 3}}, "/levels/area", "Send text, in quotes"),
        ({"case": ""}, "/case", ""),
        ({"case": "jo@example.org"}, "/case", "This looks like personal data"),
        ({"arm": "treatment"}, "/arm", "Unknown field 'arm'"),
        ({"force": "otherton"}, "/force", "Say which of your forces"),
    ],
)
def test_what_is_wrong_is_named(
    cast: Any, call_as: Any, changes: dict[str, Any], pointer: str, message: str
) -> None:
    trial = trickle.opened(cast)
    answer = enrol(call_as(cast.force_user), trial, **changes)
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    found = {one["pointer"]: one["message"] for one in answer.json()["errors"]}
    assert message in found[pointer], found
    assert not Enrolment.objects.exists()


def test_every_role_gets_what_it_may(cast: Any, call_as: Any, public: Any) -> None:
    trial = trickle.opened(cast)
    trickle.enrolled(trial, cast.force_user, 2)
    place = Enrolment.objects.first().public_id
    for name in CAST:
        caller = call_as(getattr(cast, name))
        codes = (
            caller.get(f"trials/{trial.number}/enrolments/").status_code,
            enrol(caller, trial, case=f"of {name}").status_code,
            caller.get(f"enrolments/{place}/").status_code,
            caller.post(f"enrolments/{place}/overrides/", {"delivered": "", "reason": "safety"}).status_code,
        )
        outside = name in ("other_force_user", "researcher")
        expected = (404, 404, 404, 404) if outside else (403, 403, 404, 404)
        if name == "sponsor":  # of the same force, whose cases they may know of and not touch
            expected = (403, 403, 403, 403)
        assert codes == ((200, 201, 200, 201) if name == "force_user" else expected), name
    assert public.get(f"trials/{trial.number}/enrolments/").status_code == 401
    assert enrol(public, trial).status_code == 401
    assert (
        call_as(cast.force_user, "read")
        .post(f"trials/{trial.number}/enrolments/", body("C9"), Idempotency_Key="k9")
        .status_code
        == 403
    )
    assert Enrolment.objects.count() == 3


def test_the_list_holds_own_cases_and_nothing_that_foretells(
    cast: Any, call_as: Any, other_force: Any
) -> None:
    trial = trickle.opened(cast)
    trial.sites.create(force=other_force, area="North")
    trickle.enrolled(trial, cast.force_user, 3)
    trickle.enrolled(trial, cast.other_force_user, 2, start=11)
    answer = call_as(cast.force_user).get(f"trials/{trial.number}/enrolments/?count_total=true")
    assert answer.json()["total_count"] == 3
    assert {one["case"] for one in answer.json()["results"]} == {"C0001", "C0002", "C0003"}
    text = answer.content.decode()
    for hidden in ("block", "slot", "tag", "position", "hash", "seed", "probabilities"):
        assert hidden not in text
    public = call_as(cast.registrar).get(f"trials/{trial.number}/allocation/").json()
    assert (public["seed"], public["record"]) == (None, None)
    assert call_as(cast.registrar).get(f"trials/{trial.number}/").json()["enrolment"]["count"] == 5


def test_an_override_is_a_row(cast: Any, call_as: Any) -> None:
    trial, caller = trickle.opened(cast), call_as(cast.force_user)
    found = enrol(caller, trial).json()
    path = f"enrolments/{found['id']}/overrides/"
    answer = caller.post(path, {"delivered": "", "reason": "legal", "note": "No power."})
    assert answer.status_code == 201
    assert (answer.json()["assigned"], answer.json()["delivered"]) == (found["arm"], "")
    refused = caller.post(path, {"delivered": "third", "reason": "legal"})
    assert refused.json()["errors"][0]["pointer"] == "/delivered"
    assert caller.post(path, {"delivered": "", "reason": "whim"}).status_code == 400
    after = caller.get(f"enrolments/{found['id']}/").json()
    assert after["arm"] == found["arm"]
    assert len(after["overrides"]) == Override.objects.count() == 1


def test_a_trial_with_a_list_enrols_nobody(cast: Any, call_as: Any) -> None:
    trial, caller = stages.drawn(cast), call_as(cast.force_user)
    assert caller.get(f"trials/{trial.number}/enrolments/").status_code == 404
    assert enrol(caller, trial).status_code == 409

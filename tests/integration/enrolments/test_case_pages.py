"""Enrolling a case in the browser's way: questions, confirmation, arm, list, override; who sees what."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from experiments.actions import allocations, enrolments
from experiments.lifecycle import Conduct
from experiments.models import Allocation, AllocationSeed, Enrolment, Override, TeamMember, Trial
from tests.conftest import CAST
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words

pytestmark = pytest.mark.django_db
ROOMS = ("trial-cases", "trial-case-new")


def answers(client: Any, trial: Trial, case: str = "C1", **changes: str) -> dict[str, str]:
    """Return what a browser sends, with the key of the form it was given."""
    key = client.get(address(trial, "trial-case-new")).context["form"]["key"].value()
    sent = {
        "case": case,
        "key": key,
        "include_0": "yes",
        "include_1": "yes",
        "exclude_0": "no",
        "factor_0": "female",
        "factor_1": "south",
        "confirm": "on",
        **changes,
    }
    return {name: value for name, value in sent.items() if value}


def test_a_case_is_enrolled_and_its_arm_is_shown(cast: Any, sign_in: Any) -> None:
    trial, client = trickle.opened(cast), sign_in(cast.force_user)
    text = words(client.get(address(trial, "trial-case-new")))
    assert "The suspect is 18 or older" in text
    assert "The suspect has been in this trial before" in text
    sent = answers(client, trial)
    shown = client.post(address(trial, "trial-case-new"), sent, follow=True)
    made = Enrolment.objects.get()
    assert (made.answers, made.levels) == (
        {"include": [True, True], "exclude": [False]},
        {"sex": "female", "area": "south"},
    )
    assert (made.source, made.source_ip, made.confirmed_by) == ("page", "127.0.0.1", cast.force_user)
    label = {"treatment": "Visits", "control": "No visits"}[made.assignment.arm]
    assert f"{label} This is the arm of case C1" in words(shown)
    assert label in words(client.get(address(trial, "trial-cases")))
    again = client.post(address(trial, "trial-case-new"), sent)
    assert (again.status_code, again["Location"]) == (302, address(trial, "trial-case", made.public_id))
    assert Enrolment.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"case": ""}, 422, "Enter the id of the case"),
        ({"include_1": ""}, 422, "Say whether this is so: The offence was reported within 28 days"),
        ({"factor_1": ""}, 422, "Choose the level of “area”"),
        ({"confirm": ""}, 422, "Confirm that you have checked the answers"),
        ({"include_0": "no"}, 422, "Not eligible: this must be so: The suspect is 18 or older"),
        ({"exclude_0": "yes"}, 422, "Not eligible: this must not be so"),
        ({"case": "C0001"}, 409, "Case C0001 was enrolled on"),
        ({"case": "07700 900123"}, 422, "This looks like personal data"),
    ],
)
def test_a_refusal_keeps_the_answers_and_points_to_the_field(
    cast: Any, sign_in: Any, changes: dict[str, str], code: int, message: str
) -> None:
    trial, client = trickle.opened(cast), sign_in(cast.force_user)
    trickle.enrolled(trial, cast.force_user, 1)
    before = refusals()
    sent = answers(client, trial, **changes)
    response = client.post(address(trial, "trial-case-new"), sent)
    assert response.status_code == code
    assert message in summary(response)
    for name in ("include_0", "factor_0"):
        assert response.context["form"][name].value() == sent.get(name)
    assert refusals() == before + 1
    assert Enrolment.objects.count() == 1


def test_no_case_while_the_trial_is_suspended(cast: Any, sign_in: Any) -> None:
    trial, client = trickle.opened(cast), sign_in(cast.force_user)
    sent = answers(client, trial)
    stages.put(trial, Conduct.SUSPENDED)
    assert "No case can be enrolled now" in words(client.get(address(trial, "trial-cases")))
    response = client.post(address(trial, "trial-case-new"), sent)
    assert response.status_code == 409
    assert "The trial is suspended" in summary(response)


def test_an_override_is_put_on_record(cast: Any, sign_in: Any) -> None:
    trial, client = trickle.opened(cast), sign_in(cast.force_user)
    [one] = trickle.enrolled(trial, cast.force_user, 1)
    url = address(trial, "trial-case-override", one.enrolment.public_id)
    own = one.enrolment.assignment.arm
    assert "nothing to record" in summary(client.post(url, {"delivered": own, "reason": "error"}))
    assert "Choose the reason" in summary(client.post(url, {"delivered": "nothing"}))
    shown = client.post(url, {"delivered": "nothing", "reason": "safety", "note": "Unsafe."}, follow=True)
    assert "Nothing. Safety. Unsafe." in words(shown)
    assert Override.objects.get().delivered == ""
    assert "(overridden)" in words(client.get(address(trial, "trial-cases")))


def test_every_role_sees_what_it_must_and_no_more(cast: Any, sign_in: Any) -> None:
    trial = trickle.opened(cast)
    [one] = trickle.enrolled(trial, cast.force_user, 1)
    case = one.enrolment
    rooms = [address(trial, name) for name in ROOMS] + [
        address(trial, name, case.public_id) for name in ("trial-case", "trial-case-override")
    ]
    for name in (*CAST, "anonymous"):
        client = sign_in(getattr(cast, name))
        expected = {"force_user": 200, "anonymous": 302}.get(name, 403)
        assert {status(client, url) for url in rooms} == {expected}, name
        assert status(client, address(trial, "trial-allocation-log")) in (302, 403, 404), name
        record = status(client, address(trial, "trial-allocation-record"))
        assert record == (200 if name == "custodian" else 404), name
        listed = client.get(address(trial, "trial-allocation-list"))
        assert (listed.status_code == 200) is (name in ("custodian", "force_user")), name
        page = client.get(address(trial, "trial-allocation"))
        if page.status_code == 200:
            assert bool(page.context["rows"]) is (name in ("custodian", "force_user")), name
            assert allocation_secret(trial) not in page.content.decode(), name


def allocation_secret(trial: Trial) -> str:
    return AllocationSeed.objects.get(allocation__trial=trial).seed


def test_a_force_does_not_see_the_cases_of_another(cast: Any, sign_in: Any, other_force: Any) -> None:
    trial = trickle.opened(cast)
    trial.sites.create(force=other_force, area="North")
    [one] = trickle.enrolled(trial, cast.force_user, 1)
    client = sign_in(cast.other_force_user)
    assert "has enrolled no case yet" in words(client.get(address(trial, "trial-cases")))
    for room in ("trial-case", "trial-case-override"):
        assert status(client, address(trial, room, one.enrolment.public_id)) == 404
    assert "C0001" not in client.get(address(trial, "trial-allocation-list")).content.decode()


def test_an_analyst_of_the_team_sees_no_case_whatever_their_post(cast: Any, sign_in: Any) -> None:
    trial = trickle.opened(cast)
    [one] = trickle.enrolled(trial, cast.force_user, 1)
    TeamMember.objects.filter(user=cast.force_user).update(role="analyst")
    client = sign_in(cast.force_user)
    for url in (address(trial, "trial-cases"), address(trial, "trial-case", one.enrolment.public_id)):
        assert status(client, url) == 403
    assert status(client, address(trial, "trial-allocation-list")) == 403


def test_a_trial_with_a_list_has_no_pages_of_cases(cast: Any, sign_in: Any) -> None:
    trial = stages.drawn(cast)
    assert {status(sign_in(cast.force_user), address(trial, name)) for name in ROOMS} == {404}


def test_the_custodian_opens_the_sequence(cast: Any, sign_in: Any, client: Any) -> None:
    trial = trickle.baseline(cast)
    custodian = sign_in(cast.custodian)
    assert "Open the sequence" in words(custodian.get(address(trial, "trial-allocation")))
    assert "Sequences to open" in words(custodian.get("/work/"))
    url = address(trial, "trial-allocation-open")
    assert "Cases one by one: permuted blocks" in words(custodian.get(url))
    for name in ("registrar", "analyst", "force_user"):
        assert sign_in(getattr(cast, name)).post(url, {"confirm": "open"}).status_code == 403
    assert custodian.post(url, {"confirm": "no"}).status_code == 422
    assert custodian.post(url, {"confirm": "open"}).status_code == 302
    allocation = Allocation.objects.get()
    text = words(client.get(address(trial, "trial-allocation")))
    assert allocation.commitment in text
    assert "Secret until the data are locked" in text
    assert "Trials that enrol cases" in words(sign_in(cast.force_user).get("/work/"))


def test_those_inside_replay_the_log_with_what_the_page_gives(
    cast: Any, sign_in: Any, client: Any, tmp_path: Path
) -> None:
    trial = trickle.opened(cast, "minimisation")
    trickle.enrolled(trial, cast.force_user, 7)
    enrolments.override(
        enrolment=Enrolment.objects.first(), delivered="", reason="safety", by=cast.force_user
    )
    stages.put(trial, Conduct.DATA_LOCKED)
    allocations.reveal(trial=stages.fresh(trial), by=cast.custodian)
    assert status(client, address(trial, "trial-allocation-list")) == 404
    assert status(client, address(trial, "trial-allocation-log")) == 302
    inside = sign_in(cast.registrar)
    for name, room in (("verify.py", "verifier"), ("record.json", "record"), ("log.jsonl", "log")):
        content = inside.get(address(trial, f"trial-allocation-{room}")).content
        (tmp_path / name).write_bytes(content)
    log = (tmp_path / "log.jsonl").read_text(encoding="utf-8")
    assert "C0001" not in log
    assert len(log.splitlines()) == json.loads((tmp_path / "record.json").read_bytes())["n_cases"] == 7
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", "record.json", "log.jsonl"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "MATCH: 7 cases" in done.stdout) == (0, True), done.stdout + done.stderr

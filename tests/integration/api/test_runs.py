"""Runs by API: seen by those who may, cancelled once, and the same POST acts once."""

import uuid

import pytest

from centre import runs
from centre.models import IdempotentRequest, Run

pytestmark = pytest.mark.both


@pytest.fixture
def run(analyst, force):
    return runs.submit(task="experiments.analyse", title="An analysis", subject=force, by=analyst)


def test_run_is_shown_with_its_state(call_as, analyst, run):
    answer = call_as(analyst).get(f"runs/{run.pk}/").json()
    assert answer["state"] == "queued"
    assert answer["progress"] == 0
    assert answer["attempts"] == 0
    assert answer["links"] == {}
    assert [row["id"] for row in call_as(analyst).get("runs/?state=queued").json()["results"]] == [
        str(run.pk)
    ]


def test_foreign_run_is_404_as_a_missing_one(call_as, force_user, run):
    caller = call_as(force_user)
    hidden, missing = caller.get(f"runs/{run.pk}/"), caller.get(f"runs/{uuid.uuid4()}/")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    hidden, missing = caller.post(f"runs/{run.pk}/cancel/"), caller.post(f"runs/{uuid.uuid4()}/cancel/")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    run.refresh_from_db()
    assert run.state == Run.State.QUEUED


def test_cancel_answers_202_with_the_run(call_as, analyst, run):
    answer = call_as(analyst).post(f"runs/{run.pk}/cancel/")
    assert answer.status_code == 202
    assert answer["Location"] == f"/api/v1/runs/{run.pk}/"
    assert answer.json()["state"] == "cancelled"


def test_cancel_of_an_ended_run_is_409(call_as, analyst, run):
    caller = call_as(analyst)
    caller.post(f"runs/{run.pk}/cancel/")
    again = caller.post(f"runs/{run.pk}/cancel/")
    assert again.status_code == 409
    assert "already ended" in again.json()["detail"]


def test_seeing_is_not_cancelling(call_as, checker, run):
    caller = call_as(checker)
    assert caller.get(f"runs/{run.pk}/").status_code == 200
    assert caller.post(f"runs/{run.pk}/cancel/").status_code == 403


def test_stale_if_match_is_412_and_nothing_happens(call_as, analyst, run):
    caller = call_as(analyst)
    tag = caller.get(f"runs/{run.pk}/")["ETag"]
    Run.objects.filter(pk=run.pk).update(message="Moved on")
    stale = caller.post(f"runs/{run.pk}/cancel/", If_Match=tag)
    assert stale.status_code == 412
    run.refresh_from_db()
    assert run.state == Run.State.QUEUED
    fresh = caller.get(f"runs/{run.pk}/")["ETag"]
    assert caller.post(f"runs/{run.pk}/cancel/", If_Match=fresh).status_code == 202


def test_repeated_key_gets_the_same_answer(call_as, analyst, run):
    caller = call_as(analyst)
    first = caller.post(f"runs/{run.pk}/cancel/", Idempotency_Key="k-1")
    again = caller.post(f"runs/{run.pk}/cancel/", Idempotency_Key="k-1")
    assert (again.status_code, again.json(), again["Location"]) == (202, first.json(), first["Location"])
    assert again["Idempotency-Replayed"] == "true"
    assert IdempotentRequest.objects.count() == 1


def test_key_with_another_request_is_422(call_as, analyst, run, force):
    caller = call_as(analyst)
    other = runs.submit(task="experiments.analyse", title="Another", subject=force, by=analyst)
    caller.post(f"runs/{run.pk}/cancel/", Idempotency_Key="k-1")
    reused = caller.post(f"runs/{other.pk}/cancel/", Idempotency_Key="k-1")
    assert reused.status_code == 422
    assert "k-1" in reused.json()["detail"]
    other.refresh_from_db()
    assert other.state == Run.State.QUEUED


def test_keys_belong_to_their_person(call_as, analyst, researcher, force, run):
    own = runs.submit(task="experiments.analyse", title="Own", subject=force, by=researcher)
    assert call_as(analyst).post(f"runs/{run.pk}/cancel/", Idempotency_Key="k-1").status_code == 202
    assert call_as(researcher).post(f"runs/{own.pk}/cancel/", Idempotency_Key="k-1").status_code == 202


def test_a_refused_act_keeps_no_key(call_as, analyst, run):
    caller = call_as(analyst)
    caller.post(f"runs/{run.pk}/cancel/")
    assert caller.post(f"runs/{run.pk}/cancel/", Idempotency_Key="k-2").status_code == 409
    assert not IdempotentRequest.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 121, "a b", "caf\u00e9"])
def test_bad_keys_are_400(call_as, analyst, run, key):
    answer = call_as(analyst).client.post(
        f"/api/v1/runs/{run.pk}/cancel/",
        content_type="application/json",
        HTTP_AUTHORIZATION=call_as(analyst).headers["Authorization"],
        HTTP_IDEMPOTENCY_KEY=key,
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/Idempotency-Key"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"[" * 50_000, "JSON nested too deeply"),
        (b'{"a": 1, "a": 2}', "'a' appears twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": "\\u0000"}', "U+0000"),
        (b'{"a": "\\ud800"}', "U+D800"),
        (b'{"role": "admin"}', "no body"),
        (b"[1]", "no body"),
        (b'"text"', "no body"),
        (b"{", "not JSON"),
        (b"\xff", "UTF-8"),
    ],
)
def test_bad_bodies_are_400(call_as, analyst, run, raw, words):
    answer = call_as(analyst).post(f"runs/{run.pk}/cancel/", raw=raw)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    run.refresh_from_db()
    assert run.state == Run.State.QUEUED


def test_body_over_the_limit_is_413(call_as, analyst, run):
    answer = call_as(analyst).post(f"runs/{run.pk}/cancel/", raw=b'"' + b"x" * 2_000_001 + b'"')
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"


def test_other_content_types_are_415(call_as, analyst, run):
    caller = call_as(analyst)
    answer = caller.client.post(
        f"/api/v1/runs/{run.pk}/cancel/", data=b"<x/>", content_type="application/xml", headers=caller.headers
    )
    assert answer.status_code == 415
    assert answer["Content-Type"] == "application/problem+json"


def test_session_writes_need_the_csrf_token(analyst, run):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(analyst)
    answer = client.post(f"/api/v1/runs/{run.pk}/cancel/", content_type="application/json")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"

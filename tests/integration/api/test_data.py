"""Data and analyses by API: accepted as runs, checked whole, refused with the place."""

import io
import uuid

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from centre.models import AuditEvent, IdempotentRequest, Run
from experiments import tasks
from experiments.models import Analysis, Dataset
from tests.integration.experiments_pages import stages


@pytest.fixture
def trial(cast):
    return stages.delivering(cast)


def upload(caller, trial, content, name="calls.csv", **fields):
    headers = {**caller.headers, **fields.pop("headers", {})}
    form = {"file": SimpleUploadedFile(name, content), **fields}
    return caller.client.post(f"/api/v1/trials/{trial.ref}/datasets/", data=form, headers=headers)


def send(caller, trial, content, kind, query=""):
    return caller.client.post(
        f"/api/v1/trials/{trial.ref}/datasets/{query}",
        data=content,
        content_type=kind,
        headers=caller.headers,
    )


def test_multipart_upload_becomes_a_run_and_a_dataset(call_as, cast, trial):
    caller = call_as(cast.force_user)
    answer = upload(caller, trial, stages.outcomes(trial))
    assert answer.status_code == 202, answer.content
    assert answer["Location"] == f"/api/v1/runs/{answer.json()['id']}/"
    tasks.ingest(answer.json()["id"])
    run = caller.get(f"runs/{answer.json()['id']}/").json()
    assert (run["state"], run["progress"]) == ("done", 1)
    dataset = caller.client.get(run["links"]["dataset"], headers=caller.headers).json()
    assert (dataset["version"], dataset["n_rows"], dataset["kind"]) == (1, stages.N_UNITS, "outcome")
    rows = caller.get(f"trials/{trial.ref}/datasets/?kind=outcome").json()["results"]
    assert [row["id"] for row in rows] == [dataset["id"]]


def test_parquet_and_csv_may_be_the_body(call_as, cast, trial):
    caller = call_as(cast.force_user)
    table = pa.csv.read_csv(io.BytesIO(stages.outcomes(trial)))
    parquet = io.BytesIO()
    pq.write_table(table, parquet)
    answer = send(caller, trial, parquet.getvalue(), "application/vnd.apache.parquet")
    assert answer.status_code == 202, answer.content
    tasks.ingest(answer.json()["id"])
    assert Run.objects.get(pk=answer.json()["id"]).state == "done"
    answer = send(
        caller, trial, stages.outcomes(trial, extra=1), "text/csv", "?kind=outcome&reason=Corrected"
    )
    assert answer.status_code == 202
    tasks.ingest(answer.json()["id"])
    assert Dataset.objects.filter(trial=trial, version=2, reason="Corrected").exists()


def test_bad_rows_are_on_the_run_with_their_place(call_as, cast, trial):
    caller = call_as(cast.force_user)
    answer = upload(caller, trial, stages.outcomes(trial).replace(b"U003", b"U999", 1))
    tasks.ingest(answer.json()["id"])
    run = caller.get(f"runs/{answer.json()['id']}/").json()
    assert run["state"] == "failed"
    assert run["problems"]
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"kind": "secret"}, "/kind"), ({"role": "admin"}, "/role"), ({"reason": "a\u202eb"}, "/reason")],
)
def test_bad_fields_are_400_and_nothing_is_kept(call_as, cast, trial, fields, pointer):
    events = AuditEvent.objects.count()
    answer = upload(call_as(cast.force_user), trial, b"unit\n1\n", **fields)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Run.objects.filter(task="experiments.ingest").exists()
    assert AuditEvent.objects.filter(pk__gt=events, event="request.refused").exists()


def test_upload_without_a_file_is_400(call_as, cast, trial):
    caller = call_as(cast.force_user)
    answer = caller.client.post(
        f"/api/v1/trials/{trial.ref}/datasets/", data={"kind": "outcome"}, headers=caller.headers
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/file")


def test_upload_over_the_limit_is_413(call_as, cast, trial, settings):
    settings.UPLOAD_LIMIT_BYTES = 1000
    caller = call_as(cast.force_user)
    for answer in (upload(caller, trial, b"x" * 2000), send(caller, trial, b"x" * 2000, "text/csv")):
        assert answer.status_code == 413
        assert answer["Content-Type"] == "application/problem+json"


def test_json_is_no_dataset(call_as, cast, trial):
    assert call_as(cast.force_user).post(f"trials/{trial.ref}/datasets/", {"file": "x"}).status_code == 415


def test_key_makes_one_run_whatever_the_boundary(call_as, cast, trial):
    caller, content = call_as(cast.force_user), stages.outcomes(trial)
    first = upload(caller, trial, content, headers={"Idempotency-Key": "u-1"})
    again = upload(caller, trial, content, headers={"Idempotency-Key": "u-1"})
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert Run.objects.filter(task="experiments.ingest").count() == IdempotentRequest.objects.count() == 1
    other = upload(caller, trial, content + b"\n", headers={"Idempotency-Key": "u-1"})
    assert other.status_code == 422


def test_data_are_for_those_who_work_on_the_trial(public, call_as, cast):
    trial = stages.with_data(cast)
    dataset = Dataset.objects.get()
    for path in (f"trials/{trial.ref}/datasets/", f"datasets/{dataset.public_id}/"):
        assert public.get(path).status_code == 401
        assert call_as(cast.other_force_user).get(path).status_code == 404
        assert call_as(cast.researcher).get(path).status_code == 404
        assert call_as(cast.custodian).get(path).status_code == 403
        for person in (cast.force_user, cast.analyst, cast.registrar):
            assert call_as(person).get(path).status_code == 200
    assert upload(call_as(cast.registrar), trial, b"unit\n").status_code == 403
    assert upload(call_as(cast.other_force_user), trial, b"unit\n").status_code == 404


def test_registered_plan_runs_and_its_result_is_the_document(call_as, cast):
    trial = stages.locked(cast)
    caller = call_as(cast.analyst)
    answer = caller.post(f"trials/{trial.ref}/analyses/")
    assert answer.status_code == 202, answer.content
    where = answer.json()["analysis"]
    pending = caller.client.get(f"{where}result/", headers=caller.headers)
    assert pending.status_code == 409
    assert "queued" in pending.json()["detail"]
    tasks.analyse(answer.json()["id"])
    analysis = caller.client.get(where, headers=caller.headers).json()
    assert (analysis["is_registered"], analysis["label"], analysis["state"]) == (True, "Registered", "done")
    result = caller.client.get(f"{where}result/", headers=caller.headers)
    assert result.json()["result_version"] == 1
    assert result["ETag"] == f'"{analysis["result_sha256"]}"'
    same = caller.client.get(f"{where}result/", headers={**caller.headers, "If-None-Match": result["ETag"]})
    assert same.status_code == 304


def test_other_plans_are_post_hoc(call_as, cast):
    analysis = stages.analysed(cast)
    plan = {**analysis.plan, "seed": 7}
    answer = call_as(cast.analyst).post(
        f"trials/{analysis.trial.ref}/analyses/", {"plan": plan, "dataset": str(analysis.dataset.public_id)}
    )
    assert answer.status_code == 202, answer.content
    assert Analysis.objects.get(run_id=answer.json()["id"]).label == "Post hoc"


def test_what_a_post_answers_is_no_list_and_so_no_csv(call_as, cast):
    trial = stages.locked(cast)
    refused = call_as(cast.analyst).post(f"trials/{trial.ref}/analyses/?format=csv")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "?format"
    assert not trial.analyses.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"plan": {"plan_version": 1, "estimates": [], "extra": 1}}, "/plan/"),
        ({"plan": "text"}, "/plan"),
        ({"dataset": "not-a-uuid"}, "/dataset"),
        ({"dataset": str(uuid.uuid4())}, "/dataset"),
        ({"state": "done"}, "/state"),
    ],
)
def test_bad_analysis_requests_are_400_and_named(call_as, cast, body, pointer):
    analysis = stages.analysed(cast)
    answer = call_as(cast.analyst).post(f"trials/{analysis.trial.ref}/analyses/", body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert Analysis.objects.count() == 1


def test_analysis_before_the_lock_is_409(call_as, cast, trial):
    assert call_as(cast.analyst).post(f"trials/{trial.ref}/analyses/").status_code == 409


def test_uncleared_results_are_for_few(public, call_as, cast):
    analysis = stages.analysed(cast)
    paths = (f"analyses/{analysis.public_id}/", f"analyses/{analysis.public_id}/result/")
    for path in paths:
        missing = public.get(f"analyses/{uuid.uuid4()}/")
        for caller in (
            public,
            call_as(cast.force_user),
            call_as(cast.other_force_user),
            call_as(cast.researcher),
        ):
            hidden = caller.get(path)
            assert (hidden.status_code, hidden.content) == (404, missing.content)
        assert call_as(cast.custodian).get(path).status_code == 403
        assert call_as(cast.checker).get(path).status_code == 200
    assert call_as(cast.force_user).post(f"trials/{analysis.trial.ref}/analyses/").status_code == 403
    assert call_as(cast.force_user).get(f"trials/{analysis.trial.ref}/analyses/").status_code == 404

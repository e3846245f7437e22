"""The ground the other tests stand on: the database is put back, and Redis and the worker are real and ours."""

import os

import pytest

from centre.models import AuditEvent, Force, Run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_committed_rows_and_reference_rows_are_put_back(time, registrar):
    from centre import audit

    assert AuditEvent.objects.count() == 0
    assert Force.objects.official().count() == 44
    audit.record("test.happened", subject=registrar, by=registrar)
    assert AuditEvent.objects.count() == 1


def test_redis_is_the_process_that_was_started(redis_server):
    with redis_server.client() as client:
        assert client.info("server")["process_id"] == redis_server.pid
    redis_server.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(redis_server.pid, 0)


def test_worker_uses_the_test_database(worker, registrar):
    from centre.celery import app

    assert not Run.objects.exists()
    child = worker.children[0]
    answers = app.control.ping(timeout=1)
    assert [list(answer) for answer in answers] == [["worker1@test"]]
    assert child.is_running

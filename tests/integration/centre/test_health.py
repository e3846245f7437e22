"""/healthz looks at nothing; /readyz names what does not work."""

import pytest
from django.db import DatabaseError, connection


def test_alive_needs_no_database(client) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


def test_not_ready_without_redis(client, db) -> None:
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "ok"
    assert response.json()["checks"]["queue"] == "Redis does not answer"
    assert response["Retry-After"] == "15"


def test_not_ready_without_a_worker(client, db, redis_server) -> None:
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["worker"] == "no worker answered within 1 second"


def test_ready_when_all_answer(client, worker) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200, response.json()
    assert response.json()["checks"] == {"database": "ok", "queue": "ok", "worker": "ok", "waiting": "ok"}


def test_a_database_that_is_away_is_named(client, db, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        checks = client.get("/readyz").json()["checks"]

    assert checks["database"] == "the database does not answer"
    assert checks["waiting"].startswith("not asked")

"""The same POST sent several times at once acts once, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from centre import runs
from centre.models import AuditEvent, IdempotentRequest

pytestmark = pytest.mark.both


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_key_at_once_acts_once(analyst: Any, force: Any, call_as: Any) -> None:
    run = runs.submit(task="experiments.analyse", title="An analysis", subject=force, by=analyst)
    caller = call_as(analyst)

    def cancel(_: int) -> Any:
        try:
            return type(caller)(caller.headers["Authorization"].split()[1]).post(
                f"runs/{run.pk}/cancel/", Idempotency_Key="at-once"
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(cancel, range(4)))
    assert [answer.status_code for answer in answers] == [202] * 4
    assert len({answer.content for answer in answers}) == 1
    assert sum(not answer.has_header("Idempotency-Replayed") for answer in answers) == 1
    assert AuditEvent.objects.filter(event="run.cancelled").count() == 1
    assert IdempotentRequest.objects.count() == 1

"""A trial of 40 households by two weeks that waits for its data, and the file that it waits for."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from experiments.actions import conduct
from experiments.models import Trial
from tests.integration.experiments_pages import stages

HEADER = "unit,arm,week,calls"


def weeks() -> tuple[str, str]:
    """Return the two weeks: the last day of each is not in the future."""
    today = timezone.localdate()
    return str(today - dt.timedelta(days=7)), str(today)


def in_follow_up(cast: Any, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """Return the trial, by way of every stage before."""
    columns = {"unit": "unit", "arm": "arm", "period": "week"}
    monkeypatch.setattr(stages, "PLAN", replace(stages.PLAN, columns=columns))
    return conduct.advance(trial=stages.delivering(cast), to="follow_up", by=cast.force_user)


def lines(trial: Trial) -> list[str]:
    """Return the lines of a file without a fault: the header, then two weeks of each household."""
    allocation = trial.allocation
    assert allocation
    rows = [
        f"{row.unit},{row.arm},{week},{place % 5 + 3}"
        for place, row in enumerate(allocation.assignments.order_by("unit"))
        for week in weeks()
    ]
    return [HEADER, *rows]


def joined(rows: list[str]) -> bytes:
    """Return the lines as a file."""
    return ("\n".join(rows) + "\n").encode()

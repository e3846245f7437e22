"""Analysis plans that cannot run, in the page and by the API: the place, the reason, nothing begun, an event left."""

import json
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client

from centre import tokens
from centre.models import AuditEvent, Run
from experiments.models import Analysis
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, summary

pytestmark = pytest.mark.django_db

BAD: dict[str, tuple[str, Any, str, str]] = {
    "[71] unknown key": ("formula", "calls ~ arm", "/formula", "unknown key 'formula'"),
    "[80] a formula for a covariate": (
        "estimates/0/covariates",
        ["C(calls)"],
        "/estimates/0/covariates",
        "takes no covariates; use ancova",
    ),
    "[90] a thousand million draws": (
        "estimates/0/options",
        {"draws": 10**9},
        "/estimates/0/options/draws",
        "to 99",
    ),
    "[85] an alpha of 0": ("alpha", 0, "/alpha", "above 0 and at most 0.5"),
    "[91] a negative seed": ("seed", -1, "/seed", "from 0 to 18446744073709551615"),
    "[91] a seed of 2^64": ("seed", 2**64, "/seed", "to 18446744073709551615"),
    "[91] a seed in words": ("seed", "seven", "/seed", "whole number"),
    "[94] unknown estimator": (
        "estimates/0/estimator",
        "magic",
        "/estimates/0/estimator",
        "is not an estimator",
    ),
    "[94] a later version": ("plan_version", 2, "/plan_version", "must be 1"),
}


def changed(plan: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """Return the plan with another value in one place."""
    made = deepcopy(plan)
    *path, last = place.split("/")
    inner: Any = made
    for step in path:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = value
    return made


@pytest.mark.parametrize(("place", "value", "pointer", "message"), BAD.values(), ids=BAD)
def test_a_plan_that_cannot_run(
    cast: Any, sign_in: Any, place: str, value: Any, pointer: str, message: str
) -> None:
    analysis = stages.analysed(cast)
    trial = stages.fresh(analysis.trial)
    plan = changed(analysis.plan, place, value)
    events, before = AuditEvent.objects.filter(event="request.refused"), Run.objects.count()

    typed = json.dumps(plan)
    page = sign_in(cast.analyst).post(address(trial, "analysis-post-hoc"), {"plan_json": typed})
    assert page.status_code == 422
    assert message in summary(page)
    assert pointer in summary(page)
    assert page.context["form"]["plan_json"].value() == typed
    assert events.count() == 1

    key = tokens.make(name="t", scope="write", days=1, by=cast.analyst)[1]
    answer = Client().post(
        f"/api/v1/trials/{trial.ref}/analyses/",
        {"plan": plan},
        content_type="application/json",
        headers={"Authorization": f"Token {key}"},
    )
    assert answer.status_code == 400, answer.content
    found = answer.json()["errors"]
    assert any(one["pointer"].startswith(f"/plan{pointer}") and message in one["message"] for one in found), (
        found
    )
    assert events.count() == 2
    assert (Run.objects.count(), Analysis.objects.count()) == (before, 1)

"""The page that compares two protocols shows only what the person may read."""

from typing import Any

import pytest

from experiments.actions import trials
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import summary, words

pytestmark = pytest.mark.django_db
PAGE = "/trials/compare/"


def test_two_trials_are_compared_field_by_field_in_words(cast: Any, sign_in: Any) -> None:
    first = stages.registered(cast)
    second = trials.start(
        title="Do calls help?", by=cast.force_user, is_simulated=True, template="hot-spot-rct"
    )
    client = sign_in(cast.force_user)
    page = words(client.get(PAGE, {"a": first.ref, "b": second.ref}))
    assert f"{first.number}, version 1.0" in page
    assert "Draft trial" in page
    assert "Randomised trial of people or cases Randomised trial of places" in page
    assert "/analysis_plan" not in page
    assert "the same in both" not in page
    everything = words(client.get(PAGE, {"a": first.ref, "b": second.ref, "all": "on"}))
    assert "the same in both" in everything


def test_everybody_may_compare_what_is_public(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    page = client.get(PAGE, {"a": trial.ref, "a_version": "1.0", "b": trial.ref})
    assert page.status_code == 200
    assert "Nothing differs" in words(page)


def test_what_may_not_be_seen_is_not_there(cast: Any, sign_in: Any, client: Any) -> None:
    public, draft = stages.registered(cast), stages.empty(cast)
    asked = {"a": public.ref, "b": draft.ref}
    assert client.get(PAGE, asked).status_code == 404
    assert sign_in(cast.other_force_user).get(PAGE, asked).status_code == 404
    assert sign_in(cast.force_user).get(PAGE, asked).status_code == 200
    assert client.get(PAGE, {"a": public.ref, "b": "CPP-2026-0099-1"}).status_code == 404
    assert client.get(PAGE, {"a": public.ref, "b": public.ref, "b_version": "9.0"}).status_code == 404
    assert client.get(PAGE, {"a": public.ref, "b": public.ref, "b_version": "x"}).status_code == 404


def test_one_trial_is_no_comparison(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    assert client.get(PAGE).status_code == 200
    page = client.get(PAGE, {"a": trial.ref, "b": ""})
    assert page.status_code == 422
    assert "Enter the number of the second trial" in summary(page)
    linked = client.get(f"{PAGE}?a={trial.ref}")
    assert linked.context["form"]["a"].value() == trial.ref

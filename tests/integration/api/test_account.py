"""The account of a trial by the API: null until it may be read, then every entry with what it replaced."""

import datetime as dt
from typing import Any

import pytest

from experiments.actions import deviations
from tests.integration.experiments_pages import stages

pytestmark = pytest.mark.django_db
SAID = {"pointer": "/arms", "reason": "Snow.", "effect": "None.", "happened_on": dt.date(2026, 3, 2)}


def test_it_is_null_before_the_results_and_whole_after(cast: Any, call_as: Any, public: Any) -> None:
    release = stages.cleared(cast)
    trial = release.trial
    first = deviations.record(trial=trial, what="Two came late.", **SAID, by=cast.force_user)
    deviations.record(
        trial=trial,
        what="Three came late.",
        **SAID,
        corrects=first,
        correction_reason="One was missed.",
        by=cast.force_user,
    )
    path = f"trials/{trial.number}/account/"
    parts = ("deviations", "harms", "losses", "implementation", "remarks")
    closed = {"trial": trial.number, **dict.fromkeys(parts), "explanations": []}
    assert public.get(path).json() == closed
    newest, older = call_as(cast.analyst).get(path).json()["deviations"]
    assert (newest["what"], newest["is_standing"], newest["corrects"]) == (
        "Three came late.",
        True,
        str(first.public_id),
    )
    assert (older["what"], older["is_standing"], older["corrects"]) == ("Two came late.", False, None)
    assert older["outcome_data_opened"] is True
    stages.factual_checks.record(release=release, by=cast.force_user)
    stages.releases.publish(release=stages.Release.objects.get(), by=cast.publisher)
    answer = public.get(path)
    assert len(answer.json()["deviations"]) == 2
    seen = answer.headers["Last-Modified"]
    deviations.record(trial=trial, what="A late one.", **SAID, by=cast.force_user)
    assert len(public.get(path).json()["deviations"]) == 3
    assert public.get(path).headers["Last-Modified"] >= seen


def test_exports_say_what_is_on_record(cast: Any, public: Any) -> None:
    release = stages.published(cast)
    path = f"trials/{release.trial.number}/exports/consort/"

    def changes() -> str:
        return next(one["text"] for one in public.get(path).json()["items"] if one["item"] == "10")

    assert "Deviations: None is on record." in changes()
    deviations.record(trial=release.trial, what="Two came late.", **SAID, by=cast.force_user)
    assert "Two came late. Why: Snow. Effect on the results: None." in changes()

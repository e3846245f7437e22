"""What the library hears of a release that is withdrawn, of an amendment after the results, and of an embargo's end."""

import csv
import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from experiments import tasks
from experiments.actions import (
    amendments,
    analyses,
    factual_checks,
    health_checks,
    releases,
    retractions,
    timers,
)
from experiments.analysis import health as bridge
from experiments.analysis.observed import Observed
from experiments.health import Status, Verdict
from experiments.models import Release, Trial
from experiments.stats import plan as plans
from tactics.models import Bulletin, Finding, Rating
from tests.integration.experiments_pages import stages
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db


def replaced(cast: Any, release: Release) -> Release:
    """Publish another analysis of the trial in the place of the release."""
    again = analyses.request(trial=stages.fresh(release.trial), by=cast.analyst)
    tasks.analyse(str(again.run.pk))
    again.refresh_from_db()
    newer = releases.prepare(trial=stages.fresh(release.trial), analysis=again, by=cast.analyst)
    for checker in (cast.checker, cast.second_checker):
        releases.clear(release=newer, by=checker)
    factual_checks.record(release=newer, by=cast.force_user)
    return releases.publish(release=Release.objects.get(pk=newer.pk), by=cast.publisher)


def withdrawn(cast: Any, release: Release) -> None:
    retractions.ask(release=release, reason="A column was wrong.", by=cast.reviewer)
    retractions.approve(release=Release.objects.get(pk=release.pk), by=cast.director)


def rated(cast: Any, trial: Trial) -> Rating:
    """Beside a secure trial of another team, sign what waits; return the public rating, which claims something."""
    library.found(trial.tactic, cast.publisher)
    for waiting in Rating.objects.candidates().filter(tactic=trial.tactic):
        library.signed(waiting, cast.reviewer, cast.second_reviewer)
    return Rating.objects.public().get(tactic=trial.tactic, synthesis__isnull=False)


def test_the_older_release_counts_again_where_the_newer_is_withdrawn(cast: Any) -> None:
    first = stages.published(cast)
    second = replaced(cast, first)
    [standing] = Finding.objects.current()
    assert standing.release_id == str(second.public_id)
    rating = rated(cast, first.trial)
    withdrawn(cast, second)
    [restored] = Finding.objects.current().filter(trial_number=first.trial.number)
    assert (restored.release_id, restored.yi) == (str(first.public_id), standing.yi)
    assert stages.fresh(first.trial).results_state == "corrected"
    flag = Bulletin.objects.get(kind="reopened", rating=rating)
    assert "was withdrawn. A column was wrong." in flag.said


def test_a_retracted_trial_is_no_evidence(cast: Any) -> None:
    release = stages.published(cast)
    withdrawn(cast, release)
    assert not Finding.objects.current().exists()
    assert Rating.objects.public().get(tactic=release.trial.tactic).k == 0


def test_an_amendment_after_the_results_opens_the_rating(cast: Any) -> None:
    trial = stages.published(cast).trial
    rating = rated(cast, trial)
    later = (timezone.localdate() + dt.timedelta(days=900)).isoformat()
    document = stages.amended(stages.fresh(trial), data_lock=later)
    amendments.propose(
        trial=stages.fresh(trial),
        document=document,
        reason_code="external_event",
        reason="A storm.",
        by=cast.force_user,
    )
    assert (
        "the protocol was amended after its results were out. A storm."
        in Bulletin.objects.get(kind="reopened", rating=rating).said
    )
    assert Rating.objects.candidates().get(tactic=trial.tactic).label == rating.label


def test_a_failed_integrity_check_opens_the_rating_once(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = stages.published(cast).trial
    rating = rated(cast, trial)
    failed = [Verdict("integrity", Status.RED, "The dose is wrong.")]
    monkeypatch.setattr(bridge, "verdicts", lambda *_: failed)
    for _ in range(2):
        health_checks.check(trial=stages.fresh(trial), by=cast.registrar)
    assert Bulletin.objects.filter(kind="reopened", rating=rating).count() == 1


def test_the_library_hears_of_an_embargoed_result_when_the_embargo_ends(cast: Any) -> None:
    until = timezone.localdate() + dt.timedelta(days=20)
    held = stages.published(SimpleNamespace(**vars(cast), embargo_until=until))
    assert not Finding.objects.exists()
    assert not Bulletin.objects.filter(kind="result").exists()
    Trial.objects.filter(pk=held.trial_id).update(embargo_until=timezone.localdate())
    timers.release_embargoes()
    [finding] = Finding.objects.current()
    assert finding.release_id == str(held.public_id)


def test_the_mean_without_treatment_is_that_of_the_control_arm(cast: Any) -> None:
    analysis = stages.analysed(cast)
    plan = plans.parse(dict(analysis.plan))
    rows = csv.DictReader(stages.outcomes(analysis.trial).decode().splitlines())
    calls = [int(row["calls"]) for row in rows if row["arm"] == "control"]
    assert Observed(analysis, plan).control_mean("calls") == pytest.approx(sum(calls) / len(calls))
    assert Observed(analysis, replace(plan, arms=None)).control_mean("calls") is None

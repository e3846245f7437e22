"""Published numbers are computed again: by the command, on request, and every night; and a drift raises the alarm."""

import datetime as dt
import json
import logging
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from centre.errors import Damaged
from centre.models import AuditEvent, Run
from centre.runs import cancel
from experiments import duties, tasks
from experiments.actions import verifications
from experiments.analysis import replicating
from experiments.disclosure import release as rounding
from experiments.models import Release, Verification
from experiments.stats import engine
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, words

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def release(cast: Any) -> Release:
    return stages.published(cast)


def nightly() -> Run:
    """Ask as beat does, and let a worker work."""
    assert verifications.request_due() == 1
    run = Run.objects.filter(task=verifications.TASK).latest("created_at")
    tasks.replicate(str(run.pk))
    run.refresh_from_db()
    return run


def command(*sent: str) -> tuple[int, str, str]:
    out, errors = StringIO(), StringIO()
    try:
        call_command("replicate", *sent, stdout=out, stderr=errors)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), errors.getvalue()
    return 0, out.getvalue(), errors.getvalue()


def drift(monkeypatch: pytest.MonkeyPatch, factor: float) -> None:
    """Let the next version of the engine estimate something else."""
    real = dict(engine.ESTIMATORS)

    def other(name: str) -> Any:
        def estimate(*given: Any) -> Any:
            fit = real[name](*given)
            return replace(fit, estimate=fit.estimate * factor)

        return estimate

    monkeypatch.setattr(engine, "ESTIMATORS", {name: other(name) for name in real})


def test_the_command_finds_the_published_numbers_again(release: Release, tmp_path: Path) -> None:
    code, out, _ = command(str(release.public_id))
    assert code == 0
    assert "bit for bit, on the same image" in out
    assert out.rstrip().endswith("SAME")
    code, out, _ = command(str(release.public_id), "--json", "--out", str(tmp_path / "kept"))
    assert code == 0
    said = json.loads(out)
    assert (said["verdict"], said["differences"]) == ("same", [])
    assert said["n_numbers"] > 10
    assert json.loads((tmp_path / "kept" / "verification.json").read_bytes()) == said
    assert Verification.objects.count() == AuditEvent.objects.filter(event="release.verified").count() == 2


def test_the_command_says_what_it_cannot_do(cast: Any) -> None:
    release = stages.prepared(cast)
    for sent, why in (
        ("nonsense", "is not the id of a release"),
        ("0b0f2c9e-1111-4222-8333-444455556666", "There is no release"),
        (str(release.public_id), "Only a published release is computed again"),
    ):
        code, out, errors = command(sent)
        assert (code, out) == (2, "")
        assert why in errors
    assert not Verification.objects.exists()


def test_a_drift_is_listed_by_its_pointers(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    drift(monkeypatch, 1.5)
    code, out, _ = command(str(release.public_id))
    assert code == 3
    assert "/estimates/0/estimate: published " in out
    assert "/exact/estimates/0/estimate (relative 0.33)" in out
    assert out.rstrip().endswith("DIFFERS")


def test_a_change_too_small_to_be_seen_in_what_is_published_is_seen(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    drift(monkeypatch, 1 + 1e-12)
    code, out, _ = command(str(release.public_id), "--json")
    assert code == 3
    found = json.loads(out)["differences"]
    assert found
    assert all(one["pointer"].startswith("/exact/") for one in found)
    assert all(one["published"] is one["again"] is None for one in found)  # exact numbers stay inside


def test_another_rounding_is_a_drift(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    real = rounding.round_significant
    monkeypatch.setattr(rounding, "round_significant", lambda value, figures: real(value, figures - 1))
    assert nightly().state == Run.State.DONE
    assert Verification.objects.get().verdict == "differs"


def test_at_night_an_unchanged_release_is_the_same_and_nobody_is_called(
    release: Release, cast: Any, client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run = nightly()
    made = Verification.objects.get()
    assert (run.state, run.requested_by, run.progress) == (Run.State.DONE, None, 1)
    assert (made.verdict, made.by, made.run, made.is_same_image) == ("same", None, run, True)
    assert verifications.request_due() == 0  # not twice in a night
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not waiting(cast.analyst)
    text = words(client.get(address(release.trial, "release-detail", release.public_id)))
    assert "Same numbers" in text
    assert "bit for bit on the same image" in text


def waiting(person: Any) -> list[str]:
    return [one.duty.slug for one in duties.waiting_for(person) if one.duty.slug.startswith("explain")]


def test_at_night_a_drift_raises_the_alarm_until_the_numbers_are_found_again(
    release: Release,
    cast: Any,
    client: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        drift(patched, 1.5)
        nightly()
    made = Verification.objects.get()
    assert made.verdict == "differs"
    assert made.n_differences == len(made.differences) > 0
    told = made.differences[0]
    assert told.keys() == {"pointer", "published", "relative_at_most"}  # nobody cleared what came out now
    assert told["relative_at_most"] == 1.0
    assert [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert waiting(cast.analyst)
    assert waiting(cast.reviewer)
    assert not waiting(cast.publisher)
    url = address(release.trial, "release-detail", release.public_id)
    text = words(client.get(url))
    assert "were not found again" in text
    assert "/estimates/0/estimate" in text
    shown = client.get(f"/api/v1/releases/{release.public_id}/").json()["last_verification"]
    assert (shown["verdict"], shown["n_differences"]) == ("differs", made.n_differences)
    verifications.verify(release=Release.objects.get(pk=release.pk), progress=lambda fraction, words: None)
    assert not waiting(cast.analyst)
    assert "were not found again" not in words(client.get(url))


def test_a_night_can_be_cancelled_and_nothing_is_written(release: Release, cast: Any) -> None:
    verifications.request_due()
    run = Run.objects.get(task=verifications.TASK)
    assert verifications.request_due() == 0  # one night at a time
    cancel(run=run, by=cast.analyst)
    tasks.replicate(str(run.pk))
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert not Verification.objects.exists()


def test_an_analyst_asks_by_page_and_others_do_not(release: Release, cast: Any, sign_in: Any) -> None:
    url = address(release.trial, "release-replicate", release.public_id)
    assert sign_in(cast.publisher).post(url).status_code == 403
    assert sign_in(cast.analyst).post(url).status_code == 302
    run = Run.objects.get(task=verifications.TASK)
    assert sign_in(cast.analyst).post(url).status_code == 409
    tasks.replicate(str(run.pk))
    assert Verification.objects.get().by == cast.analyst
    page = sign_in(cast.analyst).get(f"/runs/{run.pk}/")
    assert "1 computed again, 1 with the same numbers" in words(page)


def test_a_verification_is_whole_and_never_changed(release: Release) -> None:
    made = {"release": release, "at": timezone.now()}
    for broken in (
        {"verdict": "same", "n_differences": 1, "is_same_image": True},
        {"verdict": "differs", "n_differences": 0, "is_same_image": True},
        {"verdict": "not_done"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Verification.objects.create(**made, **broken)


def test_data_that_are_gone_are_a_verification_that_could_not_be_done(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*given: Any) -> Any:
        raise Damaged("A kept file no longer has the content that its hash promises, so it is not used.")

    monkeypatch.setattr(replicating.sealing, "columns", gone)
    code, _, errors = command(str(release.public_id))
    assert code == 2
    assert "no longer has the content" in errors
    assert Verification.objects.get().verdict == "not_done"


def test_an_engine_that_fails_is_an_alarm_and_hides_no_other_release(
    release: Release, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*given: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(engine, "ESTIMATORS", dict.fromkeys(engine.ESTIMATORS, fails))
    assert nightly().state == Run.State.DONE
    made = Verification.objects.get()
    assert (made.verdict, made.is_same_image) == ("not_done", None)
    assert "an error on our side" in made.reason
    assert waiting(cast.analyst)


def test_what_would_not_be_done_in_time_is_left_to_the_next_run(
    release: Release, cast: Any, settings: Any
) -> None:
    stages.published(cast)
    settings.CELERY_TASK_SOFT_TIME_LIMIT = 0.001
    for _ in range(2):
        assert verifications.request_due() > 0
        run = Run.objects.filter(task=verifications.TASK).latest("created_at")
        tasks.replicate(str(run.pk))
    assert Verification.objects.filter(verdict="same").count() == 2
    assert verifications.request_due() == 0


def test_those_that_waited_longest_come_first(release: Release, cast: Any) -> None:
    never = stages.published(cast)
    Verification.objects.create(
        release=release, at=timezone.now() - dt.timedelta(hours=21), verdict="not_done", reason="Once."
    )
    assert verifications.request_due() == 2
    run = Run.objects.get(task=verifications.TASK)
    assert run.params["releases"] == [str(never.public_id), str(release.public_id)]

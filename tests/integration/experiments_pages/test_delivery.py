"""The dose ledger: reports add up, the newest word on a day counts, and what fell short shows where it matters."""

import datetime as dt
import io
from typing import Any

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from centre.errors import Conflict
from centre.models import Run
from experiments import tasks
from experiments.actions import analyses, blind_reviews, conduct, datasets, factual_checks, releases
from experiments.analysis.delivery import dose_ledger
from experiments.models import Analysis, Dataset, Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, words
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db


def day(back: int = 0) -> str:
    return (timezone.localdate() - dt.timedelta(days=back)).isoformat()


def report(trial: Trial, share: float, *, back: int = 0, control: float = 0.0) -> bytes:
    """Return one day's report: treated units got this share of their plan (1), the others this dose."""
    arms = trial.allocations.get().assignments.order_by("unit").values_list("unit", "arm")
    rows = [f"{unit},{day(back)},{share if arm == 'treatment' else control}" for unit, arm in arms]
    return "\n".join(("unit,date,delivered", *rows)).encode()


def send(trial: Trial, content: bytes, by: Any) -> Run:
    run = datasets.receive(trial=trial, file=io.BytesIO(content), kind="dose", filename="gps.csv", by=by)
    tasks.ingest(str(run.pk))
    return Run.objects.get(pk=run.pk)


def integrity(trial: Trial) -> float:
    ledger = dose_ledger(stages.fresh(trial))
    assert ledger is not None
    return ledger.summary().integrity


def test_reports_add_up_and_the_newest_word_on_a_day_counts(cast: Any) -> None:
    trial = stages.delivering(cast)
    send(trial, report(trial, 1.0, back=1), cast.force_user)
    assert integrity(trial) == 1.0
    send(trial, report(trial, 0.5), cast.force_user)
    assert integrity(trial) == pytest.approx(0.75)
    send(trial, report(trial, 0.0, back=1), cast.force_user)
    assert integrity(trial) == pytest.approx(0.25)
    assert list(Dataset.objects.filter(kind="dose").values_list("version", flat=True)) == [3, 2, 1]


def test_the_page_is_empty_then_says_what_was_delivered(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    client = sign_in(cast.force_user)
    url = address(trial, "trial-delivery")
    page = client.get(url)
    assert "Nothing has been reported yet" in words(page)
    upload = address(trial, "trial-data-upload") + "?kind=dose"
    assert upload in page.content.decode()
    asked = words(client.get(upload))
    assert "delivered A number with a point, without commas" in asked
    assert "date A date as YYYY-MM-DD Needed" in asked
    assert "planned A number with a point, without commas May be left out" in asked

    send(trial, report(trial, 0.5, back=8), cast.force_user)
    send(trial, report(trial, 0.5, control=0.1), cast.force_user)
    text = words(client.get(url))
    assert "50% of the planned dose was delivered" in text
    assert "below the floor of 60%" in text
    assert (
        "100% of the comparison's units got some of the treatment, in all 10% of what the treated got" in text
    )
    assert 'role="img"' in client.get(url).content.decode()
    assert "Treated units below the smallest acceptable dose (0.6) on average" in text


def test_units_are_named_only_to_those_who_may_know_their_arm(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    send(trial, report(trial, 0.5), cast.force_user)
    url = address(trial, "trial-delivery")
    treated = trial.allocations.get().assignments.filter(arm="treatment").first().unit
    assert treated in words(sign_in(cast.custodian).get(url))
    for person in (cast.analyst, cast.registrar, cast.reviewer):
        text = words(sign_in(person).get(url))
        assert "50% of the planned dose" in text
        assert treated not in text
    assert sign_in(cast.researcher).get(url).status_code == 403
    assert sign_in(cast.other_force_user).get(url).status_code == 403


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("unit,date,delivered\nU999,{day},1\n", "U999 is not in this trial"),
        ("unit,date,delivered\nU001,{day},-1\n", "line 2, column delivered"),
        ("unit,date,delivered\nU001,{tomorrow},1\n", "line 2, column date"),
        ("unit,date,delivered\nU001,{day},1\nU001,{day},2\n", "Lines 2 and 3 are the same unit and day"),
        ("unit,date\nU001,{day}\n", "Column 'delivered' is missing"),
    ],
)
def test_a_wrong_report_is_refused_line_by_line(cast: Any, sign_in: Any, content: str, problem: str) -> None:
    trial = stages.delivering(cast)
    text = content.format(day=day(), tomorrow=day(-1))
    run = send(trial, text.encode(), cast.force_user)
    assert run.state == Run.State.FAILED
    assert problem in words(sign_in(cast.force_user).get(reverse("run-detail", args=[run.pk])))
    assert not Dataset.objects.exists()


def test_nothing_is_reported_before_the_draw(cast: Any) -> None:
    trial = stages.frozen(cast)
    with pytest.raises(Conflict, match="not allocated"):
        datasets.receive(trial=trial, file=io.BytesIO(b"unit"), kind="dose", by=cast.force_user)


def published(cast: Any, share: float) -> Any:
    """Return the release of a trial that delivered this share of its plan."""
    trial = stages.delivering(cast)
    send(trial, report(trial, share), cast.force_user)
    return closed(cast, trial)


def closed(cast: Any, trial: Trial) -> Any:
    """Take a trial that is being delivered to its published release."""
    trial = conduct.advance(trial=stages.fresh(trial), to="follow_up", by=cast.force_user)
    run = datasets.receive(trial=trial, file=io.BytesIO(stages.outcomes(trial)), by=cast.force_user)
    tasks.ingest(str(run.pk))
    blind_reviews.record(trial=trial, comment="Nothing is missing.", by=cast.registrar)
    trial = conduct.advance(trial=stages.fresh(trial), to="data_locked", by=cast.registrar)
    made = analyses.request(trial=trial, by=cast.analyst)
    tasks.analyse(str(made.run.pk))
    release = releases.prepare(
        trial=stages.fresh(trial), analysis=Analysis.objects.get(pk=made.pk), by=cast.analyst
    )
    for checker in (cast.checker, cast.second_checker):
        releases.clear(release=release, by=checker)
    factual_checks.record(release=release, by=cast.force_user)
    return releases.publish(release=type(release).objects.get(pk=release.pk), by=cast.publisher)


def test_below_the_floor_it_is_no_test_of_the_tactic(cast: Any, client: Any) -> None:
    release = published(cast, 0.4)
    assert release.analysis.delivery["integrity"] == pytest.approx(0.4)
    for name, more in (("trial-detail", ()), ("release-detail", (release.public_id,))):
        text = words(client.get(address(release.trial, name, *more)))
        assert "Not a test of the tactic" in text, name
    finding = release.trial.tactic.findings.get()
    assert finding.below_integrity_floor
    row = client.get(reverse("api-estimate-list")).json()["results"][0]
    assert row["integrity_pct"] == 40.0


def test_what_was_delivered_stands_beside_the_result_and_in_the_rating(cast: Any, client: Any) -> None:
    release = published(cast, 0.9)
    text = words(client.get(address(release.trial, "release-detail", release.public_id)))
    assert "90% of the planned dose was delivered" in text
    assert "The registered plan does not estimate it" in text
    assert "Not a test of the tactic" not in text
    finding = release.trial.tactic.findings.get()
    assert not finding.below_integrity_floor
    assert finding.evidence["threats"] == []


def test_the_ledger_fills_the_dose_columns_of_the_plan(cast: Any, client: Any) -> None:
    """The plan asks for the effect of receiving the treatment; the outcome file holds no such column."""
    tactic = library.published(cast.registrar, "Visits after a call", is_simulated=True)
    document = stages.document(tactic)
    plan = document["analysis_plan"]
    plan["columns"] = plan["columns"] | {"received": "visited", "dose": "visits"}
    (main,) = plan["estimates"]
    plan["estimates"] = [
        main,
        {"id": "D1", "role": "secondary", "outcome": main["outcome"], "estimand": "CACE", "estimator": "iv"},
    ]
    plan["checks"] = ["dose"]
    trial = stages.delivering_with(cast, tactic, document)
    send(trial, report(trial, 0.5), cast.force_user)
    release = closed(cast, trial)
    made = {row.estimate_id: row for row in release.analysis.results.all()}
    assert made["D1"].status == "ok"
    arms = trial.allocations.get().assignments.order_by("unit").values_list("arm", flat=True)
    calls = np.array([(8 if arm == "treatment" else 14) + place % 5 for place, arm in enumerate(arms)])
    is_treated = np.array([arm == "treatment" for arm in arms])
    gap = calls[is_treated].mean() - calls[~is_treated].mean()
    assert made["D1"].estimate == pytest.approx(
        gap / 0.5
    )  # half the dose did it, so the whole does twice that
    text = words(client.get(address(release.trial, "release-detail", release.public_id)))
    assert "As assigned, and as delivered" in text
    assert "(D1)" in text


def test_the_api_gives_the_ledger_to_those_inside(cast: Any, sign_in: Any) -> None:
    trial = stages.delivering(cast)
    url = reverse("api-trial-delivery", args=[trial.ref])
    assert sign_in(cast.force_user).get(url).status_code == 404
    send(trial, report(trial, 0.5), cast.force_user)
    found = sign_in(cast.force_user).get(url).json()
    assert (found["integrity"], found["is_below_floor"], len(found["weeks"])) == (0.5, True, 1)
    assert sign_in(cast.researcher).get(url).status_code == 404

"""A crossover by place and day from its diagnosis to its result: the days are those of the draw all the way."""

import csv
import io
from typing import Any

import pytest

from experiments import tasks
from experiments.actions import allocations, analyses, blind_reviews, conduct, datasets
from experiments.models import Analysis, AssignedPeriod, Dataset, Trial
from experiments.stats.registered import DayRules
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, summary, words
from tests.integration.experiments_pages.test_allocation_methods import FIRST_DAY, document, registered, told
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db

PLACES = 12
ANSWERS = {
    "n_units": PLACES,
    "n_periods": 28,
    "autocorrelation": 0.2,
    "attrition": 0.0,
    "mean__0": 20.0,
    "spread__0": 2.0,
    "effect__0": -0.3,
    "replicates": 200,
}


def written(tactic: Any, **estimate: Any) -> dict[str, Any]:
    """Return the protocol of such a trial."""
    made = document(tactic, "crossover")
    made["sample_size"]["planned_units"] = PLACES
    made["analysis_plan"]["columns"] = {"unit": "unit", "arm": "arm", "period": "day"}
    made["analysis_plan"]["estimates"][0] |= {"estimator": "crossover", **estimate}
    made["analysis_plan"]["checks"] = ["allocation_match"]
    return made


def drawn(cast: Any, **estimate: Any) -> Trial:
    """Return such a trial with its days drawn."""
    tactic = library.published(cast.registrar, "Visits after a call", is_simulated=True)
    trial = registered(cast, tactic, written(tactic, **estimate))
    allocations.freeze_units(trial=trial, lines=stages.lines(PLACES), by=cast.custodian)
    allocations.draw(trial=stages.fresh(trial), by=cast.custodian)
    return stages.fresh(trial)


def calls(*, wrong: int | None = None) -> bytes:
    """Return the outcome file: four calls fewer on days with a visit; one row may hold the other arm."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("unit", "day", "arm", "calls"))
    for number, row in enumerate(AssignedPeriod.objects.order_by("unit", "day")):
        arm = row.arm
        if number == wrong:
            arm = "control" if arm == "treatment" else "treatment"
        writer.writerow((row.unit, row.day, arm, 12 - 4 * (row.arm == "treatment") + number * 7 % 5))
    return text.getvalue().encode()


def analysed(cast: Any, trial: Trial, file: bytes) -> Analysis:
    """Return the registered analysis of these data."""
    for state in ("delivering", "follow_up"):
        trial = conduct.advance(trial=trial, to=state, by=cast.force_user)
    run = datasets.receive(trial=trial, file=io.BytesIO(file), filename="calls.csv", by=cast.force_user)
    tasks.ingest(str(run.pk))
    assert Dataset.objects.filter(trial=trial).exists(), "the data were refused"
    blind_reviews.record(trial=trial, comment="Nothing is missing.", by=cast.registrar)
    trial = conduct.advance(trial=stages.fresh(trial), to="data_locked", by=cast.registrar)
    made = analyses.request(trial=trial, by=cast.analyst)
    tasks.analyse(str(made.run.pk))
    return Analysis.objects.get(pk=made.pk)


def test_the_engine_is_told_the_days_and_their_rules(cast: Any) -> None:
    trial = drawn(cast)
    known = told(trial)
    assert known.days is not None
    assert (known.assignment, known.shares) == ({}, {"control": 1.0, "treatment": 1.0})
    assert known.days.rules == DayRules(4, 2)
    assert (len(known.days.days), known.days.days[0]) == (28, FIRST_DAY.isoformat())
    for row in AssignedPeriod.objects.all():
        assert known.days.arms[row.unit][(row.day - FIRST_DAY).days] == row.arm


def test_the_registered_days_judge_the_effect(cast: Any, sign_in: Any) -> None:
    made = analysed(cast, drawn(cast, covariance="randomisation", options={"draws": 199}), calls())
    row = made.results.get()
    assert (row.status, row.covariance) == ("ok", "randomisation")
    assert row.estimate == pytest.approx(-4, abs=0.5)
    assert row.p_value == pytest.approx(1 / 200)
    shown = words(sign_in(cast.analyst).get(address(made.trial, "analysis-detail", made.public_id)))
    assert "Carry-over from the day before" in shown
    assert "Every row with an arm is analysed in the arm registered for its place and day." in shown


def test_a_day_in_the_other_arm_is_refused_by_the_replay_and_reported_by_the_check(
    cast: Any, sign_in: Any
) -> None:
    trial = drawn(cast, covariance="randomisation", options={"draws": 199})
    made = analysed(cast, trial, calls(wrong=40))
    row = made.results.get()
    assert row.status == "not_estimable"
    assert "cannot be made again on arms that it did not give" in row.reason
    shown = words(sign_in(cast.analyst).get(address(made.trial, "analysis-detail", made.public_id)))
    assert "Some rows are analysed in another arm than the one registered for their place and day." in shown


def test_its_design_is_diagnosed_on_days_that_are_drawn_as_stated(cast: Any, sign_in: Any) -> None:
    tactic = library.published(cast.registrar, "Visits after a call", is_simulated=True)
    trial = stages.empty(cast)
    trial = stages.trials.save(
        trial=trial, document=written(tactic), edition=trial.protocol_edition, by=cast.force_user
    )
    client = sign_in(cast.force_user)
    page = address(trial, "trial-diagnosis")
    asked = words(client.get(page))
    assert "Number of days" in asked
    assert "Periods in which treatment starts" not in asked
    answer = client.post(page, ANSWERS | {"n_periods": 27})
    assert "Days must be a whole number of blocks of 4" in summary(answer)
    answer = client.post(page, ANSWERS)
    assert answer.status_code == 302
    assert "In blocks of 4, at most 2 on end in one arm, 0 of washout" in words(
        client.get(answer.headers["Location"])
    )

"""From the hub to a trial: places chosen by a rule, counts frozen in the protocol, outcomes without a second upload."""

import csv
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
import pytest
from django.utils import timezone

from centre import vault
from centre.errors import Conflict, Invalid
from centre.hub.street.counting import ALL_CRIME
from centre.models import AuditEvent, Run
from experiments import hub_counts, protocol, tasks
from experiments.actions import (
    allocations,
    conduct,
    datasets,
    extracts,
    trials,
)
from experiments.analysis import sealing
from experiments.analysis.extracting import Rule, look
from experiments.management.sample import protocols
from experiments.management.sample.trials import FAIR_TREATMENT
from experiments.models import Dataset, Extract, Trial
from experiments.unit_list import UnitLine
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, words
from tests.integration.hub import places
from tests.integration.hub.sent import kept
from tests.integration.tactics import library

pytestmark = pytest.mark.django_db


def before() -> list[str]:
    return places.months(12, until=timezone.localdate())


def this_month() -> str:
    return f"{timezone.localdate():%Y-%m}"


def rule(**other: Any) -> Rule:
    months = before()
    return Rule(
        **{"forces": ("testshire",), "measure": ALL_CRIME, "first": months[0], "last": months[-1], **other}
    )


@pytest.fixture
def hub(tmp_path: Path, cast: SimpleNamespace) -> None:
    """A year of street files before this month."""
    kept(tmp_path, places.files(before()), cast.force_user)


@pytest.mark.usefixtures("hub")
def test_a_rule_chooses_areas_and_says_what_could_be_found(cast: SimpleNamespace) -> None:
    found = look(stages.draft(cast), rule(at_least=3.4), cast.force_user)
    assert set(found.counts.units) == set(places.AREAS[20:])  # those with the higher level
    assert found.n_seen == 40
    expected = [[places.located(month)[unit] for month in found.counts.months] for unit in found.counts.units]
    assert found.counts.values.tolist() == expected
    assert found.summary is not None
    assert found.power is not None
    assert found.power.answer.is_solved
    assert (found.trends, found.no_trends) == (None, "")


@pytest.mark.usefixtures("hub")
def test_both_sides_of_a_comparison_are_tested_on_the_months_before(cast: SimpleNamespace) -> None:
    found = look(stages.draft(cast), rule(treated=places.AREAS[::4]), cast.force_user)
    assert found.trends is not None
    assert found.trends.p_value > 0.001  # nothing moved them apart
    assert found.trends.df == 11
    first = found.counts.months[0]
    treated = [places.located(first)[unit] for unit in places.AREAS[::4]]
    assert found.means[0] == pytest.approx((first, sum(treated) / 10, found.means[0][2]))


@pytest.mark.parametrize(
    ("changed", "pointer", "said"),
    [
        ({"last": "this month"}, "/last", "planned to start"),
        ({"treated": ("E01999999",)}, "/treated", "E01999999"),
        ({"at_least": 1e6}, "/at_least", "No area has so many"),
        ({"first": "2001-01", "last": "2001-12"}, "/first", "no month in this range"),
        ({"first": "1990-01"}, "/last", "60 months or fewer"),
    ],
)
@pytest.mark.usefixtures("hub")
def test_a_rule_that_cannot_be_names_its_field(
    cast: SimpleNamespace, changed: dict[str, Any], pointer: str, said: str
) -> None:
    changed = {name: this_month() if value == "this month" else value for name, value in changed.items()}
    with pytest.raises(Invalid, match=said) as refused:
        look(stages.draft(cast), rule(**changed), cast.force_user)
    assert refused.value.problems[0].pointer == pointer


def test_months_that_are_missing_or_not_to_be_compared_are_left_out_and_said(
    tmp_path: Path, cast: SimpleNamespace
) -> None:
    months = before()
    given = places.files([month for month in months if month != months[3]])
    lines = given[f"{months[5]}/{months[5]}-testshire-street.csv"].decode().splitlines(keepends=True)
    given[f"{months[5]}/{months[5]}-testshire-street.csv"] = "".join(lines[:9]).encode()  # a collapse
    kept(tmp_path, given, cast.force_user)
    found = look(stages.draft(cast), rule(), cast.force_user)
    assert found.left_out == (
        f"{months[3]}: no file",
        f"{months[5]}: not to be compared, as the force’s scorecard says",
    )
    assert len(found.counts.months) == 10


@pytest.mark.usefixtures("hub")
def test_another_force_counts_nothing_of_this_one(cast: SimpleNamespace) -> None:
    with pytest.raises(Invalid, match="no month in this range"):
        look(stages.draft(cast), rule(), cast.other_force_user)


@pytest.mark.usefixtures("hub")
def test_what_is_frozen_is_named_in_the_protocol_and_anybody_can_hash_it(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    trial = stages.draft(cast)
    client, months = sign_in(cast.force_user), before()
    asked = {
        "forces": "testshire",
        "measure": ALL_CRIME,
        "first": months[0],
        "last": months[-1],
        "at_least": "3.4",
    }
    page = address(trial, "trial-units")
    assert "The rule" in words(client.get(page))
    shown = words(client.get(f"{page}?{urlencode(asked)}"))
    assert "20 of 40 areas, over 12 months" in shown
    assert not Extract.objects.exists()
    assert client.post(f"{page}?{urlencode(asked)}").status_code == 302
    made = Extract.objects.get()
    named = stages.fresh(trial).draft.data.baseline_extract
    assert named.sha256 == made.sha256
    assert AuditEvent.objects.filter(event="extract.frozen").count() == 1

    counts = client.get(f"{page}{made.public_id}/counts.csv")
    assert vault.read(made.sha256) == counts.content
    assert len(counts.content.splitlines()) == 1 + 20 * 12
    units = client.get(f"{page}{made.public_id}/units.csv").content.decode().split()
    assert units == ["unit", *sorted(places.AREAS[20:])]

    again = client.post(f"{page}?{urlencode(asked)}")
    assert again.status_code == 409
    assert "were frozen on" in words(again)
    wrong = client.get(f"{page}?{urlencode(asked | {'first': 'March'})}")
    assert wrong.status_code == 422
    assert "Enter a month as YYYY-MM" in words(wrong)


@pytest.mark.usefixtures("hub")
def test_nothing_is_frozen_once_the_protocol_is(cast: SimpleNamespace) -> None:
    with pytest.raises(Conflict, match="start an amendment"):
        extracts.freeze(trial=stages.registered(cast), rule=rule(), by=cast.force_user)


def counted_by_the_hub(document: dict[str, Any]) -> dict[str, Any]:
    """Return the protocol with every count among its outcomes counted by the hub."""
    outcomes = [
        {**one, "hub_measure": ALL_CRIME} if one["measure"] == "count" else one
        for one in document["outcomes"]
    ]
    return {**document, "outcomes": outcomes}


def taken(trial: Trial, by: Any) -> Run:
    """Take the outcomes from the hub as a worker would; return the run as it ended."""
    run = datasets.feed(trial=stages.fresh(trial), by=by)
    tasks.ingest(str(run.pk))
    return Run.objects.get(pk=run.pk)


@pytest.mark.usefixtures("hub")
def test_outcomes_of_a_randomised_trial_come_from_the_hub(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    kept(tmp_path, places.files([this_month()]), cast.force_user)
    tactic = library.published(cast.registrar, "Visits after a call", is_simulated=True)
    trial = trials.start(title="Do visits cut crime?", by=cast.force_user, tactic=tactic, is_simulated=True)
    document = stages.declaring(counted_by_the_hub(stages.document(tactic)), cast.force_user)
    trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=cast.force_user)
    trial = stages.registered_as_it_is(cast, trial)
    conduct.advance(trial=trial, to="baseline", by=cast.registrar)
    lines = [UnitLine(code, force="testshire") for code in places.AREAS]
    allocations.freeze_units(trial=stages.fresh(trial), lines=lines, by=cast.custodian)
    allocations.draw(trial=stages.fresh(trial), by=cast.custodian)
    conduct.advance(trial=stages.fresh(trial), to="delivering", by=cast.force_user)

    page = sign_in(cast.force_user).get(address(trial, "trial-data-feed"))
    assert "All crime" in words(page)
    ended = taken(trial, cast.force_user)
    assert ended.state == Run.State.DONE, (ended.error, ended.problems)
    dataset = Dataset.objects.get(trial=trial)
    rows = sealing.columns(dataset).to_pylist()
    assert {row["unit"]: row["calls"] for row in rows} == places.located(this_month())
    assert {row["unit"]: row["arm"] for row in rows} == dict(
        stages.fresh(trial).allocation.assignments.values_list("unit", "arm")
    )
    assert dataset.filename_given == f"From the data hub {this_month()} to {this_month()}.csv"


@pytest.mark.usefixtures("hub")
def test_outcomes_after_the_start_of_a_comparison_over_time_are_sealed(cast: SimpleNamespace) -> None:
    tactic = library.published(cast.registrar, "Fair-treatment training", is_simulated=True)
    trial = trials.start(title="Training in places", by=cast.force_user, tactic=tactic, is_simulated=True)
    document = protocols.document(
        FAIR_TREATMENT, tactic=tactic.slug, tactic_version=tactic.version, today=timezone.localdate()
    )
    document["sites"] = stages.document(tactic)["sites"]
    document = stages.declaring(counted_by_the_hub(document), cast.force_user)
    trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=cast.force_user)
    trial = stages.registered_as_it_is(cast, trial)
    conduct.advance(trial=trial, to="baseline", by=cast.registrar)
    months = before()
    starts = [f"{months[8]}-01", f"{months[10]}-01", ""]
    lines = [
        UnitLine(code, force="testshire", start=starts[place % 3]) for place, code in enumerate(places.AREAS)
    ]
    allocations.freeze_units(trial=stages.fresh(trial), lines=lines, by=cast.custodian)
    conduct.advance(trial=stages.fresh(trial), to="delivering", by=cast.force_user)

    ended = taken(trial, cast.force_user)
    assert ended.state == Run.State.DONE, (ended.error, ended.problems)
    dataset = Dataset.objects.get(trial=trial)
    assert dataset.is_sealed
    assert dataset.n_rows == 40 * 12
    with pytest.raises(sealing.Sealed):
        sealing.columns(dataset)
    column = protocol.from_json(document).outcomes[0].column
    seen = sealing.open_columns(dataset, ["period", column]).to_pylist()
    assert {str(row["period"]) for row in seen} == {f"{month}-01" for month in months[:8]}
    assert sum(row[column] for row in seen) == sum(
        sum(places.located(month).values()) for month in months[:8]
    )


def test_what_the_hub_cannot_fill_is_named(cast: SimpleNamespace) -> None:
    with pytest.raises(Conflict, match="No outcome of the registered protocol is counted by the hub"):
        datasets.feed(trial=stages.delivering(cast), by=cast.force_user)


def test_a_file_that_says_the_same_has_the_same_hash_whatever_the_order_of_rows(
    cast: SimpleNamespace,
) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(places.files(["2024-01"])["2024-01/2024-01-testshire-street.csv"].decode())
        )
    )
    tables = [
        pa.table({name: [row[name] for row in given] for name in ("LSOA code", "Crime type")})
        for given in (rows, rows[::-1])
    ]
    one, other = (hub_counts.count([("2024-01", table)], "burglary").sha256 for table in tables)
    assert one == other


@pytest.mark.usefixtures("hub")
def test_areas_chosen_for_their_counts_are_described_by_months_they_were_not_chosen_on(
    cast: SimpleNamespace,
) -> None:
    trial = stages.draft(cast)
    found = look(trial, rule(most=8), cast.force_user)
    assert found.fell_back is not None
    before, after = found.fell_back
    assert before > after  # eight of twenty with one level were high by chance
    assert found.summary is not None
    assert (found.summary.n_units, found.summary.n_periods) == (8, 6)
    assert found.summary.mean == after
    short = rule(first=before_last(6), most=8)
    few = look(trial, short, cast.force_user)
    assert (few.summary, few.power) == (None, None)
    assert few.no_summary == "areas chosen for their counts are described from 8 months on"


def before_last(n: int) -> str:
    return before()[-n]

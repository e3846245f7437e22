"""Standards: two people, never hours alone, figures in versions, comparisons only where the data may be compared."""

import datetime as dt
import html
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from centre.errors import Conflict, Invalid, NotPermitted
from centre.frozen import Frozen
from centre.hub import benchmarks
from centre.hub.actions import standards
from centre.hub.actions.standards import Outcome
from centre.hub.standards.funnel import Standing
from centre.models import AuditEvent, Force, Standard
from tests.integration.hub import standing
from tests.integration.hub.sent import content, kept
from tests.integration.hub.standing import (
    OUTCOME,
    adopted,
    forces,
    grouped,
    page_of,
    proposed,
    rows,
    sent,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def country(cast: SimpleNamespace, dictionary: None) -> Standard:
    """A standard, and nine forces of which testshire is far below the rest."""
    standard = adopted(cast.registrar, cast.director)
    lines = [line for at, one in enumerate(forces()) for line in rows(one.slug, 84 + at % 3)]
    sent(cast.registrar, *lines, *rows("testshire", 40))
    return standard


# --- two people, and never hours alone --------------------------------------------------------------


def test_one_proposes_and_another_adopts(cast: SimpleNamespace, dictionary: None) -> None:
    standard = proposed(cast.registrar)
    assert not Standard.objects.in_force().exists()
    with pytest.raises(NotPermitted, match="another person"):
        standards.adopt(standard=standard, by=cast.registrar)
    with pytest.raises(NotPermitted):
        standards.adopt(standard=standard, by=cast.analyst)
    standards.adopt(standard=standard, by=cast.director)
    assert Standard.objects.in_force().get().adopted_by == cast.director
    with pytest.raises(Conflict, match="already"):
        standards.adopt(standard=standard, by=cast.director)
    assert list(AuditEvent.objects.filter(event__startswith="standard.").values_list("event", flat=True)) == [
        "standard.proposed",
        "standard.adopted",
    ]


def test_the_database_keeps_the_second_person_and_the_row(cast: SimpleNamespace, dictionary: None) -> None:
    standard = proposed(cast.registrar)
    table, by = Standard._meta.db_table, cast.registrar.pk
    standard.adopted_at, standard.adopted_by = standard.proposed_at, cast.registrar
    with pytest.raises(DatabaseError, match="adopted_by_another"), transaction.atomic():
        standard.save(update_fields=["adopted_at", "adopted_by"])
    for change in ("name = 'Another'", f"proposed_by_id = {by} + 1"):
        with pytest.raises(DatabaseError), transaction.atomic():
            _sql(f"UPDATE {table} SET {change}")
    with pytest.raises(Frozen):
        Standard.objects.update(name="Another")
    with pytest.raises(DatabaseError, match="never_inputs_alone"), transaction.atomic():
        Standard.objects.create(
            key="hours",
            version=1,
            name="Hours",
            good="x",
            direction="lower",
            valid_from=standard.valid_from,
            proposed_by=cast.registrar,
            outcome=standard.outcome,
            inputs=standard.inputs,
        )


def _sql(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("changed", "pointer", "said"),
    [
        (
            {"activity": (), "outcome": ""},
            "/inputs",
            "Inputs like hours alone are no standard of productivity",
        ),
        ({"outcome": ""}, "/outcome", "what comes of it"),
        ({"activity": ()}, "/activity", "what is done with the inputs"),
        ({"outcome": "officer-hours"}, "/outcome", "a measure of the dictionary that is an outcome"),
        ({"inputs": ("nothing",)}, "/inputs", "a measure of the dictionary that is an input"),
        ({"target_source": ""}, "/target_source", "who set the target"),
        ({"target": None}, "/target", "leave its source empty too"),
        ({"target": -1}, "/target", "0 or more"),
        ({"direction": "sideways"}, "/direction", "higher or lower"),
        ({"good": " "}, "/good", "what good looks like"),
        ({"inputs": ("officer-hours",) * 2}, "/inputs", "named already"),
        ({"inputs": ("officer-hours",) * 4}, "/inputs", "3 measures or fewer"),
        ({"further": [Outcome(OUTCOME, "higher")]}, "/outcome_2", "named already"),
        (
            {"further": [Outcome("", "higher")]},
            "/outcome_2",
            "a measure of the dictionary that is an outcome",
        ),
        ({"further": [Outcome("officer-hours", "higher")]}, "/outcome_2", "that is an outcome"),
        ({"further": [Outcome("crime-per-1000", "")]}, "/direction_2", "higher or lower"),
        (
            {"further": [Outcome("crime-per-1000", "lower", Decimal(9))]},
            "/target_source_2",
            "who set the target",
        ),
        ({"key": "New Key"}, "/key", "small letters"),
        ({"key": "new"}, "/key", "small letters"),
    ],
)
def test_a_standard_that_cannot_be_is_refused_by_its_field(
    cast: SimpleNamespace, dictionary: None, changed: dict[str, Any], pointer: str, said: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        proposed(cast.registrar, **changed)
    assert refusal.value.problems[0].pointer == pointer
    assert said in refusal.value.message
    assert not Standard.objects.exists()


def test_a_new_version_says_why_and_overtakes_a_proposal(cast: SimpleNamespace, dictionary: None) -> None:
    first = adopted(cast.registrar, cast.director)
    with pytest.raises(Invalid, match="why the standard changes"):
        proposed(cast.registrar)
    with pytest.raises(Invalid, match="holds from 2026-01-01"):
        proposed(cast.registrar, reason="Earlier", valid_from=dt.date(2025, 1, 1))
    second = proposed(cast.registrar, reason="A lower target", target=85)
    third = proposed(cast.registrar, reason="Lower still", target=80)
    with pytest.raises(Conflict, match="newer version"):
        standards.adopt(standard=second, by=cast.director)
    assert Standard.objects.in_force().get() == first
    standards.adopt(standard=third, by=cast.director)
    assert Standard.objects.in_force().get() == third


def test_a_standard_is_proposed_and_adopted_bypage_of(
    cast: SimpleNamespace, dictionary: None, sign_in: Any
) -> None:
    registrar, director = sign_in(cast.registrar), sign_in(cast.director)
    sent_form = {
        "key": "files-right-first-time",
        "name": "Files right first time",
        "good": "Nine in ten.",
        "inputs": "officer-hours",
        "direction": "higher",
        "valid_from_day": "1",
        "valid_from_month": "1",
        "valid_from_year": "2026",
    }
    answer = registrar.post(reverse("hub-standard-new"), sent_form)
    assert answer.status_code == 422
    page = html.unescape(answer.content.decode())
    assert "Inputs like hours alone are no standard of productivity" in page
    assert "Nine in ten." in page
    whole = {**sent_form, "activity": standing.ACTIVITY, "outcome": OUTCOME}
    assert registrar.post(reverse("hub-standard-new"), whole).status_code == 302
    assert "there is a standard with this key" in _lower(registrar.post(reverse("hub-standard-new"), whole))
    address = reverse("hub-standard-adopt", args=["files-right-first-time", 1])
    assert "You proposed it" in page_of(registrar, "hub-standard-adopt", "files-right-first-time", 1)
    assert registrar.post(address).status_code == 403
    assert (
        sign_in(cast.force_user).get(reverse("hub-standard", args=["files-right-first-time"])).status_code
        == 404
    )
    assert director.post(address).status_code == 302
    assert director.post(address).status_code == 409
    assert "Files right first time" in page_of(
        sign_in(cast.force_user), "hub-standard", "files-right-first-time"
    )
    revised = registrar.get(reverse("hub-standard-revise", args=["files-right-first-time"])).content.decode()
    assert f'value="{OUTCOME}" selected' in revised
    assert 'value="officer-hours" id="id_inputs_0" checked' in " ".join(revised.split())


def _lower(answer: Any) -> str:
    return html.unescape(answer.content.decode()).lower()


# --- how forces stand ---------------------------------------------------------------------------------


def test_forces_are_compared_and_each_stands_against_the_target(country: Standard) -> None:
    (found,) = benchmarks.compared(benchmarks.Figures(Force.objects.filter(kind=Force.Kind.SAMPLE)), country)
    assert found.months == ("2025-06", "2026-05")
    assert found.stands == {"better": 0, "within": 8, "worse": 1, "all": 9}
    own = found.row(Force.objects.get(slug="testshire"))
    assert own is not None
    assert own.placed is not None
    assert (own.outcome.value, own.outcome.denominator) == (486, 1200)  # type: ignore[union-attr]
    assert own.placed.standing in (Standing.BELOW, Standing.FAR_BELOW)
    assert found.assured == {"meets": 0, "inconsistent": 0, "fails": 9, "all": 9}


def test_estimates_and_missing_months_are_left_out_of_the_comparison_and_said(
    cast: SimpleNamespace, country: Standard, sign_in: Any
) -> None:
    sent(
        cast.registrar,
        *rows("shire-0", 60, months=MONTHS_OF_2026, basis="estimated"),
        f"shire-1,{OUTCOME},2026-02,,,counted",
    )
    page = page_of(sign_in(cast.registrar), "hub-standard", country.key)
    assert "Shire 0: the data of 5 of 12 months are not to be compared" in page
    assert "Shire 1: 1 of 12 months are not known" in page
    # Seven are left: too few, so that nobody is shown another force's figures.
    assert "7 forces can be compared: a comparison needs 8 or more" in page
    own = page_of(sign_in(cast.force_user), "hub-standard", country.key)
    assert "Shire 2" not in own
    assert "2 forces are left out" in own
    assert "Testshire Police" in own


MONTHS_OF_2026 = [f"2026-{month:02d}" for month in range(1, 6)]


def test_a_force_user_sees_what_may_be_published_and_their_own(
    cast: SimpleNamespace, country: Standard, sign_in: Any
) -> None:
    sent(cast.registrar, *rows("shire-0", 60, months=MONTHS_OF_2026, basis="estimated"))
    client = sign_in(cast.force_user)
    page = page_of(client, "hub-standard", country.key)
    assert "Of 8 forces compared" in page
    assert "Shire 1" in page
    assert "Shire 0" not in page
    assert "1 force is left out" in page
    own = page_of(client, "hub-force-standards", "testshire")
    assert "Worse, outside" in own
    assert 'href="/hub/standards/" aria-current="page"' in own
    assert 'href="/hub/" aria-current="page"' not in own
    assert client.get(reverse("hub-force-standards", args=["shire-1"])).status_code == 404
    assert "Of 8 forces compared" in page_of(client, "hub-standard-list")


def test_a_force_is_compared_with_its_like(cast: SimpleNamespace, country: Standard, sign_in: Any) -> None:
    group = grouped(cast.registrar, "testshire", *(f"shire-{at}" for at in range(7)))
    small = grouped(cast.registrar, "testshire", "shire-1", name="Small group")
    client = sign_in(cast.force_user)
    page = page_of(client, "hub-standard", country.key, query=f"?group={group.pk}")
    assert "Of 8 forces compared" in page
    assert "An invented list" in page
    assert "Not compared: 2 forces can be compared" in page_of(
        client, "hub-standard", country.key, query=f"?group={small.pk}"
    )
    assert "Among Likely group" in page_of(
        client, "hub-force-standards", "testshire", query=f"?group={group.pk}"
    )
    assert client.get(reverse("hub-standard", args=[country.key]) + "?group=999").status_code == 404


def test_too_few_residents_give_no_rate(cast: SimpleNamespace, dictionary: None, sign_in: Any) -> None:
    measures_rate = {
        "outcome": "crime-per-1000",
        "inputs": (),
        "activity": (),
        "key": "crime",
        "direction": "lower",
    }
    adopted(cast.registrar, cast.director, **measures_rate)
    sent(cast.registrar, "city-of-london,crime-per-1000,2025-04/2026-03,5000,13500,counted")
    page = page_of(sign_in(cast.registrar), "hub-standard", "crime")
    assert "City of London Police: 13,500 residents say little of the people who are there" in page


def test_figures_of_street_files_are_used_where_the_hub_has_them(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    adopted(
        cast.registrar,
        cast.director,
        outcome="burglary",
        inputs=(),
        activity=(),
        key="burglary",
        direction="lower",
    )
    kept(tmp_path, content(*[f"2024-{month:02d}" for month in range(1, 13)]), cast.force_user)
    Force.objects.filter(slug="testshire").update(population=500_000, population_on=dt.date(2023, 6, 30))
    page = page_of(sign_in(cast.force_user), "hub-force-standards", "testshire")
    assert "per 1,000 residents in the twelve months to 2024-12" in page
    assert "of 500,000" in page


def test_the_api_shows_each_caller_what_the_page_does(
    cast: SimpleNamespace, country: Standard, sign_in: Any
) -> None:
    sent(cast.registrar, *rows("shire-0", 60, months=MONTHS_OF_2026, basis="estimated"))
    (listed,) = sign_in(cast.force_user).get(reverse("api-standard-list")).json()["results"]
    assert (listed["key"], listed["target"], listed["inputs"]) == (country.key, 90, "officer-hours")
    address = reverse("api-standard", args=[country.key])
    own = sign_in(cast.force_user).get(address).json()
    everything = sign_in(cast.analyst).get(address).json()
    assert (own["first_month"], own["last_month"], own["not_compared"]) == ("2025-06", "2026-05", "")
    assert "shire-0" not in {one["force"] for one in own["forces"]}
    by_force = {one["force"]: one for one in everything["forces"]}
    assert by_force["shire-0"] == {
        "force": "shire-0",
        "value": None,
        "denominator": None,
        "estimate": None,
        "standing": None,
        "left_out": "the data of 5 of 12 months are not to be compared",
        "target": "consistently misses the target",
    }
    assert by_force["testshire"]["estimate"] == pytest.approx(40.5)
    assert by_force["testshire"]["standing"].startswith("below")
    assert sign_in(cast.researcher).get(address).status_code == 404
    assert sign_in(cast.researcher).get(reverse("api-standard-list")).status_code == 403

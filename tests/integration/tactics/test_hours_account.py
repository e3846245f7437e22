"""The hours account: who may say what, what is never added or counted twice, and when all forces are spoken of."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from centre.errors import NotPermitted
from centre.frozen import Frozen
from centre.models import AuditEvent, Force
from tactics.actions import hours
from tactics.actions.hours import AlreadyCorrected, Overlapping
from tactics.actions.practice import InventedWithReal
from tactics.hours import HoursSaid
from tactics.models import HoursClaim, Tactic
from tests.integration.tactics.library import candidate, found, published, signed
from tests.integration.tactics.practice import HOURS, claimed

pytestmark = pytest.mark.django_db

ANSWERS = {
    "force": "testshire",
    "starts_on_day": "1",
    "starts_on_month": "1",
    "starts_on_year": "2025",
    "ends_on_day": "31",
    "ends_on_month": "12",
    "ends_on_year": "2025",
    "status": "realised",
    "gross_hours": "1200",
    "cost_hours": "200.5",
    "cost_words": "Training 150, checking 50.5",
    "net_low": "600",
    "net_high": "1500",
    "incidents": "2000",
    "counted_as": "calls",
    "basis": "measured",
    "how_known": "Duty records before and after.",
}
NONE = "There is no number for all forces."


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def tactic(cast: Any) -> Tactic:
    return published(cast.registrar, is_simulated=True)


@pytest.fixture
def rated(cast: Any) -> Tactic:
    """A real tactic of strength 3."""
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    return tactic


def address(tactic: Tactic) -> str:
    return reverse("tactic-hours", args=[tactic.slug])


def test_a_force_says_what_it_saved(cast: Any, force: Any, tactic: Tactic) -> None:
    made = claimed(tactic, force, cast.force_user)
    assert (made.net_hours, made.net_per_1000, made.by_centre) == (1000, 500, False)
    event = AuditEvent.objects.get(event="hours.claimed")
    assert event.detail["basis"] == "measured"
    assert claimed(tactic, Force.objects.get(slug="otherton"), cast.registrar).by_centre


@pytest.mark.parametrize("who", ["other_force_user", "researcher", "reviewer", "sponsor", "director"])
def test_nobody_else_speaks_for_a_force(cast: Any, force: Any, tactic: Tactic, who: str) -> None:
    with pytest.raises(NotPermitted):
        claimed(tactic, force, getattr(cast, who))


def test_nothing_invented_stands_beside_a_real_name(cast: Any, force: Any, rated: Tactic) -> None:
    with pytest.raises(InventedWithReal):
        claimed(rated, force, cast.force_user)


def test_no_hour_is_counted_twice(cast: Any, force: Any, tactic: Tactic) -> None:
    first = claimed(tactic, force, cast.force_user)
    with pytest.raises(Overlapping, match="1 January 2025 to 31 December 2025"):
        claimed(tactic, force, cast.force_user, starts_on=date(2025, 12, 31), ends_on=date(2026, 3, 1))
    claimed(tactic, force, cast.force_user, starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31))
    claimed(tactic, force, cast.force_user, basis="estimate")
    claimed(tactic, force, cast.force_user, status="claimed")
    said = HoursSaid(**{**HOURS, "gross_hours": Decimal(1100)})
    hours.correct(claim=first, said=said, by=cast.force_user)
    with pytest.raises(AlreadyCorrected):
        hours.correct(claim=first, said=said, by=cast.force_user)
    with pytest.raises(Overlapping):
        claimed(tactic, force, cast.force_user)
    assert HoursClaim.objects.standing().count() == 4


def test_claims_are_kept_as_they_are(cast: Any, force: Any, tactic: Tactic) -> None:
    made = claimed(tactic, force, cast.force_user)
    for refused in (made.save, made.delete):
        with pytest.raises(Frozen):
            refused()
    for statement in ("UPDATE tactics_hoursclaim SET gross_hours = 9", "DELETE FROM tactics_hoursclaim"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_form_enters_it_and_the_page_adds_only_what_may_be_added(
    cast: Any, sign_in: Any, force: Any, tactic: Tactic
) -> None:
    client = sign_in(cast.force_user)
    assert "No force has said yet what hours" in text_of(client.get(address(tactic)))
    new = reverse("hours-new", args=[tactic.slug])
    assert client.get(new).status_code == 200
    shown = text_of(client.post(new, ANSWERS, follow=True))
    assert "The hours are in the account" in shown
    claimed(tactic, Force.objects.get(slug="otherton"), cast.other_force_user, basis="estimate")
    for page in (address(tactic), tactic.get_absolute_url()):
        shown = text_of(client.get(page))
        assert (
            "Realised Measured in a trial 1 1,200 200.5 999.5 (600 to 1,500) 500 hours for every 1,000 calls"
            in shown
        )
        assert "Realised Estimate 1 1,200 200 1,000 (600 to 1,500)" in shown
        assert "2,400" not in shown
        assert "Hours" in shown
        assert "Untested" in shown  # the rating stands beside the hours


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"gross_hours": "many"}, 422, "Enter hours as a number, such as 40 or 12.5"),
        ({"gross_hours": ""}, 422, "Enter gross hours saved"),
        ({"cost_hours": "-1"}, 422, "Cost hours must be from 0 to 10,000,000"),
        ({"net_low": "1000"}, 422, "The lowest must not be above the net hours, 999.5"),
        ({"incidents": "0"}, 422, "Enter how many there were as a whole number"),
        ({"ends_on_year": "2024"}, 422, "The last day must be on or after the first"),
        ({"ends_on_year": "2099"}, 422, "Hours that are realised lie in the past"),
        ({"basis": ""}, 422, "Choose how the hours are known"),
        ({"how_known": "ask 07700 900123"}, 422, "This looks like personal data: remove a phone number"),
        ({"force": "otherton"}, 422, "Choose a force from the list"),
        ({"status": "claimed"}, 409, "no hour is counted twice"),
    ],
)
def test_a_bad_answer_is_named_and_kept(
    cast: Any, sign_in: Any, force: Any, tactic: Tactic, change: dict[str, str], status: int, message: str
) -> None:
    claimed(tactic, force, cast.force_user, status="claimed")
    response = sign_in(cast.force_user).post(
        reverse("hours-new", args=[tactic.slug]), {**ANSWERS, "cost_words": "The kept words", **change}
    )
    assert response.status_code == status
    assert message in text_of(response)
    assert "The kept words" in response.content.decode()
    assert HoursClaim.objects.count() == 1
    assert AuditEvent.objects.filter(event="request.refused").count() == 1


def test_a_correction_by_the_form(cast: Any, sign_in: Any, force: Any, tactic: Tactic) -> None:
    wrong = claimed(tactic, force, cast.force_user)
    client = sign_in(cast.force_user)
    correct = reverse("hours-correct", args=[tactic.slug, wrong.public_id])
    assert correct in client.get(address(tactic)).content.decode()
    assert "Training 150, checking 50" in client.get(correct).content.decode()
    shown = text_of(client.post(correct, {**ANSWERS, "gross_hours": "1100"}, follow=True))
    assert "Corrected on" in shown
    assert "Realised Measured in a trial 1 1,100 200.5 899.5" in shown
    assert client.post(correct, ANSWERS).status_code == 409
    assert sign_in(cast.other_force_user).get(correct).status_code == 403


def test_all_forces_are_spoken_of_only_where_it_is_measured_realised_and_strong(
    client: Any, cast: Any, rated: Tactic
) -> None:
    kent, essex = (Force.objects.get(slug=slug) for slug in ("kent", "essex"))
    assert NONE in text_of(client.get(address(rated)))
    claimed(rated, kent, cast.registrar, basis="estimate")
    assert "No force has said what hours were measured and realised." in text_of(client.get(address(rated)))
    claimed(rated, kent, cast.registrar)
    assert "came from 1 force" in text_of(client.get(address(rated)))
    claimed(
        rated, essex, cast.registrar, gross_hours=Decimal(2200), net_low=Decimal(1500), net_high=Decimal(2500)
    )
    shown = text_of(client.get(address(rated)))
    assert NONE not in shown
    # 124,783.97 officers; Kent 3,547.58 with 1,000 (600 to 1,500), Essex 3,187.50 with 2,000 (1,500 to 2,500).
    year = 365.25 / 365
    low, middle, high = (
        124783.97 * 600 * year / 3547.58,
        124783.97 * 3000 * year / (3547.58 + 3187.5),
        124783.97 * 2500 * year / 3187.5,
    )
    assert f"Between {low:,.0f} and {high:,.0f} net hours a year" in shown
    assert f"{middle:,.0f} at their average" in shown
    assert "124,784 officers of the 43 forces at 30 September 2019" in shown
    assert "Sources disagree on the period" in shown
    document = client.get(f"/api/v1/tactics/{rated.slug}/hours/account/").json()
    assert document["all_forces"]["middle"] == pytest.approx(middle, rel=1e-9)
    assert (document["label"], document["strength"], document["why_none"]) == ("promising", 3, "")


def test_what_is_weak_harmful_or_invented_is_not_scaled_up(
    client: Any, cast: Any, rated: Tactic, tactic: Tactic
) -> None:
    weak = published(cast.registrar, "Nobody tested this")
    for slug in ("kent", "essex"):
        for one in (rated, weak):
            claimed(one, Force.objects.get(slug=slug), cast.registrar)
    assert "The strength of evidence is 0 of 5." in text_of(client.get(address(weak)))
    assert "The tactic and its forces are invented" in text_of(client.get(address(tactic)))
    found(rated, cast.publisher, "CPP-2026-0009-0", domain="complaints", estimate=0.3)
    signed(candidate(rated), cast.reviewer, cast.second_reviewer)
    assert "The tactic is rated potentially harmful for" in text_of(client.get(address(rated)))


def test_the_api_has_the_claims(client: Any, cast: Any, force: Any, tactic: Tactic) -> None:
    wrong = claimed(tactic, force, cast.force_user)
    hours.correct(claim=wrong, said=HoursSaid(**HOURS), by=cast.force_user)
    base = f"/api/v1/tactics/{tactic.slug}/hours/"
    rows = client.get(base).json()["results"]
    assert [(row["net_hours"], row["is_current"]) for row in rows] == [(1000.0, True), (1000.0, False)]
    assert len(client.get(f"{base}?is_current=true").json()["results"]) == 1
    assert client.get(f"{base}?basis=guess").status_code == 400
    document = client.get(f"{base}account/").json()
    assert [(one["basis"], one["status"], one["net_per_1000"]) for one in document["sums"]] == [
        ("measured", "realised", 500.0)
    ]
    assert document["all_forces"] is None
    csv = client.get(f"{base}?format=csv").content.decode().splitlines()
    assert csv[0].startswith("id,tactic,force,starts_on,ends_on,status,basis,gross_hours,")
    assert len(csv) == 3

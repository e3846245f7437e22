"""Error rates: never without their denominator, several side by side, frozen, taken back with a reason."""

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from centre.errors import Conflict
from centre.frozen import Frozen
from centre.models import AuditEvent
from tactics.actions import errors, tactics
from tactics.models import ErrorRate
from tests.integration.tactics.ai_tactics import RATE, ai_tactic, rated
from tests.integration.tactics.library import proposed

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_one_count_over_two_denominators_stands_side_by_side(cast: Any, client: Any) -> None:
    tactic = ai_tactic(cast.registrar)
    tactics.publish(tactic=tactic, by=cast.registrar, no_record_because="None was sent.")
    rated(tactic, cast.registrar)
    rated(tactic, cast.registrar, denominator=3_147_436, denominator_counts="faces scanned")
    shown = text_of(client.get(tactic.get_absolute_url()))
    assert "0.48% of alerts (0.26% to 0.88%): 10 of 2,077 alerts, about 1 in 208 alerts" in shown
    assert "0.00032% of faces scanned (0.00017% to 0.00058%)" in shown
    assert "the same count by 2 denominators" in shown
    assert shown.count("10 false alerts") == 1
    assert "No miss rate is published" in shown
    assert "No rework rate is published" in shown
    assert "No false alert rate is published" not in shown
    rows = client.get(reverse("api-tactic-error-rates", args=[tactic.slug])).json()["results"]
    assert [(row["denominator"], row["denominator_counts"]) for row in rows] == [
        (2_077, "alerts"),
        (3_147_436, "faces scanned"),
    ]
    assert rows[0]["conf_low"] < rows[0]["rate"] < rows[0]["conf_high"]


def test_a_rate_is_recorded_and_taken_back(cast: Any, sign_in: Any) -> None:
    tactic = ai_tactic(cast.force_user)
    client = sign_in(cast.force_user)
    page = reverse("error-rate-new", args=[tactic.slug])
    assert client.get(page).status_code == 200
    assert client.post(page, RATE).status_code == 302
    rate = ErrorRate.objects.get()
    with pytest.raises(Frozen):
        ErrorRate.objects.update(numerator=1)
    back = reverse("error-rate-take-back", args=[rate.pk])
    assert "10 of 2,077 alerts" in client.get(back).content.decode()
    assert client.post(back, {"because": ""}).status_code == 422
    assert client.post(back, {"because": "Counted twice."}).status_code == 302
    assert client.post(back, {"because": "Again."}).status_code == 409
    assert "2,077" not in client.get(tactic.get_absolute_url()).content.decode()
    assert AuditEvent.objects.filter(event="error_rate.taken_back").count() == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": ""}, "Choose what went wrong"),
        ({"numerator": "2078"}, "The count must be a whole number from 0 to the denominator"),
        ({"numerator": "-1"}, "Enter the count as a whole number"),
        ({"numerator": "ten"}, "Enter the count as a whole number"),
        ({"denominator": "0"}, "The denominator must be a whole number of 1 or more"),
        ({"denominator": "9" * 30}, "The denominator must be a whole number of 1 or more"),
        ({"denominator_counts": "\u200b"}, "Say what the rate is of, such as faces scanned"),
        ({"how_measured": ""}, "Say how it was measured"),
        ({"checked_by": ""}, "Say who checked it, or that nobody outside has"),
        ({"source": "a@b.example"}, "This looks like personal data: remove an e-mail address"),
    ],
)
def test_each_bad_field_has_its_message(
    cast: Any, sign_in: Any, change: dict[str, str], message: str
) -> None:
    tactic = ai_tactic(cast.force_user)
    response = sign_in(cast.force_user).post(
        reverse("error-rate-new", args=[tactic.slug]), {**RATE, **change}
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert "Monitoring data" in html or "source" in change
    assert not ErrorRate.objects.exists()
    assert AuditEvent.objects.filter(event="request.refused").exists()


def test_the_database_keeps_the_denominator(cast: Any) -> None:
    tactic = ai_tactic(cast.force_user)
    rate = rated(tactic, cast.force_user)
    for change in ({"denominator": 0, "numerator": 0}, {"numerator": 9_999}, {"denominator_counts": ""}):
        values = {name: getattr(rate, name) for name in (*RATE, "recorded_at", "recorded_by")} | change
        with pytest.raises(IntegrityError), transaction.atomic():
            ErrorRate.objects.create(tactic=tactic, **values)


def test_whose_rates_they_are(cast: Any, sign_in: Any) -> None:
    tactic = ai_tactic(cast.force_user)
    tactics.publish(tactic=tactic, by=cast.registrar, no_record_because="None was sent.")
    with pytest.raises(Conflict, match="Ask the Centre"):
        rated(tactic, cast.force_user)
    with pytest.raises(errors.OnlyForAi):
        rated(proposed(cast.force_user), cast.force_user)
    page = reverse("error-rate-new", args=[tactic.slug])
    assert sign_in(cast.other_force_user).post(page, RATE).status_code == 403
    assert sign_in(cast.anonymous).post(page, RATE).status_code == 302

"""A standard ends by two people; then no force is compared by it, and everything about it can still be read."""

import datetime as dt
import html
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from centre.errors import Conflict, Invalid, NotPermitted
from centre.hub.actions import standards, withdrawals
from centre.models import AuditEvent, Standard, StandardWithdrawal
from tests.integration.hub.standing import OUTCOME, adopted, page_of, proposed, rows, sent

pytestmark = pytest.mark.django_db
WHY = "It rewards files that are easy."
KEY = "files-right-first-time"


@pytest.fixture
def standard(cast: SimpleNamespace, dictionary: None) -> Standard:
    return adopted(cast.registrar, cast.director)


def ended(standard: Standard, cast: SimpleNamespace, decision: str = "withdrawn") -> StandardWithdrawal:
    asked = withdrawals.propose(standard=standard, reason=WHY, by=cast.registrar)
    return withdrawals.decide(withdrawal=asked, decision=decision, by=cast.director)


def test_one_proposes_and_another_ends_it_once(standard: Standard, cast: SimpleNamespace) -> None:
    for person in (cast.director, cast.analyst, cast.force_user):
        with pytest.raises(NotPermitted):
            withdrawals.propose(standard=standard, reason=WHY, by=person)
    with pytest.raises(Invalid, match="Say why"):
        withdrawals.propose(standard=standard, reason=" ", by=cast.registrar)
    asked = withdrawals.propose(standard=standard, reason=WHY, by=cast.registrar)
    assert Standard.objects.in_force().get() == standard
    with pytest.raises(Conflict, match="waits for a decision"):
        withdrawals.propose(standard=standard, reason=WHY, by=cast.registrar)
    with pytest.raises(NotPermitted, match="another person"):
        withdrawals.decide(withdrawal=asked, decision="withdrawn", by=cast.registrar)
    with pytest.raises(NotPermitted):
        withdrawals.decide(withdrawal=asked, decision="withdrawn", by=cast.analyst)
    with pytest.raises(Invalid, match="withdrawn or kept"):
        withdrawals.decide(withdrawal=asked, decision="perhaps", by=cast.director)
    withdrawals.decide(withdrawal=asked, decision="withdrawn", by=cast.director)
    assert not Standard.objects.in_force().exists()
    with pytest.raises(Conflict, match="decided already"):
        withdrawals.decide(withdrawal=asked, decision="kept", by=cast.director)
    with pytest.raises(Conflict, match="withdrawn already"):
        withdrawals.propose(standard=standard, reason=WHY, by=cast.registrar)
    said = AuditEvent.objects.filter(event__startswith="standard.").order_by("pk")
    assert list(said.values_list("event", flat=True))[2:] == [
        "standard.withdrawal_proposed",
        "standard.withdrawn",
    ]


def test_one_that_is_kept_goes_on_and_can_be_asked_about_again(
    standard: Standard, cast: SimpleNamespace
) -> None:
    ended(standard, cast, "kept")
    assert Standard.objects.in_force().get() == standard
    ended(standard, cast)
    assert not Standard.objects.in_force().exists()


def test_it_held_before_and_a_later_version_holds_anew(standard: Standard, cast: SimpleNamespace) -> None:
    before = timezone.localdate() - dt.timedelta(days=1)
    second = proposed(cast.registrar, reason="A lower target", target=85)
    with pytest.raises(Conflict, match="not adopted"):
        withdrawals.propose(standard=Standard(key="another"), reason=WHY, by=cast.registrar)
    ended(standard, cast)
    assert Standard.objects.in_force(on=before).get() == standard
    assert Standard.objects.withdrawn().get() == standard
    standards.adopt(standard=second, by=cast.director)
    assert Standard.objects.in_force().get() == second
    assert not Standard.objects.withdrawn().exists()


def test_earlier_versions_end_with_one_that_is_to_come(standard: Standard, cast: SimpleNamespace) -> None:
    later = timezone.localdate() + dt.timedelta(days=30)
    ended(adopted(cast.registrar, cast.director, reason="From next month", valid_from=later), cast)
    assert not Standard.objects.in_force().exists()
    assert not Standard.objects.to_come().exists()
    assert Standard.objects.withdrawn().get().version == 2


def test_a_version_adopted_meanwhile_is_not_ended_with_the_one_before(
    standard: Standard, cast: SimpleNamespace
) -> None:
    asked = withdrawals.propose(standard=standard, reason=WHY, by=cast.registrar)
    second = adopted(cast.registrar, cast.director, reason="A lower target", target=85)
    with pytest.raises(Conflict, match="newer version was adopted"):
        withdrawals.decide(withdrawal=asked, decision="withdrawn", by=cast.director)
    assert Standard.objects.in_force().get() == second


def test_the_database_keeps_the_second_person_and_what_is_withdrawn(
    standard: Standard, cast: SimpleNamespace
) -> None:
    asked = withdrawals.propose(standard=standard, reason=WHY, by=cast.registrar)
    asked.decided_at, asked.decided_by, asked.decision = timezone.now(), cast.registrar, "withdrawn"
    with pytest.raises(DatabaseError, match="decided_by_another"), transaction.atomic():
        asked.save(update_fields=["decided_at", "decided_by", "decision"])
    said = {"reason": WHY, "proposed_by": cast.registrar}
    with pytest.raises(DatabaseError), transaction.atomic():
        StandardWithdrawal.objects.create(standard=standard, **said)
    waiting = proposed(cast.registrar, reason="A lower target", target=85)
    with pytest.raises(DatabaseError, match="hub: only an adopted standard"), transaction.atomic():
        StandardWithdrawal.objects.create(standard=waiting, **said)


def test_pages_and_api_say_since_when_and_why_and_compare_no_force(
    standard: Standard, cast: SimpleNamespace, sign_in: Any
) -> None:
    sent(cast.registrar, *rows("testshire", 40))
    registrar, director, force = (sign_in(one) for one in (cast.registrar, cast.director, cast.force_user))
    assert "per cent of files" in page_of(force, "hub-force-standards", "testshire")
    address = reverse("hub-standard-withdraw", args=[KEY])
    refused = registrar.post(address, {"reason": ""})
    assert refused.status_code == 422
    assert registrar.post(address, {"reason": WHY}).status_code == 302
    assert registrar.post(address, {"reason": WHY}).status_code == 409
    assert "You proposed it" in page_of(registrar, "hub-standard-withdrawal", KEY)
    assert WHY in page_of(director, "hub-standard", KEY)
    assert "To be withdrawn, not decided" in page_of(director, "hub-standard-list")
    for name, args in (("hub-standard", [KEY]), ("hub-standard-list", [])):
        assert WHY not in page_of(force, name, *args)  # a proposal is nothing yet
    decide = reverse("hub-standard-withdrawal", args=[KEY])
    asked = director.post(decide)
    assert asked.status_code == 422
    assert "Choose whether it is withdrawn or kept" in html.unescape(asked.content.decode())
    assert director.post(decide, {"decision": "withdrawn"}).status_code == 302
    assert "Withdrawn by" in page_of(director, "hub-standard-withdrawal", KEY)
    page = page_of(force, "hub-standard", KEY)
    assert "Withdrawn since " in page
    assert WHY in page
    assert "Testshire" not in page.split("<main")[1]
    assert f"since {timezone.localdate():%-d %B %Y}: {WHY}" in page_of(force, "hub-standard-list")
    assert "No standard holds today" in page_of(force, "hub-force-standards", "testshire")
    (listed,) = force.get(reverse("api-standard-list")).json()["results"]
    assert listed["withdrawn_because"] == WHY
    assert listed["withdrawn_at"]
    assert force.get(reverse("api-standard-list") + "?is_withdrawn=false").json()["results"] == []
    whole = force.get(reverse("api-standard", args=[KEY])).json()
    assert (whole["not_compared"], whole["forces"], whole["outcome"]) == (
        "the standard was withdrawn",
        [],
        OUTCOME,
    )

"""The adoption ledger: who may enter what, what stays, what each page and the API say."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from centre.errors import Conflict, Invalid, NotPermitted
from centre.frozen import Frozen
from centre.models import AuditEvent, Force
from tactics.actions import adoptions
from tactics.actions.adoptions import AlreadyCorrected
from tactics.actions.practice import InventedWithReal
from tactics.adoption import AdoptionSaid, uses
from tactics.models import Adoption, Tactic
from tests.integration.tactics.library import candidate, found, proposed, published, signed
from tests.integration.tactics.practice import SAID, entered

pytestmark = pytest.mark.django_db

ANSWERS = {
    "force": "testshire",
    "stage": "adapted",
    "since_day": "1",
    "since_month": "3",
    "since_year": "2025",
    "fidelity": "partly",
    "scale": "Two of six districts",
    "reason": "We telephone instead of visiting.",
    "contact": "Neighbourhood policing team",
}


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def tactic(cast: Any) -> Tactic:
    return published(cast.registrar, is_simulated=True)


@pytest.fixture
def otherton() -> Force:
    return Force.objects.get(slug="otherton")


def test_a_force_enters_what_it_does(cast: Any, force: Any, tactic: Tactic) -> None:
    made = entered(tactic, force, cast.force_user)
    assert (made.stage, made.by_centre, made.said_by) == ("adopted", False, cast.force_user)
    event = AuditEvent.objects.get(event="adoption.reported")
    assert event.detail == {"force": "testshire", "stage": "adopted", "adoption": str(made.public_id)}


def test_the_centre_says_it_for_a_force(cast: Any, force: Any, tactic: Tactic) -> None:
    assert entered(tactic, force, cast.registrar).by_centre


@pytest.mark.parametrize(
    "who", ["other_force_user", "researcher", "reviewer", "analyst", "sponsor", "director"]
)
def test_nobody_else_speaks_for_a_force(cast: Any, force: Any, tactic: Tactic, who: str) -> None:
    with pytest.raises(NotPermitted):
        entered(tactic, force, getattr(cast, who))
    assert not Adoption.objects.exists()


def test_nothing_invented_stands_beside_a_real_name(cast: Any, force: Any, tactic: Tactic) -> None:
    with pytest.raises(InventedWithReal):
        entered(tactic, Force.objects.get(slug="kent"), cast.registrar)
    real = published(cast.registrar, "A real tactic")
    with pytest.raises(InventedWithReal):
        entered(real, force, cast.force_user)
    assert entered(real, Force.objects.get(slug="kent"), cast.registrar).force.name == "Kent Police"


def test_a_draft_is_used_by_nobody(cast: Any, force: Any) -> None:
    with pytest.raises(Conflict, match="draft"):
        entered(proposed(cast.force_user), force, cast.force_user)


def test_a_correction_names_what_it_corrects(cast: Any, force: Any, tactic: Tactic) -> None:
    wrong = entered(tactic, force, cast.force_user)
    right = adoptions.correct(
        adoption=wrong, said=AdoptionSaid(**{**SAID, "stage": "piloting"}), by=cast.force_user
    )
    assert right.corrects == wrong
    assert list(Adoption.objects.current()) == [right]
    with pytest.raises(AlreadyCorrected):
        adoptions.correct(adoption=wrong, said=AdoptionSaid(**SAID), by=cast.force_user)
    with pytest.raises(NotPermitted):
        adoptions.correct(adoption=right, said=AdoptionSaid(**SAID), by=cast.other_force_user)


def test_a_mistake_leaves_nothing_that_counts(cast: Any, force: Any, tactic: Tactic) -> None:
    with pytest.raises(Invalid):
        entered(tactic, force, cast.force_user, stage="mistake", reason="Wrong tactic.")
    wrong = entered(tactic, force, cast.force_user)
    none = AdoptionSaid(stage="mistake", since=date(2025, 3, 1), reason="It was the tactic beside it.")
    adoptions.correct(adoption=wrong, said=none, by=cast.force_user)
    assert not Adoption.objects.current().exists()
    assert Adoption.objects.count() == 2


def test_entries_are_kept_as_they_are(cast: Any, force: Any, tactic: Tactic) -> None:
    made = entered(tactic, force, cast.force_user)
    made.stage = "stopped"
    for refused in (made.save, made.delete, lambda: Adoption.objects.update(stage="stopped")):
        with pytest.raises(Frozen):
            refused()
    for statement in ("UPDATE tactics_adoption SET scale = 'all'", "DELETE FROM tactics_adoption"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize("changes", [{"stage": "stopped"}, {"stage": "mistake"}, {"fidelity": ""}])
def test_the_database_keeps_the_rules_too(
    cast: Any, force: Any, tactic: Tactic, changes: dict[str, Any]
) -> None:
    made = entered(tactic, force, cast.force_user)
    row = {**SAID, **changes, "said_at": made.said_at, "said_by": cast.force_user}
    with pytest.raises(IntegrityError), transaction.atomic():
        Adoption.objects.create(tactic=tactic, force=force, **row)


def test_the_database_and_the_page_agree_on_what_is_said_now(
    cast: Any, force: Any, otherton: Force, tactic: Tactic
) -> None:
    entered(tactic, force, cast.force_user, since=date(2025, 3, 1))
    entered(tactic, force, cast.force_user, since=date(2024, 3, 1), stage="piloting")
    entered(tactic, force, cast.force_user, since=date(2025, 3, 1), stage="stopped", reason="No time.")
    wrong = entered(tactic, otherton, cast.other_force_user, since=date(2026, 3, 1))
    entered(tactic, otherton, cast.other_force_user, since=date(2023, 3, 1), stage="piloting")
    said = AdoptionSaid(**{**SAID, "since": date(2022, 3, 1)})
    adoptions.correct(adoption=wrong, said=said, by=cast.other_force_user)
    now = {use.now.pk for use in uses(Adoption.objects.all())}
    assert set(Adoption.objects.current().values_list("pk", flat=True)) == now
    assert {one.stage for one in Adoption.objects.filter(pk__in=now)} == {"stopped", "piloting"}
    assert [one.stage for one in Adoption.objects.done()] == ["piloting"]


def test_the_form_enters_it_and_the_page_says_so(cast: Any, sign_in: Any, force: Any, tactic: Tactic) -> None:
    client = sign_in(cast.force_user)
    assert "Tell others that your force does this" in text_of(client.get(tactic.get_absolute_url()))
    address = reverse("adoption-new", args=[tactic.slug])
    assert "For Testshire Police (invented)." in text_of(client.get(address))
    shown = text_of(client.post(address, ANSWERS, follow=True))
    assert "It is in the ledger, for every force to read" in shown
    for fact in ("Adapted since 1 March 2025", "Partly as designed. Two of six districts", ANSWERS["reason"]):
        assert fact in shown, fact
        assert fact in text_of(client.get(tactic.get_absolute_url())), fact


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stage": ""}, "Choose how far your force has come"),
        ({"stage": "mistake"}, "Choose how far your force has come"),
        ({"since_month": "13"}, "Enter a real date"),
        ({"since_year": "2099"}, "The date must be today or in the past"),
        ({"reason": ""}, "Say what you changed"),
        ({"reason": "call 07700 900123"}, "This looks like personal data: remove a phone number"),
        ({"force": "otherton"}, "Choose a force from the list"),
        ({"scale": "a\x00b"}, "Scale contains a character we cannot accept (U+0000)"),
    ],
)
def test_a_bad_answer_is_named_and_kept(
    cast: Any, sign_in: Any, force: Any, tactic: Tactic, change: dict[str, str], message: str
) -> None:
    address = reverse("adoption-new", args=[tactic.slug])
    response = sign_in(cast.force_user).post(address, {**ANSWERS, "contact": "The kept team", **change})
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert "There is a problem" in html
    assert "The kept team" in html
    assert not Adoption.objects.exists()
    assert AuditEvent.objects.filter(event="request.refused").count() == 1


def test_a_correction_by_the_form(cast: Any, sign_in: Any, force: Any, tactic: Tactic) -> None:
    wrong = entered(tactic, force, cast.force_user)
    client = sign_in(cast.force_user)
    address = reverse("adoption-correct", args=[tactic.slug, wrong.public_id])
    assert address in client.get(reverse("tactic-adoptions", args=[tactic.slug])).content.decode()
    assert "Two of six districts" in client.get(address).content.decode()
    refused = client.post(address, {**ANSWERS, "stage": "mistake", "reason": ""})
    assert (refused.status_code, "Say what the mistake was" in text_of(refused)) == (422, True)
    shown = text_of(client.post(address, ANSWERS, follow=True))
    assert "Corrected on" in shown
    assert "Corrects an earlier entry" in shown
    again = client.post(address, ANSWERS)
    assert (again.status_code, "correct the newer one" in text_of(again)) == (409, True)
    assert "We telephone instead" in again.content.decode()
    stranger = sign_in(cast.other_force_user)
    assert stranger.get(address).status_code == 403
    assert address not in stranger.get(reverse("tactic-adoptions", args=[tactic.slug])).content.decode()


def test_who_still_does_what_harms_is_named_first(
    cast: Any, sign_in: Any, force: Any, otherton: Force, tactic: Tactic
) -> None:
    entered(tactic, otherton, cast.other_force_user, stage="stopped", reason="It did harm.")
    entered(tactic, force, cast.force_user)
    found(tactic, cast.publisher, estimate=0.3)
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    warning = "and still done by 1 force: Testshire Police (invented) (adopted)."
    staff = sign_in(cast.registrar)
    for page in (tactic.get_absolute_url(), reverse("tactic-adoptions", args=[tactic.slug])):
        shown = text_of(sign_in(cast.anonymous).get(page))
        assert warning in shown
        assert shown.index("Testshire Police") < shown.index("Otherton Police")
        assert "Speak to these forces" not in shown
        told = text_of(staff.get(page))
        assert "Speak to these forces: Testshire Police (invented), Neighbourhood policing team." in told
    work = text_of(staff.get(reverse("my-work")))
    assert "Rated potentially harmful, and still done" in work
    assert "Testshire Police (invented) (adopted), Otherton Police (invented) (stopped)" in work
    entered(tactic, force, cast.force_user, stage="stopped", since=date(2026, 1, 1), reason="It did harm.")
    assert "still done" not in text_of(sign_in(cast.anonymous).get(tactic.get_absolute_url()))
    assert "still done" not in text_of(staff.get(reverse("my-work")))


def test_the_briefing_and_the_comparison_say_who_did_it(client: Any, cast: Any) -> None:
    real = published(cast.registrar)
    kent = Force.objects.get(slug="kent")
    entered(real, kent, cast.registrar, stage="stopped", reason="No time.")
    for page in (
        reverse("problem-briefing", args=["burglary"]),
        f"{reverse('tactic-compare')}?t={real.slug}",
    ):
        assert "Kent Police (stopped)" in text_of(client.get(page)), page


def test_the_api_has_the_ledger(client: Any, cast: Any, force: Any, tactic: Tactic) -> None:
    wrong = entered(tactic, force, cast.force_user)
    said = AdoptionSaid(**{**SAID, "stage": "piloting"})
    adoptions.correct(adoption=wrong, said=said, by=cast.registrar)
    base = f"/api/v1/tactics/{tactic.slug}/"
    rows = client.get(f"{base}adoptions/").json()["results"]
    assert [(row["stage"], row["is_current"], row["by_centre"]) for row in rows] == [
        ("piloting", True, True),
        ("adopted", False, False),
    ]
    assert rows[0]["corrects"] == rows[1]["id"] == str(wrong.public_id)
    assert "said_by" not in rows[0]
    assert len(client.get(f"{base}adoptions/?is_current=true").json()["results"]) == 1
    assert client.get(f"{base}adoptions/?stage=loved").status_code == 400
    assert client.get(base).json()["adoptions"] == {
        "adopted": 0,
        "adapted": 0,
        "piloting": 1,
        "considering": 0,
        "stopped": 0,
    }
    csv = client.get(f"{base}adoptions/?format=csv").content.decode().splitlines()
    assert csv[0].startswith("id,tactic,force,stage,since,fidelity,")
    assert len(csv) == 3


def test_an_invented_force_is_offered_no_form_of_a_real_tactic(cast: Any, sign_in: Any) -> None:
    real = published(cast.registrar)
    client = sign_in(cast.force_user)
    assert "Tell others" not in text_of(client.get(real.get_absolute_url()))
    refused = client.get(reverse("adoption-new", args=[real.slug]))
    assert (refused.status_code, "Invented forces speak of simulated tactics only" in text_of(refused)) == (
        409,
        True,
    )

"""What is not known: the gap map, and the public list of studies that were not taken in."""

import re
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from centre.errors import Invalid, NotPermitted
from centre.frozen import Frozen
from centre.models import AuditEvent
from tactics.actions import registry, rejections
from tactics.actions.withdrawing import AlreadyWithdrawn
from tactics.models import RejectedStudy
from tests.integration.tactics.library import candidate, found, proposed, published, signed

pytestmark = [pytest.mark.django_db, pytest.mark.both]

SAID = {
    "study": "Lamp posts in one street",
    "citation": "A journal, 2020",
    "reason": "no_comparison",
    "explanation": "It has no comparison.",
}


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_each_cell_says_what_is_known(client: Any, cast: Any) -> None:
    rated = published(cast.registrar, "Visits")
    found(rated, cast.publisher)
    signed(candidate(rated), cast.reviewer, cast.second_reviewer)
    tested = published(cast.registrar, "Locks", main_outcome="repeat-burglary")
    for tactic in (rated, tested):
        registry.note_trial(
            tactic=tactic, trial_number=f"CPP-2026-000{tactic.pk}-0", state="running", by=cast.registrar
        )
    proposed(cast.registrar, "A draft nobody sees")
    shown = text_of(client.get(reverse("gap-map")))
    assert "2 tactics by outcome" in shown
    assert "Tactic Burglary of homes Repeat burglary of homes" in shown
    assert re.search(r"Locks 1 trial under way Nothing known Being tested", shown)
    assert re.search(
        r"Visits 1 trial under way Promising Strength 3 More is being tested Nothing known", shown
    )
    assert "A draft nobody sees" not in shown
    assert "Victim satisfaction" in shown  # named among the outcomes that nobody has looked at


def test_the_map_of_a_problem(client: Any, cast: Any) -> None:
    published(cast.registrar, "Visits")
    url = reverse("gap-map")
    assert "Visits" in text_of(client.get(url, {"problem": "burglary"}))
    assert "No tactic is published for this problem yet" in text_of(client.get(url, {"problem": "fraud"}))
    assert "Visits" in text_of(client.get(url, {"problem": "no-such-problem"}))


def test_a_full_map_takes_no_more_queries(client: Any, cast: Any, django_assert_max_num_queries: Any) -> None:
    for number in range(25):
        published(cast.registrar, f"Tactic {number}")
    with django_assert_max_num_queries(10):
        assert "page=2" in client.get(reverse("gap-map")).content.decode()


def test_a_rejected_study_is_public_with_its_reason(client: Any, cast: Any) -> None:
    tactic = published(cast.registrar)
    rejections.record(**SAID, tactic=tactic, by=cast.reviewer)
    for page in (reverse("rejected-list"), tactic.get_absolute_url()):
        shown = text_of(client.get(page))
        assert "Lamp posts in one street" in shown
        assert "Nothing to compare with" in shown
        assert "It has no comparison." in shown
    assert AuditEvent.objects.filter(event="study.rejected").count() == 1
    assert "Lamp posts" in text_of(client.get(reverse("rejected-list"), {"reason": "no_comparison"}))
    other = text_of(client.get(reverse("rejected-list"), {"reason": "one_unit"}))
    assert "No study was left out for this reason" in other


def test_an_empty_list_says_so(client: Any, db: None) -> None:
    assert "No study has been left out yet" in text_of(client.get(reverse("rejected-list")))


def test_a_study_of_a_simulated_tactic_is_simulated(cast: Any) -> None:
    tactic = published(cast.registrar, is_simulated=True)
    assert rejections.record(**SAID, tactic=tactic, by=cast.reviewer).is_simulated


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"study": " "}, "study", "Enter the name of the study"),
        ({"citation": ""}, "citation", "Enter where it was published"),
        ({"explanation": "x" * 601}, "explanation", "Explanation must be 600 characters or fewer"),
        ({"explanation": "Call 07700 900123"}, "explanation", "This looks like personal data"),
        ({"reason": "dull"}, "reason", "Choose why it was not taken in"),
    ],
)
def test_a_study_with_problems_is_refused_by_field(
    cast: Any, change: dict[str, str], pointer: str, message: str
) -> None:
    with pytest.raises(Invalid) as refused:
        rejections.record(**{**SAID, **change}, by=cast.reviewer)
    (problem,) = refused.value.problems
    assert problem.pointer == pointer
    assert problem.message.startswith(message)
    assert not RejectedStudy.objects.exists()


def test_only_reviewers_leave_studies_out(cast: Any) -> None:
    with pytest.raises(NotPermitted):
        rejections.record(**SAID, by=cast.registrar)


def test_a_decision_is_kept_and_can_be_taken_back_once(client: Any, cast: Any) -> None:
    rejected = rejections.record(**SAID, by=cast.reviewer)
    rejected.study = "Another"
    with pytest.raises(Frozen):
        rejected.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        _sql(rejected.pk)
    with pytest.raises(Invalid):
        rejections.take_back(rejected=rejected, because=" ", by=cast.second_reviewer)
    rejections.take_back(
        rejected=rejected, because="It has a comparison in its appendix.", by=cast.second_reviewer
    )
    with pytest.raises(AlreadyWithdrawn):
        rejections.take_back(rejected=rejected, because="Again.", by=cast.reviewer)
    shown = text_of(client.get(reverse("rejected-list")))
    assert "Taken back" in shown
    assert "It has a comparison in its appendix." in shown


def _sql(key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tactics_rejectedstudy SET study = 'x' WHERE id = %s", [key])


def test_the_form_keeps_what_was_typed_and_names_the_field(cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.reviewer)
    url = reverse("rejected-new")
    response = client.post(url, {**SAID, "reason": "", "study": "A study with a typo"})
    assert response.status_code == 422
    assert "Choose why it was not taken in" in text_of(response)
    assert "A study with a typo" in response.content.decode()
    unknown = client.post(url, {**SAID, "tactic": "no-such-tactic"})
    assert "There is no public tactic with this address" in text_of(unknown)
    assert client.post(url, SAID, follow=True).redirect_chain == [(reverse("rejected-list"), 302)]
    rejected = RejectedStudy.objects.get()
    take_back = reverse("rejected-take-back", args=[rejected.pk])
    assert client.post(take_back, {"because": ""}).status_code == 422
    assert client.post(take_back, {"because": "A mistake."}).status_code == 302
    assert client.post(take_back, {"because": "A mistake."}).status_code == 409

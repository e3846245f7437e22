"""A person is erased: nothing of them is left but a tombstone, and the log still holds."""

from typing import Any

import pytest
from django.db.models import Q
from django.urls import reverse

from centre import audit, erasure, tokens
from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import ApiToken, AuditEvent, Membership, User

pytestmark = pytest.mark.django_db
ANSWERS = {"email": "researcher@test.example", "reason": "asked", "confirm": "erase"}


def test_what_named_the_person_is_gone_and_the_log_holds(cast: Any) -> None:
    person = cast.researcher
    tokens.make(name="laptop", scope="read", days=1, by=person)
    before = AuditEvent.objects.filter(actor_id=str(person.pk)).count()

    erasure.erase(email="Researcher@Test.example ", reason="left", by=cast.registrar)

    row = User.objects.get(pk=person.pk)
    assert (row.name, row.email, row.is_active) == (
        "Erased person",
        f"erased-{person.pk}@erased.invalid",
        False,
    )
    assert not row.has_usable_password()
    assert row.erased_at is not None
    assert not Membership.objects.filter(user=row).exists()
    assert not ApiToken.objects.filter(user=row).exists()
    text = Q(name__icontains="Rae") | Q(email__icontains="researcher")
    assert not User.objects.filter(text).exists()
    # What they did is still there, under their number, and every hash still follows from the one before.
    assert AuditEvent.objects.filter(actor_id=str(person.pk)).count() == before > 0
    assert audit.verify().holds
    event = AuditEvent.objects.last()
    assert (event.event, event.detail) == ("person.erased", {"reason": "left"})


def test_the_log_is_shown_without_the_name(cast: Any) -> None:
    audit.record("test.happened", subject=("test", "1"), by=cast.researcher)
    audit.record("test.happened", subject=("test", "1"), by=cast.analyst)
    audit.record("test.happened", subject=("test", "1"), by=None)
    erasure.erase(email=cast.researcher.email, reason="asked", by=cast.director)
    shown = [one.actor_shown for one in AuditEvent.objects.with_erased().filter(subject_id="1")]
    assert shown[0].startswith("A person erased on ")
    assert shown[1:] == ["Ana Analyst", ""]


def test_their_session_opens_nothing_any_more(cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.researcher)
    assert client.get(reverse("my-work")).status_code == 200
    erasure.erase(email=cast.researcher.email, reason="asked", by=cast.registrar)
    assert client.get(reverse("my-work")).status_code == 302


def test_who_cannot_be_erased(cast: Any) -> None:
    with pytest.raises(Invalid, match="Somebody else"):
        erasure.erase(email=cast.registrar.email, reason="asked", by=cast.registrar)
    with pytest.raises(Invalid, match="Nobody here"):
        erasure.erase(email="nobody@test.example", reason="asked", by=cast.registrar)
    gone = erasure.erase(email=cast.researcher.email, reason="asked", by=cast.registrar)
    with pytest.raises(Conflict, match="already"):
        erasure.erase(email=gone.email, reason="asked", by=cast.registrar)


@pytest.mark.parametrize("who", ["analyst", "reviewer", "publisher", "force_user", "sponsor", "researcher"])
def test_nobody_else_erases(cast: Any, sign_in: Any, who: str) -> None:
    person = getattr(cast, who)
    with pytest.raises(NotPermitted):
        erasure.erase(email=cast.checker.email, reason="asked", by=person)
    assert sign_in(person).get(reverse("person-erase")).status_code == 403
    assert User.objects.filter(email=cast.checker.email).exists()


def test_the_page_erases_and_says_so(cast: Any, sign_in: Any) -> None:
    client = sign_in(cast.director)
    answer = client.post(reverse("person-erase"), ANSWERS, follow=True)
    assert "The person is erased" in answer.content.decode()
    assert not User.objects.filter(email=ANSWERS["email"]).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": "nobody@test.example"}, "Nobody here has this address"),
        ({"email": "director@test.example"}, "Somebody else must erase you"),
        ({"email": ""}, "Enter their e-mail address"),
        ({"reason": ""}, "Select why"),
        ({"confirm": "yes"}, "Type erase to go on"),
    ],
)
def test_a_mistake_is_named_kept_and_erases_nobody(
    cast: Any, sign_in: Any, changes: dict[str, str], said: str
) -> None:
    count = User.objects.filter(erased_at=None).count()
    answer = sign_in(cast.director).post(reverse("person-erase"), {**ANSWERS, **changes})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert {**ANSWERS, **changes}["email"] in page
    assert User.objects.filter(erased_at=None).count() == count
    assert AuditEvent.objects.last().event == "request.refused"

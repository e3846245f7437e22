"""Adding people: one way in, with plain refusals that save nothing."""

import pytest

from centre import people
from centre.errors import Invalid
from centre.models import AuditEvent, User

pytestmark = pytest.mark.django_db
RIGHT = {
    "email": "new@force.example",
    "name": "New Person",
    "role": "force_user",
    "force": "kent",
    "password": "a-long-enough-one",
}


def test_a_force_user_is_added_with_an_audit_event() -> None:
    person = people.add(**RIGHT)

    assert person.check_password(RIGHT["password"])
    assert [force.slug for force in person.forces] == ["kent"]
    assert AuditEvent.objects.filter(event="person.added", subject_id=str(person.pk)).exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": "no address"}, "email"),
        ({"name": "\u200b"}, "name"),
        ({"role": "king"}, "role"),
        ({"force": ""}, "force"),
        ({"force": "atlantis"}, "force"),
        ({"role": "analyst"}, "force"),
        ({"password": "short"}, "password"),
    ],
)
def test_refusal_names_the_field_and_saves_nothing(change: dict[str, str], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        people.add(**{**RIGHT, **change})

    assert pointer in [problem.pointer for problem in refused.value.problems]
    assert not User.objects.exists()


def test_the_same_address_in_another_case_is_refused() -> None:
    people.add(**RIGHT)

    with pytest.raises(people.PersonExists):
        people.add(**{**RIGHT, "email": "NEW@force.example"})

"""The sample sign-ins: invented, loaded once, and never where others can reach them."""

import pytest

from centre import sample
from centre.models import Force, User

pytestmark = pytest.mark.django_db


def test_people_are_loaded_once_and_can_sign_in(client) -> None:
    sample.make_people()
    first = sample.sign_ins()
    sample.make_people()

    assert sample.sign_ins() == first
    assert len(first) == len(sample.PEOPLE)
    assert {
        membership.force.kind for user in first for membership in user.memberships.all() if membership.force
    } == {Force.Kind.SAMPLE}
    data = {"username": "registrar@sample.example", "password": sample.PASSWORD, "next": "/privacy/"}
    assert client.post("/sign-in/", data).status_code == 302


def test_sample_is_refused_with_production_settings(settings) -> None:
    settings.EMBEDDED = False

    with pytest.raises(sample.ProductionHasNoSample):
        sample.make_people()
    assert not User.objects.exists()


def test_sign_in_page_lists_them_only_where_they_exist(client) -> None:
    assert "Sample sign-ins" not in client.get("/sign-in/").content.decode()
    sample.make_people()
    html = client.get("/sign-in/").content.decode()
    assert "custodian@sample.example" in html
    assert "Allocation custodian" in html

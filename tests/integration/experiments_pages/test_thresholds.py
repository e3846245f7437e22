"""Thresholds of disclosure control: proposed by one, adopted by another, and told by each release made under them."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from centre.errors import Conflict, Invalid, NotPermitted
from experiments.actions import disclosure_policies
from experiments.disclosure import DEFAULT
from experiments.models import DisclosurePolicy
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, summary, words

pytestmark = pytest.mark.django_db

NUMBERS = {
    "threshold": 15, "residual_df": 12, "rounding_base": 5, "significant_figures": 2, "dominance_n": 2,
    "dominance_share": 0.85, "p_ratio": 0.1, "addresses": 10,
}  # fmt: skip


def url() -> str:
    return reverse("disclosure-policies")


def adopted(cast: Any, **changes: Any) -> DisclosurePolicy:
    made = disclosure_policies.propose(
        thresholds=NUMBERS | changes, reason="The Centre is careful.", by=cast.director
    )
    return disclosure_policies.adopt(version=made.version, by=cast.registrar)


def test_built_in_until_two_people_have_signed(cast: Any, sign_in: Any) -> None:
    assert DisclosurePolicy.objects.in_force() == DEFAULT
    director, registrar = sign_in(cast.director), sign_in(cast.registrar)
    assert "nobody has signed others" in words(director.get(url()))
    assert director.post(url(), NUMBERS | {"reason": "The Centre is careful."}).status_code == 302
    assert DisclosurePolicy.objects.in_force() == DEFAULT
    own = words(director.get(url()))
    assert "somebody else adopts it" in own
    assert "Adopt version 1" not in own
    assert director.post(url(), {"adopt": "1"}).status_code == 403
    assert "Adopt version 1" in words(registrar.get(url()))
    assert registrar.post(url(), {"adopt": "1"}).status_code == 302
    in_force = DisclosurePolicy.objects.in_force()
    assert (in_force.version, in_force.threshold, in_force.dominance_share) == (1, 15, 0.85)
    assert registrar.post(url(), {"adopt": "1"}).status_code == 409
    assert "Version 1 is in force" in words(registrar.get(url()))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": "4"}, "must be from 5 to 100"),
        ({"threshold": "ten"}, "enter a number"),
        ({"rounding_base": "20"}, "no more than the fewest data subjects"),
        ({"reason": ""}, "Say why the thresholds change"),
        ({"reason": "Ring 07700 900123"}, "remove a phone number"),
    ],
)
def test_what_cannot_be_a_threshold(cast: Any, sign_in: Any, changes: dict[str, str], message: str) -> None:
    before = refusals()
    sent = NUMBERS | {"reason": "Kept words"} | changes
    response = sign_in(cast.director).post(url(), sent)
    assert response.status_code == 422
    assert message in summary(response)
    if "reason" not in changes:
        assert "Kept words" in response.content.decode()
    assert refusals() == before + 1
    assert not DisclosurePolicy.objects.exists()


def test_a_later_proposal_stands_in_the_place_of_the_earlier(cast: Any) -> None:
    for reason in ("One.", "Two."):
        disclosure_policies.propose(thresholds=NUMBERS, reason=reason, by=cast.director)
    with pytest.raises(Conflict):
        disclosure_policies.adopt(version=1, by=cast.registrar)
    with pytest.raises(NotPermitted, match="you proposed it"):
        disclosure_policies.adopt(version=2, by=cast.director)
    with pytest.raises(NotPermitted):
        disclosure_policies.propose(thresholds=NUMBERS, reason="Mine.", by=cast.checker)
    with pytest.raises(Invalid, match="is no threshold"):
        disclosure_policies.propose(thresholds=NUMBERS | {"hidden": 1}, reason="More.", by=cast.director)


def test_the_database_asks_for_a_second_person(cast: Any) -> None:
    made = disclosure_policies.propose(thresholds=NUMBERS, reason="One.", by=cast.director)
    made.adopted_at, made.adopted_by = timezone.now(), cast.director
    with pytest.raises(DatabaseError), transaction.atomic():
        made.save(update_fields=["adopted_at", "adopted_by"])


def test_a_release_tells_which_thresholds_it_was_made_under(cast: Any, sign_in: Any) -> None:
    adopted(cast, threshold=10, residual_df=10)
    release = stages.prepared(cast)
    assert release.document["disclosure"]["policy_version"] == 1
    assert release.document["disclosure"]["significant_figures"] == 2
    page = words(sign_in(cast.analyst).get(address(release.trial, "release-detail", release.public_id)))
    assert "version 1 of the Centre’s thresholds" in page
    report = words(sign_in(cast.checker).get(address(release.trial, "release-report", release.public_id)))
    assert "version 1 of the Centre’s thresholds" in report

"""A new trial starts blank, from a template, or as a copy of a protocol that the person may read."""

from typing import Any

import pytest
from django.utils import timezone

from experiments import protocol
from experiments.models import Trial
from experiments.protocol.templates import TEMPLATES
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import summary, words

pytestmark = pytest.mark.django_db
NEW = "/trials/new/"


def started(client: Any, **sent: str) -> Trial:
    response = client.post(NEW, {"title": "Do visits help?", **sent})
    assert response.status_code == 302, summary(response)
    return Trial.objects.latest("pk")


def test_the_page_offers_each_template_with_its_use(cast: Any, sign_in: Any) -> None:
    page = words(sign_in(cast.force_user).get(NEW))
    for one in TEMPLATES:
        assert one.name in page
        assert one.use in page


def test_a_blank_start_holds_the_title_and_nothing_else(cast: Any, sign_in: Any) -> None:
    trial = started(sign_in(cast.force_user), start_from="")
    assert trial.draft.title.public_title == "Do visits help?"
    assert trial.draft.arms == ()


@pytest.mark.parametrize("one", TEMPLATES, ids=lambda one: one.slug)
def test_a_template_fills_the_design_and_leaves_the_rest(cast: Any, sign_in: Any, one: Any) -> None:
    client = sign_in(cast.force_user)
    trial = started(client, start_from=one.slug)
    assert trial.draft.design.design == one.document["design"]["design"]
    assert trial.title == trial.draft.title.public_title == "Do visits help?"
    missing = {problem.pointer for problem in protocol.problems(trial.draft, today=timezone.localdate())}
    assert "/dates/first_unit/date" in missing
    assert "/analysis_plan" not in missing
    assert client.get(f"/trials/{trial.ref}/protocol/analysis/").status_code == 200
    assert "Not answered" in words(client.get(f"/trials/{trial.ref}/document/"))


def test_a_copy_keeps_the_design_and_drops_what_is_local(cast: Any, sign_in: Any) -> None:
    source = stages.draft(cast)
    trial = started(sign_in(cast.force_user), start_from="copy", copy_of=source.ref)
    made, was = trial.draft, source.draft
    assert (made.arms, made.outcomes, made.analysis_plan) == (was.arms, was.outcomes, was.analysis_plan)
    assert made.dates == protocol.Protocol().dates
    assert made.ethics == protocol.Protocol().ethics
    assert made.team.people == ()
    assert made.funding.publication_agreement is None
    assert trial.title == "Do visits help?"


def test_a_link_to_copy_fills_the_form_in(cast: Any, sign_in: Any) -> None:
    source = stages.draft(cast)
    form = sign_in(cast.force_user).get(f"{NEW}?copy={source.ref}").context["form"]
    assert (form["start_from"].value(), form["copy_of"].value()) == ("copy", source.ref)


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("", "Enter the number of the trial to copy"),
        ("CPP-2026-0001-9", "There is no trial with this number that you may read"),
    ],
)
def test_what_cannot_be_copied_is_said_at_its_field(cast: Any, sign_in: Any, ref: str, message: str) -> None:
    client = sign_in(cast.force_user)
    response = client.post(NEW, {"title": "A", "start_from": "copy", "copy_of": ref})
    assert response.status_code == 422
    assert message in summary(response)
    assert "copy_of" in response.context["form"].errors


def test_another_forces_draft_cannot_be_copied(cast: Any, sign_in: Any) -> None:
    source = stages.draft(cast)
    client = sign_in(cast.other_force_user)
    response = client.post(NEW, {"title": "A", "start_from": "copy", "copy_of": source.ref})
    assert response.status_code == 422
    assert "no trial with this number that you may read" in summary(response)

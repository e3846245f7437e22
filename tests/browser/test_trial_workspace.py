"""Every room of a trial's workspace at 320 pixels: axe finds nothing, and nothing scrolls sideways."""

from types import SimpleNamespace
from typing import Any

import pytest

from experiments import tasks
from experiments.forms.questions import STEPS
from experiments.models import Diagnosis
from experiments.views.account import KINDS
from tests.integration.experiments_pages import accounts, stages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OF_A_PUBLISHED_TRIAL = {
    "registrar": (
        "",
        "document/",
        "protocol/",
        "diagnosis/",
        "team/",
        "sites/",
        "sites/testshire/dpia/",
        "versions/",
        "diff/",
        "conduct/",
        "amend/",
        "data/",
        "account/",
    ),
    "force_user": (
        *("data/upload/", "amend/outcomes/", "amend/analysis/"),
        *(f"account/{kind}/new/" for kind in KINDS),
    ),
    "custodian": ("allocation/", "allocation/freeze/", "allocation/draw/", "allocation/reveal/"),
    "analyst": ("analyses/", "analyses/post-hoc/", "releases/"),
}


def test_the_rooms_of_a_published_trial(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace
) -> None:
    release = stages.published(cast)
    accounts.told(cast, release.trial)
    own = f"analyses/{release.analysis.public_id}/"
    rooms = {**OF_A_PUBLISHED_TRIAL, "reviewer": (own, f"releases/{release.public_id}/")}
    for person, paths in rooms.items():
        page = open_page("/work/", person=getattr(cast, person), width=320)
        assert_accessible(page)
        for path in paths:
            page.goto(f"/trials/{release.trial.ref}/{path}")
            assert page.get_by_role("heading", level=1).is_visible(), path
            assert "simulated" in page.inner_text("main").lower(), path
            assert_accessible(page)


def test_every_step_of_a_draft(open_page: Any, assert_accessible: Any, cast: SimpleNamespace) -> None:
    trial = stages.draft(cast)
    page = open_page(f"/trials/{trial.ref}/protocol/", person=cast.force_user, width=320)
    assert_accessible(page)
    for step in STEPS:
        page.goto(f"/trials/{trial.ref}/protocol/{step.slug}/")
        assert page.get_by_role("heading", level=1).inner_text() == step.title
        assert_accessible(page)
    page.goto(f"/trials/{trial.ref}/protocol/analysis/?as=json")
    assert_accessible(page)


def test_a_design_diagnosis_from_the_question_to_the_curve(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace
) -> None:
    trial = stages.draft(cast)
    page = open_page(f"/trials/{trial.ref}/protocol/", person=cast.force_user, width=320)
    page.get_by_role("link", name="Diagnose the design").click()
    assert page.get_by_text("This design has not been diagnosed yet.").is_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Run the simulated trials").click()
    assert page.get_by_role("alert").is_visible()
    assert_accessible(page)
    page.get_by_label("without the tactic").fill("20")
    page.get_by_label("Variance divided by mean").fill("2")
    page.get_by_label("True effect on").fill("-0.3")
    page.get_by_label("200: a first look").check()
    page.get_by_role("button", name="Run the simulated trials").click()
    assert page.get_by_role("button", name="Cancel this diagnosis").is_visible()
    assert_accessible(page)
    for part in Diagnosis.objects.get().parts.all():
        tasks.diagnose(str(part.run_id))
    page.get_by_role("link", name="Refresh this page").click()
    assert page.get_by_role("table", name="What the plan does on simulated data").is_visible()
    assert page.get_by_role("img", name="Power of H1 by true effect").is_visible()
    assert_accessible(page)
    page.goto(f"/trials/{trial.ref}/diagnosis/")
    assert_accessible(page)


def test_an_error_is_announced_and_led_to(
    open_page: Any, assert_accessible: Any, cast: SimpleNamespace
) -> None:
    trial = stages.draft(cast)
    page = open_page(f"/trials/{trial.ref}/protocol/allocation/", person=cast.force_user, width=320)
    page.get_by_label("Power", exact=True).fill("1.2")
    page.get_by_role("button", name="Save and continue").click()
    assert page.title().startswith("Error: ")
    assert page.get_by_role("alert").is_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Power must be between 0.5 and 0.99").click()
    assert page.evaluate("document.activeElement.id") == "sample_size__power"
    assert page.get_by_label("Power", exact=True).input_value() == "1.2"

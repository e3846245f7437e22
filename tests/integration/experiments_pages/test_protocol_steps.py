"""Writing the protocol in the browser's way: nothing is lost, nothing wrong is saved, two people do not overwrite."""

import json
import re
from typing import Any

import pytest

from experiments import protocol
from experiments.forms.questions import STEPS
from experiments.models import Trial
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, fields_of, refusals, summary, words

pytestmark = pytest.mark.django_db


def step_url(trial: Trial, slug: str) -> str:
    return address(trial, "trial-protocol-step", slug)


def opened(client: Any, trial: Trial, slug: str) -> tuple[Any, dict[str, Any]]:
    """Return the form of a step and what a browser would send back untouched."""
    form = client.get(step_url(trial, slug)).context["form"]
    sent = fields_of(form)
    sent |= {f"{name}__count": count for name, count in getattr(form, "counts", {}).items()}
    if hasattr(form, "count"):
        sent["estimates__count"] = form.count
    return form, sent


@pytest.mark.parametrize("slug", [step.slug for step in STEPS])
def test_opening_and_saving_a_step_changes_nothing(cast: Any, sign_in: Any, slug: str) -> None:
    trial = stages.draft(cast)
    before = protocol.to_json(trial.draft)
    client = sign_in(cast.force_user)
    _, sent = opened(client, trial, slug)
    response = client.post(step_url(trial, slug), {**sent, "then": "list"})
    assert response.status_code == 302, summary(response)
    after = stages.fresh(trial)
    assert after.protocol_edition == trial.protocol_edition + 1
    if slug == "analysis":
        assert after.draft.analysis_plan["estimates"][0]["estimator"] == "difference_in_means"
        assert protocol.problems(after.draft, today=stages.timezone.localdate()) == []
    else:
        assert protocol.to_json(after.draft) == before


def test_a_step_is_saved_and_leads_to_the_next(cast: Any, sign_in: Any) -> None:
    trial = stages.empty(cast)
    client = sign_in(cast.force_user)
    answers = {
        "edition": trial.protocol_edition,
        "problem__harm_measure": "count",
        "problem__framework": "superiority",
        "problem__theory_of_change": "People are seen.",
        "problem__prior_evidence": "First study\nSecond study\n",
        "then": "next",
    }
    response = client.post(step_url(trial, "question"), answers)
    assert response.headers["Location"] == step_url(trial, "design")
    problem = stages.fresh(trial).draft.problem
    assert problem.harm_measure == "count"
    assert problem.prior_evidence == ("First study", "Second study")


def test_a_date_that_is_none_is_refused_and_kept(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    _, sent = opened(client, trial, "dates")
    sent |= {"dates__first_unit__date_day": "31", "dates__first_unit__date_month": "2"}
    before = refusals()
    response = client.post(step_url(trial, "dates"), sent)
    assert response.status_code == 422
    assert "Enter a real date" in summary(response)
    assert 'name="dates__first_unit__date_day"' in response.content.decode()
    kept = response.context["form"]["dates__first_unit__date"].value()
    assert kept == ["31", "2", str(sent["dates__first_unit__date_year"])]
    assert refusals() == before + 1
    assert stages.fresh(trial).protocol == trial.protocol


@pytest.mark.parametrize(
    ("slug", "name", "value", "message"),
    [
        ("about", "title__public_title", "", "Enter a trial title"),
        ("about", "title__public_title", "\u200b\u00a0", "Enter a trial title"),
        ("about", "title__public_title", "x" * 10_001, "Title must be 150 characters or fewer"),
        ("about", "title__public_title", "a\u202eb", "Title contains a character we cannot accept (U+202E)"),
        ("about", "title__public_title", "a\x00b", "Title contains a character we cannot accept (U+0000)"),
        ("about", "title__plain_summary", "Ring 07700 900123 for more", "This looks like personal data"),
        ("allocation", "sample_size__power", "1.2", "Power must be between 0.5 and 0.99"),
        ("allocation", "sample_size__alpha", "0", "Alpha must be between 0.001 and 0.2"),
        ("allocation", "sample_size__planned_units", "-5", "Enter a whole number from 2 to 1,000,000"),
        ("allocation", "sample_size__planned_units", "1e30", "Enter a whole number from 2 to 1,000,000"),
        ("allocation", "sample_size__planned_units", "2.5", "Planned number of units: enter a whole number"),
        (
            "allocation",
            "sample_size__planned_units",
            "1,200",
            "Planned number of units: write 1200, without commas",
        ),
        (
            "allocation",
            "sample_size__planned_units",
            "many",
            "Planned number of units: enter a number in digits",
        ),
        ("allocation", "sample_size__icc", "1", "ICC must be at least 0 and less than 1"),
        ("allocation", "allocation__ratio__0__share", "0", "Each arm needs a share above 0"),
        ("dates", "dates__intervention_end__date_year", "2001", "End date must be after the start date"),
        ("openness", "data__embargo_until_year", "2199", "for at most 18 months after registration"),
        ("arms", "arms__1__id", "treatment", "Two arms have the code “treatment”"),
    ],
)
def test_a_wrong_value_is_named_and_kept(
    cast: Any, sign_in: Any, slug: str, name: str, value: str, message: str
) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    _, sent = opened(client, trial, slug)
    if name.endswith("embargo_until_year"):
        sent |= {"data__embargo_until_day": "1", "data__embargo_until_month": "1"}
    before = refusals()
    response = client.post(step_url(trial, slug), {**sent, name: value})
    assert response.status_code == 422
    assert message in summary(response)
    assert refusals() == before + 1
    assert stages.fresh(trial).protocol == trial.protocol
    if value.isprintable() and value and len(value) < 100:
        assert f'value="{value}"' in response.content.decode() or value in words(response)


def test_rows_are_added_and_removed_on_the_server_and_nothing_is_saved(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    _, sent = opened(client, trial, "arms")
    more = client.post(step_url(trial, "arms"), {**sent, "arms__1__label": "Half typed", "add": "arms"})
    assert more.status_code == 200
    assert 'id="arms-3"' in more.content.decode()
    assert "Half typed" in more.content.decode()
    fewer = client.post(step_url(trial, "arms"), {**sent, "remove": "arms__0"})
    form = fewer.context["form"]
    assert form["arms__0__id"].value() == "control"
    assert stages.fresh(trial).protocol == trial.protocol


def test_many_rows_are_all_kept(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    sent = {
        "edition": trial.protocol_edition,
        "team__people__count": "300",
        "team__secondary_ids__count": "0",
    }
    sent |= {f"team__people__{place}__name": f"Person {place}" for place in range(300)}
    sent |= {f"team__people__{place}__organisation": "Team" for place in range(300)}
    sent |= {f"team__people__{place}__role": "analyst" for place in range(300)}
    sent |= {f"team__people__{place}__orcid": "" for place in range(300)}
    assert client.post(step_url(trial, "team"), sent).status_code == 302
    assert len(stages.fresh(trial).draft.team.people) == 300


def test_a_blank_row_is_not_an_answer(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    _, sent = opened(client, trial, "outcomes")
    sent |= {"outcomes__count": "2", "outcomes__1__name": " "}
    assert client.post(step_url(trial, "outcomes"), sent).status_code == 302
    assert len(stages.fresh(trial).draft.outcomes) == 1


def test_a_stale_form_shows_both_versions_and_can_be_saved_again(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    _, sent = opened(client, trial, "about")
    theirs = sign_in(cast.registrar)
    _, other = opened(theirs, trial, "about")
    theirs.post(step_url(trial, "about"), {**other, "title__public_title": "Their title"})
    response = client.post(step_url(trial, "about"), {**sent, "title__public_title": "My title"})
    assert response.status_code == 409
    assert "Their title" in words(response)
    assert "My title" in response.content.decode()
    assert stages.fresh(trial).title == "Their title"
    again = fields_of(response.context["form"])
    assert client.post(step_url(trial, "about"), again).status_code == 302
    assert stages.fresh(trial).title == "My title"


def test_the_plan_is_built_by_the_form(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    answers = {
        "edition": trial.protocol_edition,
        "as": "form",
        "columns__unit": "unit",
        "columns__arm": "arm",
        "arms__control": "control",
        "alpha": "0.05",
        "multiplicity": "holm",
        "checks": ["balance"],
        "estimates__count": "1",
        "estimates__0__id": "H1",
        "estimates__0__role": "primary",
        "estimates__0__outcome": "calls",
        "estimates__0__estimator": "poisson",
        "estimates__0__covariance": "HC2",
        "estimates__0__options__exposure": "homes",
    }
    response = client.post(step_url(trial, "analysis"), answers)
    assert response.status_code == 302, summary(response)
    plan = stages.fresh(trial).draft.analysis_plan
    assert plan["arms"] == {"control": "control", "treatments": ["treatment"]}
    assert plan["estimates"][0] == {
        "id": "H1",
        "role": "primary",
        "outcome": "calls",
        "estimator": "poisson",
        "covariance": "HC2",
        "covariates": [],
        "options": {"exposure": "homes"},
    }
    assert plan["checks"] == ["balance"]


def test_a_plan_that_cannot_run_is_refused_at_its_field(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    _, sent = opened(client, trial, "analysis")
    response = client.post(step_url(trial, "analysis"), {**sent, "estimates__0__covariance": "analytic"})
    assert response.status_code == 422
    assert "not available for 'difference_in_means'" in summary(response)
    assert "estimates__0__covariance" in response.context["form"].errors
    assert stages.fresh(trial).protocol == trial.protocol


def test_half_an_estimate_says_what_to_choose(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    _, sent = opened(client, trial, "analysis")
    sent |= {"estimates__count": "2", "estimates__1__id": "H2"}
    response = client.post(step_url(trial, "analysis"), sent)
    assert response.status_code == 422
    assert "Choose an outcome Choose an estimator Choose a role" in summary(response)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "must be a JSON object"),
        ('{"plan_version": 1, "plan_version": 1}', "appears twice"),
        ('{"plan_version": 1, "estimates": [{"id": "H1"}]}', "/estimates/0/role"),
        ('{"plan_version": 1, "estimates": [], "surprise": 1}', "unknown key 'surprise'"),
    ],
)
def test_a_plan_in_json_is_refused_with_its_pointer(cast: Any, sign_in: Any, text: str, message: str) -> None:
    trial = stages.draft(cast)
    client = sign_in(cast.force_user)
    sent = {"edition": trial.protocol_edition, "as": "json", "plan_json": text}
    response = client.post(step_url(trial, "analysis"), sent)
    assert response.status_code == 422
    assert message in summary(response)
    assert response.context["form"]["plan_json"].value() == text
    assert stages.fresh(trial).protocol == trial.protocol


def test_a_plan_the_form_cannot_show_opens_as_json(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    plan = json.loads(json.dumps(trial.protocol["analysis_plan"]))
    plan["estimates"][0]["columns"] = {"weight": "homes"}
    client = sign_in(cast.force_user)
    sent = {"edition": trial.protocol_edition, "as": "json", "plan_json": json.dumps(plan)}
    assert client.post(step_url(trial, "analysis"), sent).status_code == 302
    page = client.get(step_url(trial, "analysis"))
    assert "more than the form can show" in words(page)
    assert stages.fresh(trial).draft.analysis_plan["estimates"][0]["columns"] == {"weight": "homes"}


def test_a_frozen_protocol_is_not_edited(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    client = sign_in(cast.force_user)
    page = client.get(step_url(trial, "about"))
    assert "cannot be changed here now" in words(page)
    sent = {"edition": trial.protocol_edition, "title__public_title": "Another"}
    response = client.post(step_url(trial, "about"), sent)
    assert response.status_code == 409
    assert "start an amendment" in summary(response)
    assert stages.fresh(trial).title == trial.title


def test_others_cannot_see_or_change_a_draft(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    url = step_url(trial, "about")
    assert sign_in(cast.other_force_user).get(url).status_code == 404
    assert sign_in(cast.researcher).get(url).status_code == 404
    assert sign_in(cast.reviewer).get(url).status_code == 403
    assert sign_in(cast.anonymous).get(url).headers["Location"].startswith("/sign-in/")
    assert sign_in(cast.force_user).get(step_url(trial, "nothing")).status_code == 404


def test_what_the_draw_does_not_need_is_folded_away(cast: Any, sign_in: Any) -> None:
    trial = stages.empty(cast)
    url = address(trial, "trial-protocol-step", "allocation")
    client = sign_in(cast.force_user)

    def is_open(response: Any, title: str) -> bool:
        found = re.search(
            rf"<details([^>]*)>\s*<summary[^>]*><span[^>]*>{title}</span>", response.content.decode()
        )
        assert found, title
        return "open" in found[1]

    empty = client.get(url)
    for title in ("Cases one by one", "Waiting list", "Stepped wedge", "Places and days", "Factorial trial"):
        assert not is_open(empty, title)
    sent = {
        "edition": trial.protocol_edition,
        "allocation__method": "stepped_wedge",
        "allocation__crossover__days": "x",
    }
    wrong = client.post(url, sent)
    assert wrong.status_code == 422
    assert is_open(wrong, "Stepped wedge")  # the draw needs it
    assert is_open(wrong, "Places and days")  # the answer is wrong
    assert not is_open(wrong, "Factorial trial")

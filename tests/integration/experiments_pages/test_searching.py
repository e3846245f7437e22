"""Searching the registry: every filter in the address, the order, and the columns that answer."""

import datetime as dt
import importlib
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from experiments import protocol
from experiments.actions import amendments, entries, trials
from experiments.management.sample.plans import TrialPlan
from experiments.management.sample.programme import TACTICS, TRIALS
from experiments.models import Trial
from tactics.models import Problem
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import summary, words

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def asked(client: Any, **query: Any) -> Any:
    return client.get(reverse("trial-list"), query)


def day(name: str, of: dt.date) -> dict[str, int]:
    """Return a date as its three boxes send it."""
    return {f"{name}_day": of.day, f"{name}_month": of.month, f"{name}_year": of.year}


def about(cast: Any, *problems: str) -> Trial:
    """Return a registered trial whose protocol names these problems."""
    trial = stages.draft(cast)
    document = protocol.to_json(trial.draft)
    document["problem"]["problem_types"] = list(problems)
    trial = trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=cast.force_user)
    return stages.registered_as_it_is(cast, trial)


def test_each_filter_finds_and_leaves_out(cast: Any, client: Any) -> None:
    slug = "burglary"
    trial = about(cast, slug, "a-problem-of-no-list")
    today = timezone.localdate()
    began, ended = trial.planned_from, trial.planned_until
    assert began
    assert ended
    before, after = began - dt.timedelta(days=1), ended + dt.timedelta(days=1)
    other = Problem.objects.exclude(slug=slug).values_list("slug", flat=True)[0]
    for finds, leaves_out in (
        ({"force": "testshire"}, {"force": "otherton"}),
        ({"problem": slug}, {"problem": other}),
        ({"registration": "registered"}, {"registration": "withdrawn"}),
        (day("registered_from", today), day("registered_from", today + dt.timedelta(days=1))),
        (day("registered_to", today), day("registered_to", today - dt.timedelta(days=1))),
        (day("running_on", began), day("running_on", before)),
        (day("running_on", ended), day("running_on", after)),
        ({"sort": "results_due"}, {"sort": "title", "q": "helicopters"}),
    ):
        assert trial.title in words(asked(client, **finds)), finds
        assert "1 trial" in words(asked(client, **finds)), finds
        assert trial.title not in words(asked(client, **leaves_out)), leaves_out


def test_a_site_is_found_as_the_lead_is(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    Trial.objects.filter(pk=trial.pk).update(lead_force=None)
    assert trial.sites.filter(force__slug="testshire").exists()
    assert trial.title in words(asked(client, force="testshire"))


def test_what_happened_counts_for_more_than_the_plan(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    assert trial.planned_from
    assert trial.planned_until
    early = trial.planned_from - dt.timedelta(days=30)
    Trial.objects.filter(pk=trial.pk).update(first_treated_on=early, last_treated_on=early)
    assert trial.title in words(asked(client, **day("running_on", early)))
    assert trial.title not in words(asked(client, **day("running_on", trial.planned_until)))


@pytest.mark.parametrize("name", ["force", "problem", "tactic", "registration", "conduct", "results", "sort"])
def test_an_unknown_value_is_refused_by_name_and_kept(client: Any, name: str) -> None:
    answer = asked(client, **{name: "astrology", "q": "visits"})
    assert answer.status_code == 422
    assert "astrology is not one of the available choices" in summary(answer)
    page = answer.content.decode()
    assert '<option value="astrology" selected>' in page
    assert 'value="visits"' in page


def test_a_day_that_is_none_is_refused_and_kept(client: Any) -> None:
    answer = asked(client, running_on_day="31", running_on_month="2", running_on_year="2026")
    assert answer.status_code == 422
    assert "Enter a real date" in summary(answer)
    assert '<details class="govuk-details" open>' in answer.content.decode()
    today = timezone.localdate()
    turned = {
        **day("registered_from", today),
        **day("registered_to", today - dt.timedelta(days=1)),
    }
    assert "must not be earlier" in summary(asked(client, **turned))


def test_the_order_is_by_registration_title_or_results_due(cast: Any, client: Any) -> None:
    soon, late = timezone.localdate(), timezone.localdate() + dt.timedelta(days=900)
    for title, due in (("beta", late), ("Alpha", None), ("gamma", soon)):
        trial = stages.registered(cast)
        Trial.objects.filter(pk=trial.pk).update(title=title, results_due_on=due)

    def titles(**query: str) -> list[str]:
        return [found.title for found in asked(client, **query).context["page"]]

    assert titles() == ["gamma", "Alpha", "beta"]
    assert titles(sort="title") == ["Alpha", "beta", "gamma"]
    assert titles(sort="results_due") == ["gamma", "beta", "Alpha"]


def in_step(trial: Trial) -> bool:
    """Return whether the columns say what the protocol says."""
    expected = entries.columns(trial.draft, trial.number)
    named = set(Problem.objects.filter(slug__in=trial.draft.problem.problem_types))
    return {name: getattr(trial, name) for name in expected} == expected and set(
        trial.problems.all()
    ) == named


def test_the_columns_keep_step_with_the_protocol_in_force(cast: Any) -> None:
    assert in_step(stages.empty(cast))
    trial = stages.registered(cast)
    assert in_step(trial)
    assert trial.searched_design == "rct_individual"
    assert trial.public_from == trial.registered_at
    later = timezone.localdate() + dt.timedelta(days=20)
    dates = ("primary_completion", "follow_up_end", "data_lock")
    amendments.propose(
        trial=trial,
        document=stages.amended(trial, **dict.fromkeys(dates, later.isoformat())),
        reason_code="external_event",
        reason="A storm.",
        by=cast.force_user,
    )
    amended = stages.fresh(trial)
    assert in_step(amended)
    assert amended.results_due_on == amended.report_due != trial.results_due_on


def test_trials_from_before_get_the_same_columns(cast: Any) -> None:
    cast.embargo_until = timezone.localdate() + dt.timedelta(days=20)
    trial = about(cast, Problem.objects.values_list("slug", flat=True)[0])
    wanted = Trial.objects.get(pk=trial.pk)
    assert wanted.public_from
    assert timezone.localdate(wanted.public_from) == cast.embargo_until
    Trial.objects.filter(pk=trial.pk).update(
        searched_design="", planned_from=None, planned_until=None, results_due_on=None, public_from=None
    )
    trial.problems.clear()
    importlib.import_module("experiments.migrations.0015_fill_searched_columns").fill(apps, None)
    filled = Trial.objects.get(pk=trial.pk)
    assert in_step(filled)
    assert filled.problems.exists()
    assert filled.public_from == wanted.public_from


@pytest.mark.parametrize("plan", TRIALS, ids=lambda plan: plan.key)
def test_the_sample_names_problems_of_the_library_that_its_tactic_answers(db: None, plan: TrialPlan) -> None:
    known = set(Problem.objects.values_list("slug", flat=True))
    assert set(plan.problems) <= known & set(TACTICS[plan.tactic][0].problems)
    assert plan.problems


@pytest.mark.parametrize(
    ("slug", "problem"),
    [("hot-spot-rct", "hot-spots"), ("place-day-crossover", "hot-spots"), ("officer-cluster", "trust")],
)
def test_a_trial_from_a_template_is_found_by_its_problem(cast: Any, slug: str, problem: str) -> None:
    trial = trials.start(title="A trial in Testshire", by=cast.force_user, template=slug)
    assert list(Trial.objects.searched(problem=problem)) == [trial]


@pytest.mark.parametrize(
    ("q", "finds"),
    [
        ("cafe", True),  # the accent is in the title
        ("CAFÉ visits", True),
        ("isits", True),  # within a word
        ("cafe helicopters", False),
        ("after a call", True),  # the name of its tactic
        ("100%", True),
        ("1%0", False),  # a sign that stands for nothing but itself
        ("100_", False),
        ("", True),
    ],
)
def test_words_are_found_whatever_their_accents_and_capitals(
    cast: Any, client: Any, q: str, finds: bool
) -> None:
    trial = stages.draft(cast)
    document = protocol.to_json(trial.draft)
    document["title"]["public_title"] = "Café visits: do 100% of them count?"
    trial = trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=cast.force_user)
    trial = stages.registered_as_it_is(cast, trial)
    assert (trial.title in words(asked(client, q=q))) is finds
    found = client.get(reverse("api-trial-list"), {"search": q} if q else {}).json()["results"]
    assert bool(found) is finds


def test_a_trial_is_found_by_its_number_and_by_the_newest_name_of_its_tactic(cast: Any, client: Any) -> None:
    trial = stages.registered(cast)
    assert trial.number
    assert trial.title in words(asked(client, q=trial.number.lower()))
    assert trial.title in words(asked(client, q=trial.number[:8]))
    type(trial.tactic).objects.filter(pk=trial.tactic_id).update(name="Doorstep conversations")
    assert trial.title in words(asked(client, q="DOORSTEP calls"))
    assert trial.title not in words(asked(client, q="after"))

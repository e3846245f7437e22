"""Every template of the library, with nothing in it and after a mistake, on a phone: axe finds nothing.

Full pages are those of the sample programme (`test_pages`), and of a tactic with ratings, an appeal and a candidate.
"""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test.signals import template_rendered
from django.urls import reverse

from tactics.actions import appeals, practices, quality, rejections, tactics, transparency
from tactics.models import Rating, Tactic
from tests.conftest import ROOT
from tests.integration.tactics import told
from tests.integration.tactics.ai_tactics import ai_tactic, rated, written
from tests.integration.tactics.library import candidate, found, proposed, published, signed
from tests.integration.tactics.practice import claimed, entered

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FOLDERS = (
    "adoptions",
    "error_rates",
    "hours",
    "library",
    "practices",
    "quality",
    "ratings",
    "rejected",
    "tactics",
    "transparency",
)
Look = Callable[..., None]


@pytest.fixture(scope="module", autouse=True)
def rendered() -> Iterator[set[str]]:
    """Collect the names of the templates that these tests render."""
    names: set[str] = set()

    def note(template: Any, **_: Any) -> None:
        names.add(template.name)

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


@pytest.fixture
def look(open_page: Any, assert_accessible: Any) -> Look:
    """Return a function that looks at an address as a person, and sends its form as it is where that is asked."""
    pages: dict[Any, Any] = {}

    def looked(address: str, person: Any = None, *, send: str = "", refused: bool = False) -> None:
        key = person.pk if person is not None else None
        if key not in pages:
            pages[key] = open_page("/privacy/", person=person, width=320)
        page = pages[key]
        answer = page.goto(address)
        assert (400 <= answer.status < 500) if refused else answer.status == 200, (address, answer.status)
        if send:
            page.get_by_role("main").get_by_role("button", name=send).first.click()
            assert page.get_by_role("alert").count(), f"{address} takes an empty form without a word"
        assert_accessible(page)

    return looked


def bare(by: Any, name: str = "A bare tactic", **changes: Any) -> Tactic:
    """Return a published tactic about which only the least is said."""
    return published(
        by,
        name,
        **{
            "moderators": "",
            "first_30_days": "",
            "economics": "",
            "cost_band": None,
            "cost_basis": "",
            "hours_per_100_incidents": None,
            "hours_basis": "",
            "is_simulated": True,
            **changes,
        },
    )


def test_a_library_of_nothing(look: Look) -> None:
    for name in (
        "library-home",
        "tactic-list",
        "gap-map",
        "rejected-list",
        "next-trials",
        "rating-rules",
        "search-words",
    ):
        look(reverse(name))
    look(reverse("tactic-list") + "?q=zeppelin")
    look(reverse("tactic-list") + "?cost=9", refused=True)
    look(reverse("tactic-compare"))
    look(reverse("tactic-compare") + "?t=a&t=b&t=c&t=d&t=e", refused=True)
    look(reverse("problem-briefing", args=["burglary"]))


def test_a_tactic_of_which_hardly_anything_is_known(cast: SimpleNamespace, look: Look) -> None:
    tactic = bare(cast.registrar)
    names = (
        "tactic-detail",
        "tactic-start",
        "tactic-history",
        "tactic-outlook",
        "tactic-adoptions",
        "tactic-hours",
        "tactic-money",
        "quality-detail",
        "rating-list",
    )
    for name in names:
        look(reverse(name, args=[tactic.slug]))
        look(reverse(name, args=[tactic.slug]), cast.registrar)
    look(reverse("tactic-outlook", args=[tactic.slug]) + "?clusters=x", refused=True)
    look(reverse("tactic-money", args=[tactic.slug]) + "?incidents=x", refused=True)
    look(reverse("tactics-followed"), cast.force_user)
    look(reverse("rating-replay"), cast.reviewer)
    look(reverse("rating-replay") + "?cutoff=few_events&value=x", cast.reviewer, refused=True)


def test_forms_that_are_sent_empty(cast: SimpleNamespace, look: Look) -> None:
    tactic = bare(cast.registrar)
    forms: tuple[tuple[str, Any, str], ...] = (
        ("tactic-propose", cast.force_user, "Save as a draft"),
        ("rejected-new", cast.reviewer, "Put it on the list"),
        ("adoption-new", cast.force_user, "Put it in the ledger"),
        ("hours-new", cast.force_user, "Put it in the account"),
        ("cost-new", cast.registrar, "State it"),
    )
    for name, person, button in forms:
        about = () if name in ("tactic-propose", "rejected-new") else (tactic.slug,)
        look(reverse(name, args=about), person, send=button)
    look(reverse("quality-score", args=[tactic.slug, "mechanism"]), cast.reviewer, send="Enter the score")
    draft = proposed(cast.force_user, "A draft", contact="", problems=())
    look(reverse("tactic-publish", args=[draft.slug]), cast.registrar)
    look(reverse("tactic-edit", args=[draft.slug]), cast.force_user)


def test_a_rating_and_what_hangs_on_it(cast: SimpleNamespace, look: Look) -> None:
    tactic = published(cast.registrar, "A tactic with a rating")
    found(tactic, cast.publisher)
    signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    public = Rating.objects.public().get(tactic=tactic)
    found(tactic, cast.publisher, "CPP-2026-0002-3", forces=("Northshire",))
    waiting = candidate(tactic)
    look(reverse("rating-sign", args=[waiting.pk]), cast.reviewer, send="Sign the rating")
    for person in (None, cast.reviewer):
        look(public.get_absolute_url(), person)
        for name in ("tactic-detail", "tactic-history", "rating-list", "tactic-outlook", "tactic-start"):
            look(reverse(name, args=[tactic.slug]), person)
    look(reverse("rating-appeal", args=[public.pk]), cast.force_user, send="Appeal")
    appeal = appeals.make(rating=public, grounds="The dose was not recorded.", by=cast.force_user)
    look(appeal.get_absolute_url())
    look(appeal.get_absolute_url(), cast.registrar, send="Answer")
    look(reverse("rating-replay") + "?cutoff=few_events&value=5000", cast.reviewer)
    rejected = rejections.record(
        study="A study",
        citation="A journal",
        reason="no_comparison",
        explanation="It has no comparison.",
        tactic=tactic,
        by=cast.reviewer,
    )
    look(reverse("rejected-list"), cast.reviewer)
    look(reverse("rejected-take-back", args=[rejected.pk]), cast.reviewer, send="Take it back")


def test_what_forces_do(cast: SimpleNamespace, look: Look) -> None:
    tactic = bare(cast.registrar)
    force = cast.force_user.memberships.get().force
    used = entered(tactic, force, cast.force_user)
    saved = claimed(tactic, force, cast.force_user)
    for person in (None, cast.force_user):
        look(reverse("tactic-adoptions", args=[tactic.slug]), person)
        look(reverse("tactic-hours", args=[tactic.slug]), person)
        look(tactic.get_absolute_url(), person)
    correct = reverse("adoption-correct", args=[tactic.slug, used.public_id])
    look(correct, cast.force_user)
    correct = reverse("hours-correct", args=[tactic.slug, saved.public_id])
    look(correct, cast.force_user)


def test_a_tactic_that_uses_ai(cast: SimpleNamespace, look: Look) -> None:
    tactic = ai_tactic(cast.force_user)
    look(tactic.get_absolute_url(), cast.force_user)
    write = reverse("transparency-write", args=[tactic.slug])
    look(write, cast.force_user)
    draft = written(tactic, cast.force_user)
    for section in draft.standard.sections:
        look(reverse("transparency-section", args=[tactic.slug, section.slug]), cast.force_user)
    look(write, cast.force_user)
    draft = transparency.send(draft=draft, by=cast.force_user)
    look(reverse("transparency-review", args=[tactic.slug]), cast.publisher, send="Answer")
    transparency.publish(draft=draft, edition=draft.edition, by=cast.publisher)
    tactics.publish(tactic=tactic, by=cast.registrar)
    look(reverse("transparency-record", args=[tactic.slug]))
    look(reverse("error-rate-new", args=[tactic.slug]), cast.force_user, send="Record it")
    rate = rated(tactic, cast.registrar)
    look(tactic.get_absolute_url())
    look(reverse("error-rate-take-back", args=[rate.pk]), cast.registrar, send="Take it back")


def test_practice_from_forces(cast: SimpleNamespace, look: Look) -> None:
    tactic = bare(cast.registrar)
    look(reverse("practice-new"), cast.force_user, send="Save as a draft")
    account = told.sent(cast.force_user)
    look(account.get_absolute_url(), cast.force_user)
    look(reverse("practice-review", args=[account.public_id]), cast.registrar, send="Answer")
    look(reverse("my-work"), cast.registrar)
    practices.ask_for_changes(practice=account, because="Say how homes are chosen.", by=cast.registrar)
    look(account.get_absolute_url(), cast.force_user)
    look(reverse("practice-edit", args=[account.public_id]), cast.force_user)
    account = practices.send(practice=account, by=cast.force_user)
    told.accepted(account, tactic, cast.registrar)
    look(account.get_absolute_url())
    look(tactic.get_absolute_url())
    look(reverse("my-work"), cast.force_user)


def test_two_reviewers_who_differ(cast: SimpleNamespace, look: Look) -> None:
    tactic = bare(cast.registrar)
    for person, score in ((cast.reviewer, 1), (cast.second_reviewer, 3)):
        quality.score(tactic=tactic, dimension="mechanism", score=score, reason="It says why.", by=person)
    look(reverse("quality-score", args=[tactic.slug, "mechanism"]), cast.reviewer, send="Enter the score")
    look(reverse("my-work"), cast.reviewer)
    for person in (cast.reviewer, cast.second_reviewer):
        quality.moderate(tactic=tactic, dimension="mechanism", score=2, reason="Both.", by=person)
    look(reverse("quality-detail", args=[tactic.slug]))
    look(tactic.get_absolute_url())


def test_no_template_was_left_out(request: pytest.FixtureRequest, rendered: set[str]) -> None:
    others = {item.name for item in request.session.items if item.path == request.path} - {request.node.name}
    if len(others) < 6:
        pytest.skip("the other tests of this file are not all run")
    place = ROOT / "templates"
    whole = {
        f"{folder}/{path.name}"
        for folder in FOLDERS
        for path in (place / folder).glob("*.html")
        if '{% extends "base.html" %}' in path.read_text(encoding="utf-8")
    }
    assert not whole - rendered, f"nobody looked at {sorted(whole - rendered)}"

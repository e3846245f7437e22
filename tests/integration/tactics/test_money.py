"""What a tactic costs and what it is worth: what is kept, who may, and what the pages and the API say."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import AuditEvent
from tactics import worth
from tactics.actions import appraisals
from tactics.models import Appraisal, PriceIndex, Rating, TacticCost
from tactics.money import appraise
from tests.integration.tactics.library import candidate, found, published, signed
from tests.integration.tactics.priced import cost_details, priced, stated

pytestmark = pytest.mark.django_db


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def address(tactic: Any) -> str:
    return reverse("tactic-money", args=[tactic.slug])


@pytest.fixture
def tactic(cast: Any) -> Any:
    return priced(cast)


def public(tactic: Any) -> Rating:
    rating: Rating = Rating.objects.public().get(tactic=tactic)
    return rating


# --- the figure is made with the rating ---------------------------------------------------------------


def test_publishing_a_rating_makes_the_figure(tactic: Any) -> None:
    figure = Appraisal.objects.get(rating=public(tactic))

    assert figure.place == "average"
    assert figure.made_by is None
    assert figure.inputs["forecast"] == {
        "metric": "log_rate_ratio",
        "centre": pytest.approx(-0.25),
        "scale": pytest.approx(0.05),
        "df": None,
        "place": "average",
    }
    assert (figure.inputs["incidents"], figure.inputs["years"]) == (100.0, 3)
    assert AuditEvent.objects.filter(event="tactic.appraised").count() == 1


def test_the_figure_is_made_again_from_what_it_kept(tactic: Any) -> None:
    figure = Appraisal.objects.get()
    again = appraise(worth.inputs(public(tactic)))

    assert again.inputs_sha256 == figure.inputs_sha256
    assert json.loads(json.dumps(again.as_json())) == figure.result


def test_with_three_trials_a_new_place_speaks_first(cast: Any) -> None:
    made = priced(cast, trials=3)
    figures = list(public(made).appraisals.all())

    assert [one.place for one in figures] == ["new", "average"]
    assert figures[0].result["net_benefit"]["mean"] is None


@pytest.mark.parametrize(
    ("domain", "reason"),
    [("burglary", "has not been confirmed"), ("anti-social-behaviour", "No unit cost is held")],
)
def test_without_a_confirmed_unit_cost_there_is_no_figure(
    cast: Any, client: Any, domain: str, reason: str
) -> None:
    made = published(cast.registrar, main_outcome=domain)
    stated(made, cast.registrar)
    found(made, cast.publisher, domain=domain)
    signed(candidate(made), cast.reviewer, cast.second_reviewer)

    assert not Appraisal.objects.exists()
    page = words(client.get(address(made)))
    assert "There is no figure." in page
    assert reason in page


def test_without_a_cost_there_is_no_figure(cast: Any, client: Any) -> None:
    made = published(cast.registrar, main_outcome="robbery")
    found(made, cast.publisher, domain="robbery")
    signed(candidate(made), cast.reviewer, cast.second_reviewer)

    assert not Appraisal.objects.exists()
    assert "Nobody has said what the tactic costs" in words(client.get(address(made)))


# --- who may state a cost, and who may make a figure ----------------------------------------------------


def test_a_newer_statement_takes_the_place_and_changes_no_figure(cast: Any, tactic: Any, client: Any) -> None:
    before = Appraisal.objects.get().result
    stated(tactic, cast.registrar, per_year_central=Decimal(1000), per_year_low=None, per_year_high=None)

    assert TacticCost.objects.standing().count() == 1
    assert Appraisal.objects.get().result == before
    assert "have changed since" in words(client.get(address(tactic)))
    appraisals.make(rating=public(tactic), by=cast.registrar)
    assert Appraisal.objects.count() == 2
    assert "have changed since" not in words(client.get(address(tactic)))


def test_the_force_of_the_tactic_states_its_own_and_others_state_nothing(cast: Any) -> None:
    own = priced(cast, "Another one")
    with pytest.raises(NotPermitted):
        stated(own, cast.other_force_user)
    with pytest.raises(NotPermitted):
        stated(own, cast.researcher)

    from tests.integration.tactics.library import proposed

    draft = proposed(cast.force_user, "A tactic of the force")
    cost = stated(draft, cast.force_user)
    assert cost.force == draft.force
    assert stated(draft, cast.registrar).force is None
    assert TacticCost.objects.standing().filter(tactic=draft).count() == 2


def test_only_who_publishes_makes_a_figure_and_not_twice_of_the_same(cast: Any, tactic: Any) -> None:
    with pytest.raises(NotPermitted):
        appraisals.make(rating=public(tactic), by=cast.force_user)
    with pytest.raises(Conflict, match="made of the same"):
        appraisals.make(rating=public(tactic), by=cast.registrar)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"payer": "nobody"}, "payer"),
        ({"incidents": 0}, "incidents"),
        ({"incidents": None}, "incidents"),
        ({"price_year": "soon"}, "price_year"),
        ({"source": " "}, "source"),
        ({"source": "Ask jo@force.example"}, "source"),
        ({"set_up_central": None}, "set_up_central"),
        ({"set_up_central": Decimal(-1)}, "set_up_central"),
        ({"set_up_central": Decimal("NaN")}, "set_up_central"),
        ({"per_year_low": None}, "per_year_low"),
        ({"per_year_central": Decimal(95_000)}, "per_year_central"),
        (
            {
                "set_up_central": Decimal(0),
                "per_year_central": Decimal(0),
                "per_year_low": None,
                "per_year_high": None,
            },
            "per_year_central",
        ),
    ],
)
def test_a_statement_that_cannot_be_kept_names_its_field(
    cast: Any, tactic: Any, changes: dict[str, Any], field: str
) -> None:
    from tactics.actions import costs

    with pytest.raises(Invalid) as refusal:
        costs.state(tactic=tactic, details=cost_details(**changes), by=cast.registrar)
    assert [problem.pointer for problem in refusal.value.problems] == [field]


def test_a_cost_without_a_range_is_taken_as_a_fifth_either_side(cast: Any, tactic: Any) -> None:
    cost = stated(tactic, cast.registrar, per_year_low=None, per_year_high=None)

    assert (cost.per_year_low, cost.per_year_high) == (Decimal(48_000), Decimal(72_000))
    assert cost.range_is_assumed


# --- the pages -----------------------------------------------------------------------------------------


def test_the_page_says_it_in_plain_words_first(client: Any, tactic: Any) -> None:
    page = words(client.get(address(tactic)))

    assert re.search(r"In 100 simulated futures, (about \d+ come|nearly all come) out ahead\.", page)
    assert "In pounds of 2015/16, over 3 years" in page
    assert re.search(r"Benefit to the police\s+Not known", page)
    assert "never turned into money here" in page
    assert "recorded ones only" in page
    assert "still to be checked against it" in page


def test_the_tactics_page_and_comparison_have_the_line(client: Any, tactic: Any) -> None:
    for page in (
        client.get(tactic.get_absolute_url()),
        client.get(reverse("tactic-compare"), {"t": tactic.slug}),
        client.get(reverse("problem-briefing", args=["burglary"])),
    ):
        assert re.search(r"(About \d+|Nearly all) of 100 futures come out ahead", words(page))


def test_the_question_is_answered_and_kept(client: Any, tactic: Any) -> None:
    answer = client.get(address(tactic), {"incidents": "500", "years": "1", "place": "average"})
    page = words(answer)

    assert "the place that you described" in page
    assert "over 1 year" in page
    assert 'value="500"' in answer.content.decode()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"incidents": "0"}, "from 1 to 10,000,000"),
        ({"incidents": "many"}, "from 1 to 10,000,000"),
        ({"years": "31"}, "from 1 to 30"),
        ({"effect_years": "-1"}, "from 1 to 30"),
        ({"multiplier": "0.5"}, "from 1 to 1,000"),
        ({"multiplier": "nan"}, "from 1 to 1,000"),
        ({"multiplier": "2"}, "Say where the number"),
        ({"place": "moon"}, "Choose the average place"),
        ({"outcome": "no-such"}, "Choose an outcome"),
    ],
)
def test_a_wrong_question_is_refused_beside_its_field(
    client: Any, tactic: Any, asked: dict[str, str], message: str
) -> None:
    answer = client.get(address(tactic), asked)

    assert message in words(answer, 422)
    assert "govuk-error-message" in answer.content.decode()
    assert AuditEvent.objects.filter(event="request.refused").exists()


def test_what_cannot_be_said_has_its_reason(client: Any, tactic: Any) -> None:
    page = words(client.get(address(tactic), {"place": "new"}))
    assert "needs a prediction interval, which needs 3 or more trials; there is 1" in page


def test_a_draft_has_no_figure(cast: Any, sign_in: Any) -> None:
    from tests.integration.tactics.library import proposed

    draft = proposed(cast.force_user)
    assert "not been rated yet" in words(sign_in(cast.force_user).get(address(draft)))


def test_the_force_states_a_cost_on_the_page(cast: Any, sign_in: Any) -> None:
    from tests.integration.tactics.library import proposed

    draft = proposed(cast.force_user)
    client = sign_in(cast.force_user)
    sent = {
        "payer": "police",
        "incidents": "100",
        "price_year": "2024-25",
        "set_up_central": "1000",
        "per_year_central": "20000",
        "source": "Invented",
    }
    url = reverse("cost-new", args=[draft.slug])
    wrong = client.post(url, {**sent, "set_up_central": "plenty", "source": "Keep this"})
    assert "enter pounds" in words(wrong, 422)
    empty = words(client.post(url, {}), 422)
    for message in (
        "Choose who pays",
        "Enter a price year",
        "Say where the figures",
        "Incidents a year must",
    ):
        assert message in empty
    assert 'value="Keep this"' in wrong.content.decode()
    assert client.post(url, sent).status_code == 302
    assert TacticCost.objects.get().price_year == "2024/25"
    assert "£20,000" in words(client.get(address(draft)))


def test_the_centre_makes_the_figure_on_the_page(cast: Any, sign_in: Any, tactic: Any) -> None:
    client = sign_in(cast.registrar)
    url = reverse("appraisal-make", args=[tactic.slug])

    assert "made of the same" in words(client.post(url, {"outcome": "robbery"}), 409)
    stated(tactic, cast.registrar, incidents=200)
    assert client.post(url, {"outcome": "robbery"}).status_code == 302
    assert Appraisal.objects.count() == 2


# --- prices ----------------------------------------------------------------------------------------------


def load(tmp_path: Path, text: str, **options: str) -> None:
    file = tmp_path / "index.csv"
    file.write_text(text, encoding="utf-8")
    call_command("load_price_index", file, source="An invented index", licence="None", **options)


def test_an_index_turns_all_prices_into_those_of_its_newest_year(
    cast: Any, client: Any, tactic: Any, tmp_path: Path
) -> None:
    load(tmp_path, "year,index\n2015-16,80\n2024-25,100\n")
    before = Appraisal.objects.get().result["benefit"]["median"]
    appraisals.make(rating=public(tactic), by=cast.registrar)
    after = Appraisal.objects.first()

    assert after is not None
    assert after.inputs["price_year"] == "2024/25"
    assert after.result["benefit"]["median"] == pytest.approx(1.25 * before, rel=0.02)
    assert "Turned into those of 2024/25 by: An invented index" in words(client.get(address(tactic)))
    load(tmp_path, "year,index\n2015-16,80\n2024-25,100\n")
    assert PriceIndex.objects.count() == 1


def test_without_an_index_prices_of_two_years_are_not_mixed(cast: Any, client: Any, tactic: Any) -> None:
    stated(tactic, cast.registrar, price_year="2024/25")

    page = words(client.get(address(tactic), {"incidents": "100"}))
    assert "There is no figure." in page
    assert "no price index has been loaded here" in page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1"),
        ("jahr,index\n2015,1\n", "line 1"),
        ("year,index\n", "There must be"),
        ("year,index\n2015,1\n2015,2\n", "line 3: 2015 stands there twice"),
        ("year,index\n2015,1\n2016/17,2\n", "must not be mixed"),
        ("year,index\n2015,zero\n", "no number"),
        ("year,index\n2015,0\n", "above 0"),
        ("year,index\n2015,1,2\n", "3 fields"),
        ("year,index\n15,1\n", "no price year"),
    ],
)
def test_a_bad_index_is_refused_by_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        load(tmp_path, text)
    assert not PriceIndex.objects.exists()


# --- the API ---------------------------------------------------------------------------------------------


def test_the_api_says_the_same(client: Any, tactic: Any) -> None:
    found_ = client.get(f"/api/v1/tactics/{tactic.slug}/money/").json()

    assert found_["outcome_domain"] == "robbery"
    assert found_["figures"][0]["result"]["police_benefit"] is None
    assert found_["figures"][0]["share_ahead"] == Appraisal.objects.get().share_ahead
    assert (found_["is_stale"], found_["asked"], found_["not_estimable"]) == (False, None, None)
    asked = client.get(f"/api/v1/tactics/{tactic.slug}/money/", {"incidents": 500, "years": 2}).json()[
        "asked"
    ]
    assert asked["inputs"]["incidents"] == 500
    assert asked["result"]["net_benefit"]["median"] > 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"incidents": "0"}, "from 1 to"),
        ({"baseline_risk": "0.2"}, "no meaning"),
        ({"zeppelin": "1"}, "Unknown parameter"),
    ],
)
def test_the_api_refuses_by_parameter(client: Any, tactic: Any, asked: dict[str, str], message: str) -> None:
    answer = client.get(f"/api/v1/tactics/{tactic.slug}/money/", asked)

    assert answer.status_code == 400
    assert message in answer.json()["errors"][0]["message"]

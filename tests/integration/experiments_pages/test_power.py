"""The power calculator: what it asks, what it answers, and what it refuses; no account and no trial needed."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from experiments.forms.power import PowerForm, example
from experiments.forms.power_words import DESIGNS, QUESTIONS, TYPICAL
from tests.integration.experiments_pages.pages import summary, words

pytestmark = pytest.mark.django_db

CLUSTER = {
    "design": "cluster",
    "question": "size",
    "cluster_size": "20",
    "effect": "0.3",
    "sd": "1",
    "icc": "0.05",
    "power": "80",
    "alpha": "5",
    "ratio": "1",
    "r2": "0",
    "cluster_size_cv": "0",
}


def get(client: Any, **query: str) -> Any:
    return client.get(reverse("power-calculator"), query)


def test_it_is_found_from_the_registry_and_every_page(client: Any) -> None:
    page = client.get(reverse("trial-list")).content.decode()
    assert page.count(f'href="{reverse("power-calculator")}"') == 2


def test_first_the_design_and_the_question(client: Any) -> None:
    page = words(get(client))
    for label in (*DESIGNS.values(), *QUESTIONS.values()):
        assert label in page


def test_both_have_to_be_chosen(client: Any) -> None:
    response = get(client, design="cluster")
    assert response.status_code == 422
    assert summary(response) == "There is a problem Choose what you want to know"
    assert 'value="cluster"' in response.content.decode()
    assert get(client, design="horoscope", question="size").status_code == 422
    neither = get(client, **{"continue": "1"})
    assert neither.status_code == 422
    assert "Choose how the tactic would be tested Choose what you want to know" in summary(neither)


def test_changing_the_design_keeps_what_was_chosen(client: Any) -> None:
    response = get(client, design="did", question="power", again="1")
    assert response.status_code == 200
    assert set(re.findall(r'value="(\w+)"[^>]* checked', response.content.decode())) == {"did", "power"}


def test_only_what_the_question_needs_is_asked(client: Any) -> None:
    asked = {
        question: set(PowerForm("cluster", question).fields) - {"design", "question"}
        for question in QUESTIONS
    }
    assert asked["size"] == {*CLUSTER} - {"design", "question"}
    assert asked["effect"] == asked["size"] - {"effect"} | {"clusters_per_arm"}
    assert asked["power"] == asked["size"] - {"power"} | {"clusters_per_arm"}
    page = get(client, design="cluster", question="size")
    assert page.status_code == 200
    assert "Look at an example with made-up numbers" in words(page)


def test_the_answer_is_one_sentence_with_a_curve_and_a_grid(client: Any) -> None:
    response = get(client, **CLUSTER)
    assert response.status_code == 200
    page = words(response)
    assert (
        "19 groups in each arm (38 in all), with 20 people measured in each, detect a difference of 0.3 with a chance "
        "of 80% (four times in five)." in page
    )
    assert "Groups in each arm needed, by how alike those of one group are (ICC)" in page
    svg = re.search(r"<svg.*?</svg>", response.content.decode(), re.DOTALL)
    assert svg is not None
    drawing = ElementTree.fromstring(svg.group())
    assert "The point is at 19, 82%." in (drawing.find("{*}desc").text or "")  # type: ignore[union-attr]


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_example_has_an_answer(client: Any, design: str, question: str) -> None:
    response = get(client, **example(design, question))
    assert response.status_code == 200
    page = words(response)
    assert " with a chance of " in page
    assert "nan" not in page.lower().split()
    assert "If a guess is wrong" in page


def test_the_two_ways_of_asking_agree(client: Any) -> None:
    """The size for a power, and then the power of that size."""
    needed = re.search(r"(\d+) areas in each arm", words(get(client, **example("poisson_cluster", "size"))))
    assert needed is not None
    asked = example("poisson_cluster", "power") | {"clusters_per_arm": needed.group(1)}
    chance = re.search(r"with a chance of ([\d.]+)%", words(get(client, **asked)))
    assert chance is not None
    assert 80 <= float(chance.group(1)) < 82


def test_bad_numbers_are_told_beside_their_fields_and_kept(client: Any) -> None:
    response = get(
        client, **CLUSTER | {"cluster_size": "", "effect": "0", "sd": "wide", "icc": "2", "r2": "x"}
    )
    assert response.status_code == 422
    told = summary(response)
    assert "People measured in each group: enter a number" in told
    assert "The smallest difference that would matter: enter a number above 0" in told
    assert "(standard deviation): enter a number in digits" in told
    assert "(intracluster correlation, ICC): enter a number from 0 to 0.99" in told
    page = response.content.decode()
    assert 'value="wide"' in page
    assert re.search(r"<details[^>]* open>", page)
    assert "<svg" not in page


def test_a_change_has_to_be_one(client: Any) -> None:
    response = get(client, **example("two_proportions", "size") | {"after": "30"})
    assert response.status_code == 422
    assert "Of 100 with the tactic, how many: enter another number than without it" in summary(response)
    response = get(client, **example("poisson_cluster", "size") | {"change": "100"})
    assert response.status_code == 422
    assert "enter a fall of less than 100" in summary(response)
    assert (
        get(client, **example("poisson_cluster", "size") | {"change": "100", "direction": "rise"}).status_code
        == 200
    )


def test_what_only_the_design_as_a_whole_can_refuse(client: Any) -> None:
    """One treated group is too few, whatever each number says for itself."""
    response = get(client, **example("cluster", "power") | {"clusters_per_arm": "3", "ratio": "0.3"})
    assert response.status_code == 422
    assert "each arm needs at least 2 clusters" in summary(response)


def test_no_answer_says_why(client: Any) -> None:
    asked = example("two_proportions", "effect") | {"baseline_rate": "1", "n_per_arm": "50"}
    page = words(get(client, **asked))
    assert (
        "There is no answer Not even a fall to nothing would be found with power 0.8; the smallest rise"
        in page
    )


def test_what_is_typed_is_only_text(client: Any) -> None:
    response = get(client, **CLUSTER | {"effect": '"><script>alert(1)</script>'})
    assert response.status_code == 422
    assert "<script>alert" not in response.content.decode()


def test_enormous_numbers_are_refused_not_computed(client: Any) -> None:
    for changes in ({"cluster_size": "1e300"}, {"effect": "1e-300"}, {"sd": "1e308"}, {"power": "100"}):
        assert get(client, **CLUSTER | changes).status_code in (200, 422), changes


def test_typical_values_are_shown_where_crimes_are_counted(client: Any) -> None:
    page = words(get(client, design="poisson_cluster", question="size"))
    assert "709 small areas (LSOAs) over 25 months" in page
    assert all(crime in page for crime, *_ in TYPICAL)
    assert "709 small areas" not in words(get(client, design="cluster", question="size"))

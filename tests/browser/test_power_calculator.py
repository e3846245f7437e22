"""The power calculator in a browser: a force user explores in a minute, by keyboard, on a phone, without JavaScript."""

from typing import Any
from urllib.parse import urlencode

import pytest

from experiments.forms.power import example
from experiments.forms.power_words import DESIGNS, QUESTIONS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def calculation(design: str, question: str, **changes: str) -> str:
    return f"/power/?{urlencode(example(design, question) | changes)}"


@pytest.mark.parametrize("javascript", [True, False])
def test_from_nothing_to_an_answer_and_on(open_page: Any, javascript: bool) -> None:
    page = open_page("/trials/", width=320, javascript=javascript)
    page.get_by_role("link", name="Work out how large it has to be").click()
    page.get_by_label(DESIGNS["cluster"]).check()
    page.get_by_label(QUESTIONS["size"]).check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Look at an example with made-up numbers").click()
    assert "14 groups in each arm (28 in all)" in page.locator("#main-content").inner_text()

    page.get_by_label("People measured in each group").fill("10")
    page.get_by_role("button", name="Work it out").click()
    answer = page.locator("section[aria-labelledby=answer]").inner_text()
    assert "27 groups in each arm (54 in all)" in answer
    assert page.get_by_role("img", name="Power by groups in each arm").is_visible()
    assert "cluster_size=10" in page.url

    sent_on = open_page(page.url, javascript=javascript)
    assert sent_on.locator("section[aria-labelledby=answer]").inner_text() == answer


@pytest.mark.parametrize(
    "path",
    [
        "/power/",
        "/power/?design=poisson_cluster&question=size",
        calculation("poisson_cluster", "size"),
        calculation("stepped_wedge", "power"),
        calculation("two_proportions", "effect"),
        calculation("cluster", "size", sd="wide", r2="2", cluster_size=""),
        calculation("two_proportions", "effect", baseline_rate="1", n_per_arm="50"),
    ],
)
@pytest.mark.parametrize("width", [320, 1280])
def test_every_state_is_accessible(open_page: Any, assert_accessible: Any, path: str, width: int) -> None:
    page = open_page(path, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert_accessible(page)


def test_an_error_leads_to_its_field(open_page: Any) -> None:
    page = open_page(calculation("cluster", "size", sd="wide"))
    page.get_by_role("link", name="enter a number in digits").click()
    assert page.evaluate("document.activeElement.name") == "sd"
    assert page.locator("#id_sd").input_value() == "wide"

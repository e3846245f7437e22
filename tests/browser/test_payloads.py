"""Sixty texts that would run if a page took them for more than text, in a real browser (goal S9)."""

from typing import Any

import pytest
from django.urls import reverse

from tactics.models import Tactic
from tests.integration.catalogue.payloads import PAYLOADS
from tests.integration.tactics.library import published

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_nothing_that_was_written_runs(open_page: Any, cast: Any) -> None:
    tactic = published(cast.registrar, problem_text="\n\n".join(PAYLOADS))
    places = [tactic.get_absolute_url(), reverse("tactic-edit", args=[tactic.slug])]
    page = open_page("/", person=cast.registrar)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for place in places:
        page.goto(place)
        page.wait_for_load_state("networkidle")
        text = page.evaluate(
            "document.body.innerText + [...document.querySelectorAll('textarea')].map(t => t.value)"
        )
        assert [one for one in PAYLOADS if one not in text] == []
        assert page.locator("main :is(script, iframe, img, object, embed, base, video, audio)").count() == 0
    for start in range(0, len(PAYLOADS), 3):  # as names too: in titles, in links and in what a field holds
        Tactic.objects.filter(pk=tactic.pk).update(name=PAYLOADS[start], summary=PAYLOADS[start + 1])
        page.goto(places[1])
        assert page.locator("[name=name]").input_value() == PAYLOADS[start]
        page.goto(places[0])
        assert page.locator("h1").first.inner_text().strip() == PAYLOADS[start].strip()
    assert dialogs == []
    assert page.evaluate("document.domain") in page.url  # it was led nowhere

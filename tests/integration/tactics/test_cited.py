"""What reviews elsewhere say: cited, labelled, in no rating; and nothing that was not confirmed in its source."""

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from centre.errors import Invalid, NotPermitted
from tactics.actions import citations
from tactics.management.cited import loading
from tactics.models import CitedEvidence, Finding, Rating, Synthesis, Tactic
from tests.integration.tactics.library import published

pytestmark = pytest.mark.django_db

# Figures that the reference marks as not confirmed in their source: they stand on no page.
UNCONFIRMED = (
    "33.8",
    ".383",
    ".264",
    ".503",
    ".657",
    ".184",
    ".204",
    "1.58",
    "1.47",
    "1.62",
    "1.75",
    "-13%",
    "13%",
    "1.46",
    "1.36",
    "1.141",
    "1.081",
    "1.204",
    "12.4%",
    "1.27",
    "116 effects",
    "1.19",
    "26%",
    "1.68",
    "1.72",
    "1.05",
    "1.37",
    ".210",
    "43%",
    ".155",
    ".132",
    ".086",
    "39%",
    "20%",
    "89%",
    "78%",
    "33 hours",
    "50%",
    "Scared Straight",
    "22%",
)


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def loaded(cast: Any) -> list[Tactic]:
    loading.load(by=cast.registrar)
    return list(Tactic.objects.order_by("name"))


def test_every_line_has_its_tactic_its_source_and_a_kind() -> None:
    lines = loading.evidence()
    assert len({line["key"] for line in lines}) == len(lines)
    assert {line["tactic"] for line in lines} == set(loading.TACTICS)
    for line in lines:
        assert line["kind"] in CitedEvidence.Kind.values, line
        assert line["says"], line
        assert line["citation"], line
        assert not line["doi"] or line["doi"].startswith("10."), line


def test_loading_twice_changes_nothing(cast: Any, loaded: list[Tactic]) -> None:
    assert loading.load(by=cast.registrar) == 0
    assert CitedEvidence.objects.count() == len(loading.evidence())
    assert len(loaded) == len(loading.TACTICS)


def test_nothing_is_pooled_or_rated(loaded: list[Tactic]) -> None:
    assert not Finding.objects.exists()
    assert not Synthesis.objects.exists()
    assert set(Rating.objects.values_list("label", flat=True)) == {"untested"}


def test_the_page_cites_and_does_not_call_it_untested(client: Any, loaded: list[Tactic]) -> None:
    shown = text_of(client.get(reverse("tactic-detail", args=["hot-spots-policing"])))
    assert "53 studies with 60 tests: a 16% reduction" in shown
    assert "External review" in shown
    assert "Located study" in shown
    assert "10.1007/s10940-020-09481-7" in shown
    assert "No trial of it is rated here yet" in shown
    assert "Nobody has tested this" not in shown
    assert "Not rated here" in text_of(client.get(reverse("tactic-list"), {"q": "hot spots"}))


def test_nothing_unconfirmed_stands_on_any_page(client: Any, loaded: list[Tactic]) -> None:
    pages = [tactic.get_absolute_url() for tactic in loaded]
    pages += [reverse("tactic-start", args=[tactic.slug]) for tactic in loaded]
    pages += [reverse("gap-map"), reverse("tactic-list")]
    pages += [f"{reverse('tactic-compare')}?t={tactic.slug}" for tactic in loaded]
    for page in pages:
        shown = text_of(client.get(page))
        found = [figure for figure in UNCONFIRMED if re.search(rf"(?<![\d.]){re.escape(figure)}", shown)]
        assert not found, (page, found)


def test_claims_are_quoted_with_how_good_they_are(client: Any, loaded: list[Tactic]) -> None:
    shown = text_of(client.get(reverse("tactic-detail", args=["live-facial-recognition"])))
    assert "203 deployments, 3,147,436 faces, 2,077 alerts, 10 false alerts, 962 arrests" in shown
    assert "the parts add up to 981, which is more than 962" in shown
    assert "Nothing says what would have happened without it" in shown
    assert "0.48% of alerts (0.26% to 0.88%)" in shown
    assert "0.00032% of faces scanned" in shown
    assert "No miss rate is published" in shown
    assert "No transparency record has been sent" in shown
    assert 549 + 347 + 85 == 981
    assert round(100 * 10 / 2_077, 2) == 0.48
    assert round(100 * 10 / 3_147_436, 4) == 0.0003
    redaction = text_of(client.get(reverse("tactic-detail", args=["redaction-of-case-files-by-software"])))
    assert "No denominator is published" in redaction
    assert "No miss rate is published" in redaction
    without = text_of(
        client.get(reverse("tactic-detail", args=["rapid-video-response-to-domestic-abuse-calls"]))
    )
    assert "It uses no AI" in without
    assert "transparency record" not in without


def test_a_claim_without_its_quality_is_refused(cast: Any) -> None:
    claim = {"kind": "claim", "outcome": "Time", "says": "Half.", "citation": "A supplier"}
    with pytest.raises(Invalid, match="how good the evidence"):
        citations.cite(key="a", tactic=published(cast.registrar), **claim, by=cast.registrar)


def test_a_simulated_tactic_has_no_literature(cast: Any) -> None:
    line = {"kind": "review", "outcome": "Crime", "says": "Less.", "citation": "A journal"}
    with pytest.raises(citations.OnlyForRealTactics):
        citations.cite(
            key="a", tactic=published(cast.registrar, is_simulated=True), **line, by=cast.registrar
        )
    with pytest.raises(NotPermitted):
        citations.cite(key="a", tactic=published(cast.registrar, "Other"), **line, by=cast.researcher)


def test_the_command_names_who_does_it(cast: Any) -> None:
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("load_cited", by="nobody@test.example")
    with pytest.raises(CommandError):
        call_command("load_cited", by=cast.researcher.email)
    call_command("load_cited", by=cast.registrar.email)
    assert CitedEvidence.objects.exists()

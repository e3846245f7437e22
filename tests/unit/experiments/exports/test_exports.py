"""Exports: every item answered or with a reason, every pointer an anchor of the document, each valid by its schema."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from experiments import exports, protocol
from experiments.exports import TARGETS, Facts, Record, VersionFact, export
from experiments.forms import document
from experiments.protocol import Protocol
from experiments.protocol.dry_run import dry_run_problems
from tests.unit.experiments.exports.real_trials import REAL

SCHEMAS = Path(exports.__file__).parent / "schemas"
each_target = pytest.mark.parametrize("slug", TARGETS)
each_trial = pytest.mark.parametrize("trial", REAL)
FACTS = Facts(
    registry="Tactic Registry",
    number="CPP-2026-0001-9",
    url="https://registry.example/trials/1/",
    document_url="https://registry.example/trials/1/document/",
    versions=(VersionFact("1.0", dt.date(2026, 1, 2), "ab" * 32),),
    badge="prospective",
    conduct_state="Not started",
    results_state="None",
)
DRAFT = Facts(registry="Tactic Registry", url="https://r.example/", document_url="https://r.example/d/")


def made(slug: str, trial: str) -> dict[str, Any]:
    return export(TARGETS[slug], Record(protocol.from_json(REAL[trial]), FACTS)).as_json()


@each_trial
def test_a_real_trial_is_complete_and_its_plan_runs(trial: str) -> None:
    read = protocol.from_json(REAL[trial])
    found = {one.pointer: one.message for one in protocol.problems(read, today=dt.date(2026, 1, 2))}
    assert found == {}
    assert [one.message for one in dry_run_problems(read)] == []


@each_target
@each_trial
def test_each_export_is_valid(slug: str, trial: str) -> None:
    schema = json.loads((SCHEMAS / f"{slug}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(made(slug, trial), schema)


@each_target
def test_an_empty_draft_says_why_each_item_is_open(slug: str) -> None:
    schema = json.loads((SCHEMAS / f"{slug}.json").read_text(encoding="utf-8"))
    found = export(TARGETS[slug], Record(Protocol(), DRAFT)).as_json()
    jsonschema.validate(found, schema)
    assert found["protocol_version"] == "draft"
    assert all(bool(one["text"]) != bool(one["missing"]) for one in found["items"])


@each_target
@each_trial
def test_each_pointer_is_an_anchor_of_the_document(slug: str, trial: str) -> None:
    chapters = document.chapters(protocol.from_json(REAL[trial]), {}, is_draft=False)
    blocks = [block for chapter in chapters for block in chapter.blocks]
    anchors = {block.pointer for block in blocks} | {line.pointer for one in blocks for line in one.lines}
    pointers = {pointer for one in made(slug, trial)["items"] for pointer in one["pointers"]}
    assert pointers - anchors == set()


@each_target
def test_a_schema_knows_items_of_its_own_target_only(slug: str) -> None:
    other = next(name for name in TARGETS if name != slug)
    schema = json.loads((SCHEMAS / f"{slug}.json").read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made(other, "rowan"), schema)


def test_an_excuse_is_not_an_answer() -> None:
    found = {one["item"]: one for one in made("spirit", "kent")["items"]}
    assert found["11"]["status"] == "not_applicable"
    assert found["11"]["missing"] == "Not applicable because: Not stated in the published account."
    assert found["32b"]["status"] == "not_recorded"
    assert "By lot" not in found["12"]["text"]
    assert "Randomised trial of people or cases" in found["12"]["text"]


def test_numbers_are_published_only_where_they_were_checked() -> None:
    confirmed = {
        slug: {one.item for one in target.items if one.numbering == "published"}
        for slug, target in TARGETS.items()
    }
    assert confirmed["who"] == {str(place) for place in range(1, 21)}
    assert confirmed["spirit"] == {"4", "5", "6", "7a", "7b", "8"}
    assert {item.rstrip("ab") for item in confirmed["consort"]} == {str(place) for place in range(1, 13)}
    assert confirmed["crimport"] == {"1", "2"}
    assert all(confirmed[slug] == set() for slug in ("isrctn", "osf", "uk-evaluation-registry"))

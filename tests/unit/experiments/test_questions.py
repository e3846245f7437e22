"""The protocol as it is asked: every field once, in one step, with words for it."""

from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from experiments.forms.kinds import bare, kind_of
from experiments.forms.questions import STEPS, Heading, asked_at, words_for
from experiments.protocol import SECTIONS, Protocol
from experiments.protocol.schema import Answer, Day

# Set by the registry, or asked by the form of the analysis plan.
NOT_ASKED = {"schema_version", "tactic.version", "analysis_plan"}


def leaves(kind: Any, path: str = "") -> list[str]:
    """Return the dotted path of every field that a person answers."""
    kind = bare(kind)
    if get_origin(kind) is tuple and is_dataclass(get_args(kind)[0]):
        return leaves(get_args(kind)[0], f"{path}.*")
    if is_dataclass(kind) and kind not in (Answer, Day):
        hints = get_type_hints(kind)
        return [
            leaf
            for field in fields(kind)
            for leaf in leaves(hints[field.name], f"{path}.{field.name}".strip("."))
        ]
    return [path]


def test_every_field_of_the_protocol_is_asked_exactly_once() -> None:
    asked = [question.path for step in STEPS for question in step.questions]
    assert sorted(asked) == sorted(set(leaves(Protocol)) - NOT_ASKED)


def test_every_question_names_a_field_that_exists() -> None:
    for step in STEPS:
        for question in step.questions:
            kind_of(question.path)


def test_every_section_has_a_step() -> None:
    assert all(asked_at(f"/{section}") for section in SECTIONS)


@pytest.mark.parametrize(
    ("pointer", "slug", "words"),
    [
        ("/title/public_title", "about", "Title"),
        ("/tactic/version", "about", "tactic version"),
        ("/arms/T/label", "arms", "Arm T: Name"),
        ("/arms/0/dosage/planned", "arms", "Arm 1: Planned dose"),
        ("/arms", "arms", "Arms"),
        ("/problem/hypotheses/0/outcome", "hypotheses", "Hypothesis 1: Of this outcome"),
        ("/problem/margin", "question", "Margin"),
        ("/decision/interim", "estimand", "Decision interim"),
        ("/decision/interim/looks/1", "estimand", "When a few looks are made"),
        ("/decision/interim/text", "estimand", "Looks, as they were described before"),
        ("/sites/0/end/date", "dates", "Site 1: Ends"),
        ("/allocation/ratio/1/share", "allocation", "Share 2: Share"),
        ("/analysis_plan/estimates/0/outcome", "analysis", "Estimate 1: Outcome"),
        ("/funding/conflicts", "team", "Conflicts of interest"),
    ],
)
def test_a_problem_leads_to_its_step_and_its_words(pointer: str, slug: str, words: str) -> None:
    step = asked_at(pointer)
    assert step is not None
    assert step.slug == slug
    assert words_for(pointer).casefold() == words.casefold()


def test_steps_and_names_are_unique() -> None:
    assert len({step.slug for step in STEPS}) == len(STEPS)
    for step in STEPS:
        paths = [part.path for part in step.parts if not isinstance(part, Heading)]
        assert len(set(paths)) == len(paths)

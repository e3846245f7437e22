"""A force's own account of what it does: the questions, in the order of the College's Practice Bank. Pure.

The order and the names are those of a published entry there; the answers are the force's, and move no rating.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from centre.errors import Invalid, Problem
from centre.text import clean_text, personal_detail

Kind = Literal["line", "text", "bullets", "choice", "topics", "email", "date"]

DOES_IT_WORK = {
    "worked": "It worked, we think",
    "promising": "Promising",
    "new": "New or innovative: not tested",
    "did_not_work": "It did not work",
}
STAGES = {
    "piloting": "Being piloted",
    "in_use": "In use",
    "scaled": "In use widely",
    "retired": "No longer used",
}
CHOICES = {"does_it_work": DOES_IT_WORK, "stage": STAGES}


@dataclass(frozen=True, slots=True)
class Question:
    """One field of an account."""

    label: str
    kind: Kind
    hint: str = ""
    is_required: bool = False
    maximum: int = 200


QUESTIONS: dict[str, Question] = {
    "title": Question("Name of the practice", "line", is_required=True),
    "summary": Question("One-line summary", "line", "Who does what, for whom", is_required=True, maximum=300),
    "does_it_work": Question(
        "Does it work?", "choice", "Your own judgement; it is shown as that", is_required=True
    ),
    "focus": Question("Focus", "line", "Prevention, diversion, reoffending, or something else"),
    "topics": Question("Topic", "topics", is_required=True),
    "organisation": Question("Organisation", "line", is_required=True),
    "contact": Question(
        "Contact", "line", "A team or a role, not a person's name. It will be public", is_required=True
    ),
    "email": Question("E-mail address", "email", "A team's address. It will be public", is_required=True),
    "region": Question("Region", "line"),
    "partners": Question("Partners", "line", maximum=500),
    "stage": Question("Stage of practice", "choice", is_required=True),
    "start_date": Question("Start date", "date", "Such as 2026-04-01, or 2026-04 where the day is not known"),
    "scale": Question("Scale of initiative", "line", "One team, one force, or several forces"),
    "target_group": Question("Target group", "line"),
    "aim": Question("Aim", "text", is_required=True, maximum=3_000),
    "intended_outcome": Question(
        "Intended outcome", "bullets", "One on each line", is_required=True, maximum=3_000
    ),
    "description": Question(
        "Description",
        "text",
        "What you do, step by step: could another force repeat it from this?",
        is_required=True,
        maximum=10_000,
    ),
    "eligibility": Question(
        "Eligibility", "text", "Who or what it is for, and who is left out", maximum=3_000
    ),
    "evaluation": Question(
        "Evaluation", "text", "How you know: what was counted, against what, by whom", maximum=10_000
    ),
    "overall_impact": Question(
        "Overall impact", "text", "Also what did not change, or got worse", maximum=10_000
    ),
    "learning": Question("Learning", "text", "What you would do differently", maximum=10_000),
}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_MONTH = re.compile(r"\d{4}-\d{2}")


def cleaned(said: Mapping[str, Any], topics: Collection[str]) -> dict[str, Any]:
    """Return the answers tidied; unanswered questions are empty. `topics` are the problems of the library.

    Raises
    ------
    Invalid : with one problem for each answer that must change. Only the name is needed to save.
    """
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, question in QUESTIONS.items():
        try:
            found[name] = _answer(name, question, said.get(name) or "", topics)
        except Invalid as refusal:
            problems.append(Problem(name, refusal.message))
    if not found.get("title", " "):
        problems.insert(0, Problem("title", "Enter the name of the practice"))
    if problems:
        raise Invalid("There is a problem with the account", problems)
    return found


def _answer(name: str, question: Question, said: Any, topics: Collection[str]) -> Any:
    if question.kind == "topics":
        chosen = sorted(set(said))
        if not set(chosen) <= set(topics):
            raise Invalid("Choose topics from the list")
        return chosen
    multiline = question.kind in ("text", "bullets")
    text = clean_text(str(said), label=question.label, maximum=question.maximum, multiline=multiline)
    if text and (message := _problem(name, question, text)):
        raise Invalid(message)
    return text


def _problem(name: str, question: Question, text: str) -> str:
    """Return what is wrong with an answer; empty where nothing is."""
    if question.kind == "choice":
        return "" if text in CHOICES[name] else f"{question.label}: choose from the list"
    if question.kind == "email":
        return (
            "" if _EMAIL.fullmatch(text) else "Enter the e-mail address of a team, such as team@force.example"
        )
    if question.kind == "date" and not _is_date(text):
        return f"{question.label} must be a day such as 2026-04-01, or a month such as 2026-04"
    detail = personal_detail(text)
    return f"This looks like personal data: remove {detail}" if detail else ""


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(f"{text}-01" if _MONTH.fullmatch(text) else text)
    except ValueError:
        return False
    return True


def missing(answers: Mapping[str, Any]) -> list[Problem]:
    """Return what is required and not answered."""
    return [
        Problem(name, f"Fill in “{question.label}”")
        for name, question in QUESTIONS.items()
        if question.is_required and not answers.get(name)
    ]


def shown(answers: Mapping[str, Any], topic_names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the account to be read, in the order of the questions. `topic_names` are the problems by slug."""
    return [
        {"name": name, "label": question.label, **_readable(name, question, answers.get(name), topic_names)}
        for name, question in QUESTIONS.items()
    ]


def _readable(name: str, question: Question, said: Any, topic_names: Mapping[str, str]) -> dict[str, Any]:
    if question.kind == "topics":
        return {"text": ", ".join(topic_names.get(slug, slug) for slug in said or ()), "lines": []}
    if question.kind == "bullets":
        return {
            "text": said or "",
            "lines": [line.strip(" -•*") for line in (said or "").splitlines() if line.strip()],
        }
    return {"text": CHOICES[name].get(said, "") if question.kind == "choice" else said or "", "lines": []}

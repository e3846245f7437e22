"""The protocol as people fill it in: its steps in order, and where each field is asked."""

from experiments.forms import plan_reading
from experiments.forms.questions import conduct, design, measures, people
from experiments.forms.questions.shape import Heading, Question, Rows, Step

ANALYSIS = Step(
    "analysis",
    "Analysis plan",
    "What will be computed, from which columns. This is the plan that runs, to the letter, once the data are locked.",
    (),
)

STEPS: tuple[Step, ...] = (
    people.ABOUT,
    people.TEAM,
    people.QUESTION,
    design.DESIGN,
    design.ARMS,
    design.ALLOCATION,
    design.COMPARISON,
    measures.OUTCOMES,
    measures.HYPOTHESES,
    measures.ESTIMAND,
    ANALYSIS,
    conduct.DATES,
    conduct.SAFEGUARDS,
    conduct.OPENNESS,
)
GROUPS: tuple[tuple[str, tuple[Step, ...]], ...] = (
    ("About the trial", STEPS[:3]),
    ("How it is built", STEPS[3:7]),
    ("What is measured and computed", STEPS[7:11]),
    ("Running it safely and openly", STEPS[11:]),
)

__all__ = [
    "ANALYSIS",
    "GROUPS",
    "STEPS",
    "Heading",
    "Question",
    "Rows",
    "Step",
    "asked_at",
    "pattern",
    "step_of",
    "words_for",
]

_ROWS = {part.path: part for step in STEPS for part in step.parts if isinstance(part, Rows)}


def pattern(pointer: str) -> str:
    """Return the dotted path of a JSON pointer, with `*` for the place in a list."""
    parts = pointer.strip("/").split("/")
    for length in range(len(parts) - 1, 0, -1):
        if ".".join(parts[:length]) in _ROWS:
            return ".".join((*parts[:length], "*", *parts[length + 1 :]))
    return ".".join(parts)


def step_of(slug: str) -> Step | None:
    """Return the step with this slug."""
    return next((step for step in STEPS if step.slug == slug), None)


def asked_at(pointer: str) -> Step | None:
    """Return the step where the thing that a problem points to is asked."""
    path = pattern(pointer)
    if path.split(".")[0] == "analysis_plan":
        return ANALYSIS
    for step in STEPS:
        for part in step.parts:
            if isinstance(part, Heading):
                continue
            if path == part.path or path.startswith(f"{part.path}.") or part.path.startswith(f"{path}."):
                return step
    section = path.split(".")[0]
    return next((step for step in STEPS if section in step.sections), None)


def words_for(pointer: str) -> str:
    """Return what people call the field that a pointer leads to, such as "Arm T: Name" or "Estimate H1: Estimator"."""
    if pointer.startswith(plan_reading.PLAN):
        return plan_reading.label_of(pointer)
    path, parts = pattern(pointer), pointer.strip("/").split("/")
    asked = next((one for step in STEPS for one in step.questions if _covers(one.path, path)), None)
    label = asked.label if asked else " ".join(parts).replace("_", " ")
    for length in range(len(parts) - 1, 0, -1):
        if rows := _ROWS.get(".".join(parts[:length])):
            named = int(parts[length]) + 1 if parts[length].isdigit() else parts[length]
            whole = len(parts) == length + 1
            return f"{rows.noun.capitalize()} {named}" + ("" if whole else f": {label}")
    return label.capitalize() if asked is None else label


def _covers(asked: str, path: str) -> bool:
    return path == asked or path.startswith(f"{asked}.")

"""Why a rating is not what it was, in plain statements: which trial came, what moved. Pure.

Two stored documents are compared, so that the same pair says the same for ever.
"""

from collections import Counter
from typing import Any

from tactics import wording
from tactics.wording import Document, Outcome

FIRST = "This is the first rating on this outcome."
SAME = "Nothing that the rules look at has changed."
_STRENGTH = ("start", "change", "cap")


def changes(before: Document | None, after: Document, outcome: Outcome) -> list[str]:
    """Return what differs, the cause first and the label last.

    Parameters
    ----------
    before : what the library said; None where it said nothing.
    after : what the rules say now.
    outcome : what sentences need to know about the outcome.
    """
    if before is None:
        return [FIRST, *_trials(_NOTHING, after), *_final(after)]
    found = [
        *_rules(before, after),
        *_trials(before, after),
        *_registered(before, after),
        *_effect(before, after, outcome),
        *_prediction(before, after, outcome),
        *_direction(before, after),
        *_steps(before, after),
        *_strength(before, after),
    ]
    return [*found, *_label(before, after)] if found or before["label"] != after["label"] else [SAME]


_NOTHING: Document = {"eligible": [], "listed": []}


def _rules(before: Document, after: Document) -> list[str]:
    old, new = before["rules_version"], after["rules_version"]
    return [] if old == new else [f"The rules are {new}; they were {old}."]


def _read(document: Document) -> dict[str, tuple[str, str]]:
    """Return each study with its finding, and why it is not pooled (empty where it is)."""
    pooled = {one["study"]: (one["finding"], "") for one in document["eligible"]}
    return pooled | {one["study"]: (one["finding"], one["reason"]) for one in document["listed"]}


def _trials(before: Document, after: Document) -> list[str]:
    old, new = _read(before), _read(after)
    lines = [_came(study, reason) for study, (_, reason) in new.items() if study not in old]
    for study, (finding, reason) in new.items():
        if study not in old:
            continue
        was, reason_was = old[study]
        if reason and not reason_was:
            lines.append(f"“{study}” is no longer pooled: {reason}.")
        elif reason_was and not reason:
            lines.append(f"“{study}” is pooled now; it was only listed.")
        elif was != finding:
            lines.append(f"The result of “{study}” has been replaced by a newer one.")
    lines += [f"“{study}” no longer counts: its result does not stand." for study in old if study not in new]
    return lines


def _came(study: str, reason: str) -> str:
    return f"A result came in: “{study}”" + (f", listed and not pooled: {reason}." if reason else ".")


def _registered(before: Document, after: Document) -> list[str]:
    """Say how many trials are on their way, where no trial is pooled and the label rests on it."""
    old, new = before.get("registry") or {}, after.get("registry") or {}
    if after["k"] or before["k"] or old.get("awaited", 0) == new.get("awaited", 0):
        return []
    awaited = new.get("awaited", 0)
    words = (
        f"{awaited} registered trial{' has' if awaited == 1 else 's have'}"
        if awaited
        else "No registered trial has"
    )
    return [f"{words} results still to come; it was {old.get('awaited', 0)}."]


def _effect(before: Document, after: Document, outcome: Outcome) -> list[str]:
    old, new = wording.effect(before, outcome), wording.effect(after, outcome)
    name = "pooled effect" if after["k"] > 1 else "effect"
    if old == new:
        return []
    if not new:
        return [f"There is no pooled effect any more; it was {old}."]
    return [f"The {name} is {new}; it was {old}." if old else f"The {name} is {new}."]


def _prediction(before: Document, after: Document, outcome: Outcome) -> list[str]:
    old, new = _span(before, outcome), _span(after, outcome)
    if old == new:
        return []
    if not new:
        return ["What a new place might see can no longer be worked out."]
    return [f"A new place might see {new}; it was {old}." if old else f"A new place might see {new}."]


def _span(document: Document, outcome: Outcome) -> str:
    summary = document["summary"]
    if not summary or summary["prediction_low"] is None:
        return ""
    return wording.interval(
        summary["prediction_low"], summary["prediction_high"], document["metric"], outcome
    )


def _direction(before: Document, after: Document) -> list[str]:
    old, new = _step_of(before, "code"), _step_of(after, "code")
    if new is None or (old or {}).get("rule") == new["rule"]:
        return []
    return [f"Direction: {_sentence(new)} (rule {new['rule']})."]


def _steps(before: Document, after: Document) -> list[str]:
    """Say which steps of the strength are new and which are gone; a step is its rule and what it gave."""
    old, new = _strength_steps(before), _strength_steps(after)
    came = Counter(map(_key, new)) - Counter(map(_key, old))
    gone = Counter(map(_key, old)) - Counter(map(_key, new))
    return [
        *(f"New in the strength: {_told(step)}." for step in _taken(new, came)),
        *(f"No longer in the strength: {_told(step)}." for step in _taken(old, gone)),
    ]


def _taken(steps: list[Document], wanted: Counter[Any]) -> list[Document]:
    left, found = wanted.copy(), []
    for step in steps:
        if left[_key(step)]:
            left[_key(step)] -= 1
            found.append(step)
    return found


def _strength_steps(document: Document) -> list[Document]:
    return [step for step in document["trace"] if step["kind"] in _STRENGTH]


def _key(step: Document) -> tuple[str, str, Any]:
    return step["rule"], step["kind"], step["effect"]


def _told(step: Document) -> str:
    effect = step["effect"]
    amount = {"start": f"start {effect}", "cap": f"at most {effect}"}.get(step["kind"], f"{effect:+d}")
    return f"{_sentence(step)} ({step['rule']}, {amount})"


def _sentence(step: Document) -> str:
    text: str = step["text"]
    return text.rstrip(".")


def _strength(before: Document, after: Document) -> list[str]:
    old, new = before["strength"], after["strength"]
    return [] if old == new else [f"The strength of the evidence is {new} of 5; it was {old}."]


def _label(before: Document, after: Document) -> list[str]:
    if before["label"] == after["label"]:
        return [f"The label stays “{after['label_name']}”."]
    step = _step_of(after, "label")
    rule = f" (rule {step['rule']})" if step else ""
    return [f"The label is “{after['label_name']}”{rule}; it was “{before['label_name']}”."]


def _final(after: Document) -> list[str]:
    step = _step_of(after, "label")
    return [f"The label is “{after['label_name']}”" + (f" (rule {step['rule']})." if step else ".")]


def _step_of(document: Document, kind: str) -> Document | None:
    return next((step for step in document["trace"] if step["kind"] == kind), None)

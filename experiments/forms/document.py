"""A protocol as a document: every answer under its question, in the words that people read."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from experiments.forms import kinds
from experiments.forms.plan_words import COLUMNS, option_label
from experiments.forms.questions import ANALYSIS, STEPS, Heading, Question, Rows, Step, pattern
from experiments.protocol import Protocol
from experiments.protocol.schema import Answer, Day
from experiments.protocol.vocabulary import Choice

Sources = Mapping[str, kinds.Choices]
NOTHING = "nothing"
_IS_DATE = re.compile(r"\d{4}-\d{2}-\d{2}").fullmatch


@dataclass(frozen=True, slots=True)
class Line:
    """One question with its answer: text, or a list of texts. None: not answered."""

    label: str
    value: str | list[str] | None

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)


@dataclass(frozen=True, slots=True)
class Block:
    """Answers under one heading; the heading is empty for those that stand directly under the chapter."""

    title: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One step of the protocol, to be read."""

    slug: str
    title: str
    blocks: list[Block]


def chapters(protocol: Protocol, sources: Sources, *, is_draft: bool = True) -> list[Chapter]:
    """Return the whole protocol, chapter by chapter; a draft also shows what is not answered."""
    made = []
    for step in STEPS:
        blocks = _plan(protocol) if step is ANALYSIS else _blocks(step, protocol, sources)
        if not is_draft:
            blocks = [
                Block(one.title, [line for line in one.lines if line.value is not None]) for one in blocks
            ]
        kept = [block for block in blocks if block.lines]
        if kept or is_draft:
            made.append(Chapter(step.slug, step.title, kept))
    return made


def _blocks(step: Step, protocol: Protocol, sources: Sources) -> list[Block]:
    made = [Block("", [])]
    for part in step.parts:
        if isinstance(part, Heading):
            made.append(Block(part.title, []))
        elif isinstance(part, Question):
            line = Line(part.label, shown(_found(protocol, part.path), _names(part, sources)))
            if not part.is_past or line.value is not None:
                made[-1].lines.append(line)
        else:
            made += _rows(part, protocol, sources)
            made.append(Block("", []))
    return made


def _rows(part: Rows, protocol: Protocol, sources: Sources) -> list[Block]:
    made = []
    for place, row in enumerate(_found(protocol, part.path), start=1):
        lines = [
            Line(one.label, shown(_found(row, one.path[len(part.path) + 3 :]), _names(one, sources)))
            for one in part.questions
        ]
        made.append(
            Block(f"{part.noun.capitalize()} {place}", [line for line in lines if line.value is not None])
        )
    return made


def shown(value: Any, names: Mapping[str, str] | None = None) -> str | list[str] | None:
    """Return a protocol value in words; None where nothing was answered."""
    if isinstance(value, Answer):
        excuse = value.not_applicable_because
        return value.text or (f"Does not apply: {excuse}" if excuse else None)
    if isinstance(value, Day):
        return f"{_date(value.date)} ({value.type.label.lower()})" if value.date else None
    if isinstance(value, Choice):
        return value.label
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.date):
        return _date(value)
    if isinstance(value, tuple):
        return [str((names or {}).get(one, _whole(one))) for one in value] or None
    if value in (None, ""):
        return None
    return (names or {}).get(value) or (f"{value:,}" if isinstance(value, int) else str(value))


def plain(value: Any) -> str:
    """Return one JSON value in words."""
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return "; ".join(map(plain, value))
    if isinstance(value, dict):
        parts = {key.replace("_", " "): plain(part) for key, part in value.items()}
        return "; ".join(f"{key}: {part}" for key, part in parts.items() if part != NOTHING)
    return _date(dt.date.fromisoformat(value)) if _IS_DATE(str(value)) else str(_whole(value))


def plain_at(pointer: str, value: Any) -> str:
    """Return the JSON value of one field in words: the label of a choice, not its code."""
    kind, _ = kinds.kind_at(pattern(pointer))
    inner = kinds.bare(kind)
    if isinstance(inner, type) and issubclass(inner, Choice) and isinstance(value, str) and value:
        return inner(value).label
    return plain(value)


def _plan(protocol: Protocol) -> list[Block]:
    plan = protocol.analysis_plan
    if not plan:
        return [Block("", [Line("Analysis plan", None)])]
    columns = {part: name for part, name in (plan.get("columns") or {}).items() if name}
    lines = [
        Line(COLUMNS[part][0] if part in COLUMNS else f"Column of the {part}", name)
        for part, name in columns.items()
    ]
    if arms := plan.get("arms"):
        lines.append(Line("Arms", f"{', '.join(map(str, arms['treatments']))} against {arms['control']}"))
    for key, label in (
        ("alpha", "Alpha"),
        ("multiplicity", "Adjustment"),
        ("seed", "Seed"),
        ("checks", "Checks"),
    ):
        if plan.get(key) not in (None, [], "none"):
            lines.append(Line(label, plain(plan[key])))
    estimates: Iterable[Mapping[str, Any]] = plan.get("estimates", ())
    return [Block("", lines), *(_estimate(spec) for spec in estimates)]


def _estimate(spec: Mapping[str, Any]) -> Block:
    rest = [(key, value) for key, value in spec.items() if value not in (None, "", [], {})]
    lines = [
        Line(key.replace("_", " ").capitalize(), plain(value))
        for key, value in rest
        if key not in ("id", "options")
    ]
    lines += [
        Line(option_label(key), plain(value))
        for key, value in (spec.get("options") or {}).items()
        if value is not False and value not in (None, "")
    ]
    return Block(f"Estimate {spec.get('id', '')}", lines)


def _whole(value: Any) -> Any:
    """Return a number without the decimals that it does not have."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _names(question: Question, sources: Sources) -> dict[str, str]:
    return dict(sources.get(question.choices, ())) if question.choices else {}


def _date(value: dt.date | None) -> str:
    return f"{value.day} {value:%B %Y}" if value else ""


def _found(record: Any, path: str) -> Any:
    for name in path.split("."):
        record = getattr(record, name)
    return record


def is_blank(protocol: Protocol, step: Step) -> bool:
    """Return whether nothing of a step has been answered."""
    empty = Protocol()
    if step is ANALYSIS:
        return not protocol.analysis_plan
    paths = [part.path for part in step.parts if not isinstance(part, Heading)]
    return all(_same(_found(protocol, path), _found(empty, path)) for path in paths)


def _same(value: Any, other: Any) -> bool:
    if is_dataclass(value) and not isinstance(value, type):
        return all(_same(getattr(value, one.name), getattr(other, one.name)) for one in fields(value))
    return bool(value == other)

"""A protocol as a document: every answer under its question, in the words that people read."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from experiments.forms import kinds, plan_reading
from experiments.forms.freeze_words import WORDS, words_at
from experiments.forms.plan_words import option_label
from experiments.forms.questions import ANALYSIS, STEPS, Heading, Question, Rows, Step, pattern
from experiments.protocol import Freeze, Protocol
from experiments.protocol.deadlines import final_report_due, report_due
from experiments.protocol.schema import Answer, Day
from experiments.protocol.vocabulary import Choice

Sources = Mapping[str, kinds.Choices]
NOTHING = "nothing"
_IS_DATE = re.compile(r"\d{4}-\d{2}-\d{2}").fullmatch


@dataclass(frozen=True, slots=True)
class Line:
    """One question with its answer: text, or a list of texts. None: not answered.

    `pointer` leads to it in the protocol, and is its anchor on the page.
    """

    label: str
    value: str | list[str] | None
    pointer: str
    freeze: str

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)


@dataclass(frozen=True, slots=True)
class Block:
    """Answers under one heading; the heading is empty for those that stand directly under the chapter."""

    title: str
    lines: list[Line]
    pointer: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One step of the protocol, to be read."""

    slug: str
    title: str
    blocks: list[Block]

    @property
    def freeze(self) -> str:
        """Return what holds for most answers: only the others say it themselves."""
        found = Counter(line.freeze for block in self.blocks for line in block.lines)
        return found.most_common(1)[0][0] if found else ""


def chapters(protocol: Protocol, sources: Sources, *, is_draft: bool = True) -> list[Chapter]:
    """Return the whole protocol, chapter by chapter; a draft also shows what is not answered."""
    made: list[Chapter] = []
    for step in STEPS:
        blocks = _plan(protocol) if step is ANALYSIS else _blocks(step, protocol, sources)
        if not is_draft:
            blocks = [replace(one, lines=[line for line in one.lines if line.value]) for one in blocks]
        kept = [block for block in blocks if block.lines]
        if kept or is_draft:
            made.append(Chapter(step.slug, step.title, list(_numbered(len(made) + 1, kept))))
    return made


def _numbered(chapter: int, blocks: list[Block]) -> Iterable[Block]:
    """Yield the blocks, those with a heading numbered within their chapter."""
    count = 0
    for block in blocks:
        count += bool(block.title)
        yield replace(block, number=f"{chapter}.{count}" if block.title else "")


def _blocks(step: Step, protocol: Protocol, sources: Sources) -> list[Block]:
    made = [Block("", [])]
    for part in step.parts:
        if isinstance(part, Heading):
            made.append(Block(part.title, []))
        elif isinstance(part, Question):
            line = _line(part, part.path, protocol, sources)
            if not part.is_past or line.value is not None:
                made[-1].lines.append(line)
            made[-1].lines.extend(_computed(part, protocol))
        else:
            made += _rows(part, protocol, sources)
            made.append(Block("", []))
    return made


def _rows(part: Rows, protocol: Protocol, sources: Sources) -> list[Block]:
    made = []
    for place in range(len(_found(protocol, part.path))):
        here = f"{part.path}.{place}"
        lines = [
            _line(one, one.path.replace(".*", f".{place}", 1), protocol, sources) for one in part.questions
        ]
        made.append(Block(f"{part.noun.capitalize()} {place + 1}", lines, _pointer(here)))
    return made


def _line(question: Question, path: str, protocol: Protocol, sources: Sources) -> Line:
    value = shown(_found(protocol, path), _names(question, sources))
    return Line(question.label, value, _pointer(path), words_at(question.path))


def _computed(question: Question, protocol: Protocol) -> Iterable[Line]:
    """Yield the dates that follow from the one that was asked."""
    if question.path != "dates.primary_completion":
        return
    for name, label, day in (
        ("report_due", "Results are due", report_due(protocol)),
        ("final_report_due", "The final report is due", final_report_due(protocol)),
    ):
        yield Line(label, _date(day) or None, f"/dates/{name}", WORDS[Freeze.SYSTEM])


def _pointer(path: str) -> str:
    return f"/{path.replace('.', '/')}"


def shown(value: Any, names: Mapping[str, str] | None = None) -> str | list[str] | None:
    """Return a protocol value in words; None where nothing was answered."""
    if isinstance(value, Answer):
        excuse = value.not_applicable_because
        return value.text or (f"Not applicable because: {excuse}" if excuse else None)
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
    return (names or {}).get(value) or (f"{value:,}" if isinstance(value, int) else str(_whole(value)))


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
    if pointer.startswith(plan_reading.PLAN):
        return plain(plan_reading.value_of(pointer.rpartition("/")[2], value))
    kind, _ = kinds.kind_at(pattern(pointer))
    inner = kinds.bare(kind)
    if isinstance(inner, type) and issubclass(inner, Choice) and isinstance(value, str) and value:
        return inner(value).label
    return plain(value)


def _plan(protocol: Protocol) -> list[Block]:
    plan = protocol.analysis_plan
    if not plan:
        return [Block("", [_planned("", None)])]
    lines = [_planned(f"columns/{part}", name) for part, name in (plan.get("columns") or {}).items() if name]
    if arms := plan.get("arms"):
        against = f"{', '.join(map(str, arms['treatments']))} against {arms['control']}"
        lines.append(_planned("arms", against))
    lines += [
        _planned(key, plan[key])
        for key in ("alpha", "multiplicity", "seed", "checks")
        if plan.get(key) not in (None, [], "none")
    ]
    estimates: Iterable[Mapping[str, Any]] = plan.get("estimates", ())
    return [Block("", lines), *(_estimate(place, spec) for place, spec in enumerate(estimates))]


def _estimate(place: int, spec: Mapping[str, Any]) -> Block:
    here = f"estimates/{place}"
    lines = [
        replace(_planned(f"{here}/{key}", value), label=plan_reading.estimate_label(key))
        for key, value in spec.items()
        if value not in (None, "", [], {}) and key not in ("id", "options")
    ]
    lines += [
        replace(_planned(f"{here}/options/{key}", value), label=option_label(key))
        for key, value in (spec.get("options") or {}).items()
        if value is not False and value not in (None, "")
    ]
    return Block(f"Estimate {spec.get('id', '')}", lines, f"{plan_reading.PLAN}/{here}")


def _planned(path: str, value: Any) -> Line:
    pointer = f"{plan_reading.PLAN}/{path}".rstrip("/")
    said = plan_reading.value_of(path.rpartition("/")[2], value)
    text = None if value is None else list(map(plain, said)) if isinstance(said, list) else plain(said)
    return Line(plan_reading.label_of(pointer), text, pointer, words_at("analysis_plan"))


def _whole(value: Any) -> Any:
    """Return a number without the decimals that it does not have."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _names(question: Question, sources: Sources) -> dict[str, str]:
    return dict(sources.get(question.choices, ())) if question.choices else {}


def _date(value: dt.date | None) -> str:
    return f"{value.day} {value:%B %Y}" if value else ""


def _found(record: Any, path: str) -> Any:
    for name in path.split("."):
        record = record[int(name)] if name.isdigit() else getattr(record, name)
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

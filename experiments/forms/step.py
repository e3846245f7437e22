"""The form of one step of the protocol, made from its questions."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict

from centre.errors import Problem
from experiments.forms import kinds, rows
from experiments.forms.freeze_words import words_at
from experiments.forms.questions import Heading, Question, Rows, Step

Sources = Mapping[str, kinds.Choices]


@dataclass(frozen=True, slots=True)
class RowGroup:
    """The rows of one list, as the template shows them."""

    name: str
    noun: str
    hint: str
    freeze: str
    rows: list[tuple[int, list[BoundField]]]

    @property
    def next_place(self) -> int:
        return len(self.rows) + 1


@dataclass(frozen=True, slots=True)
class Fold:
    """Questions that some protocols do not need: shut, unless they are answered, wrong, or needed by the draw."""

    heading: Heading
    is_open: bool
    parts: list[BoundField | RowGroup]


class StepForm(forms.Form):
    """The questions of a step, over the protocol as it stands."""

    edition = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        step: Step,
        document: Mapping[str, Any],
        sources: Sources,
        data: QueryDict | None = None,
        *,
        edition: int,
    ) -> None:
        self.step, self.document, self.sources = step, document, sources
        self.is_checked = True
        self.counts: dict[str, int] = {}
        super().__init__(data, initial={"edition": edition}, auto_id="%s")
        for part in step.parts:
            if isinstance(part, Question):
                self._ask(part, part.path, part.name)
                for name in self._names(part.name)[:1]:
                    self.fields[name].freeze = words_at(part.path)  # type: ignore[attr-defined]
            elif isinstance(part, Rows):
                self._ask_rows(part)

    @classmethod
    def sent(
        cls, step: Step, document: Mapping[str, Any], sources: Sources, data: QueryDict, *, edition: int
    ) -> "StepForm":
        """Return the form as it was sent for saving, without its blank rows."""
        for part in step.parts:
            if isinstance(part, Rows):
                data = rows.without_blank_rows(data, part.name)
        return cls(step, document, sources, data, edition=edition)

    def full_clean(self) -> None:
        """Check the answers, unless a row was only added or removed."""
        if self.is_checked:
            super().full_clean()
        else:
            self._errors = ErrorDict()
            self.cleaned_data = {}

    def _ask(self, question: Question, path: str, name: str) -> None:
        if question.is_past and not _is_answered(_found(self.document, path)):
            return
        choices = self.sources.get(question.choices) if question.choices else None
        made = kinds.fields_for(question.path, name, question.label, question.hint, choices)
        for leaf, (key, field) in zip(kinds.leaves_of(question.path), made.items(), strict=True):
            kind, _ = kinds.kind_of(leaf)
            value = _found(self.document, path + leaf[len(question.path) :])
            initial = kinds.to_initial(kind, value)
            is_lines = isinstance(initial, list) and not isinstance(field, forms.MultipleChoiceField)
            self.fields[key] = field
            if kind is bool and value is None:
                self.initial[key] = kinds.default_of(leaf)
            elif initial not in (None, ""):
                self.initial[key] = "\n".join(map(str, initial)) if is_lines else initial
            _keep_choosable(field, initial)
        if question.is_needed_to_save:
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = f"Enter a trial {question.label.lower()}"

    def _ask_rows(self, part: Rows) -> None:
        here = _found(self.document, part.path) or ()
        count = rows.count_of(self.data, part.name) if self.is_bound else len(here)
        self.counts[part.name] = count = max(count, part.at_least)
        for place in range(count):
            for question in part.questions:
                tail = question.path[len(part.path) + 3 :]
                self._ask(
                    question,
                    f"{part.path}.{place}.{tail}",
                    f"{part.name}__{place}__{tail.replace('.', '__')}",
                )

    def parts(self) -> Iterator[BoundField | Heading | RowGroup | Fold]:
        """Yield what the page shows, in order."""
        fold: Fold | None = None
        for part in self.step.parts:
            if isinstance(part, Heading):
                if fold is not None:
                    yield fold
                fold = Fold(part, self._is_open(part), []) if part.is_folded else None
                if fold is None:
                    yield part
            elif fold is not None:
                fold.parts.extend(self._shown(part))
            else:
                yield from self._shown(part)
        if fold is not None:
            yield fold

    def _shown(self, part: Question | Rows) -> Iterator[BoundField | RowGroup]:
        if isinstance(part, Question):
            yield from (self[name] for name in self._names(part.name))
            return
        shown = [(place + 1, self._row(part, place)) for place in range(self.counts[part.name])]
        yield RowGroup(part.name, part.noun, part.hint, words_at(part.path), shown)

    def _is_open(self, heading: Heading) -> bool:
        """Return whether what is under a folded heading is needed by the draw, answered, or wrong."""
        if heading.opens_for and str(self["allocation__method"].value() or "") in heading.opens_for:
            return True
        under = self._under(heading)
        return any(self[name].errors or _is_answered(self[name].value()) for name in under)

    def _under(self, heading: Heading) -> list[str]:
        """Return the fields between a heading and the next."""
        parts = list(self.step.parts)
        found: list[str] = []
        for part in parts[parts.index(heading) + 1 :]:
            if isinstance(part, Heading):
                break
            found += [key for key in self.fields if key == part.name or key.startswith(f"{part.name}__")]
        return found

    def _row(self, part: Rows, place: int) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(f"{part.name}__{place}__")]

    def _names(self, name: str) -> list[str]:
        return [key for key in self.fields if key == name or key.startswith(f"{name}__")]

    def sections(self) -> dict[str, Any]:
        """Return the sections that the step writes, answers laid over what the protocol holds."""
        made = {section: deepcopy(self.document.get(section)) for section in self.step.sections}
        for part in self.step.parts:
            if isinstance(part, Question):
                self._put(made, part, part.path, part.name)
            elif isinstance(part, Rows):
                _set(made, part.path, [self._row_json(part, place) for place in range(self._rows_sent(part))])
        return made

    def _rows_sent(self, part: Rows) -> int:
        return rows.count_of(self.data, part.name)

    def _row_json(self, part: Rows, place: int) -> dict[str, Any]:
        """Return one row, over the fields of the row that stood there and are not asked."""
        made: dict[str, Any] = {}
        for question in part.questions:
            tail = question.path[len(part.path) + 3 :]
            self._put(made, question, tail, f"{part.name}__{place}__{tail.replace('.', '__')}")
        return made

    def _put(self, made: dict[str, Any], question: Question, path: str, name: str) -> None:
        for leaf in kinds.leaves_of(question.path):
            tail = leaf[len(question.path) :]
            key = name + tail.replace(".", "__")
            if question.is_past and key not in self.fields:
                continue  # never answered, so never asked: it stays as it is
            kind, _ = kinds.kind_of(leaf)
            value = kinds.to_json(kind, self.cleaned_data.get(key))
            if value is None and kinds.bare(kind) is kind and kind is not str:
                continue  # the protocol's own default stands where blank is not an answer
            _set(made, path + tail, value)

    def note(self, problems: list[Problem]) -> None:
        """Put each problem at its field; what belongs to no field of this page stands on top."""
        self.is_valid()
        for problem in problems:
            self.add_error(self.field_at(problem.pointer), problem.message)

    def field_at(self, pointer: str) -> str | None:
        """Return the field that a problem points to."""
        name = pointer.strip("/").replace("/", "__")
        whole = name.rpartition("__")[0]  # a list that is written in one field, one a line
        if name in self.fields or whole in self.fields:
            return name if name in self.fields else whole
        return next((key for key in self.fields if key.startswith(f"{name}__")), None) if name else None


def _keep_choosable(field: forms.Field, value: Any) -> None:
    """Keep a stored value in its list although it is no longer offered: opening a form may not change an answer."""
    if not isinstance(field, forms.ChoiceField) or value in (None, ""):
        return
    offered = list(kinds.listed(field))
    known = {str(key) for key, _ in offered}
    gone = [one for one in (value if isinstance(value, list) else [value]) if str(one) not in known]
    field.choices = [*offered, *((str(one), str(one)) for one in gone)]


def _found(document: Any, path: str) -> Any:
    value = document
    for name in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _is_answered(value: Any) -> bool:
    return any(map(_is_answered, value.values())) if isinstance(value, Mapping) else bool(value)


def _set(document: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    if not parents and isinstance(value, list):
        document[last] = value
        return
    here = document
    for name in parents:
        if not isinstance(here.get(name), dict):
            here[name] = {}
        here = here[name]
    here[last] = value

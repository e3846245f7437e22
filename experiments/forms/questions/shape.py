"""How a step of the protocol is made of questions. No Django: a question only names a field and words it."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Question:
    """One field of the protocol as it is asked. `path` is dotted; `*` stands for the place in a list."""

    path: str
    label: str
    hint: str = ""
    choices: str = ""  # the name of a source of choices that depends on the trial or the library
    is_needed_to_save: bool = False
    is_past: bool = False  # no longer asked: shown where it was answered

    @property
    def name(self) -> str:
        """Return the name that its form field has."""
        return self.path.replace(".", "__")


@dataclass(frozen=True, slots=True)
class Heading:
    """Words between questions. What is folded is needed by some protocols only, and opens for those."""

    title: str
    text: str = ""
    is_folded: bool = False
    opens_for: tuple[str, ...] = ()  # ways to allocate


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of like things, each with the same questions."""

    path: str
    noun: str
    questions: tuple[Question, ...]
    at_least: int = 1
    hint: str = ""

    @property
    def name(self) -> str:
        """Return the prefix of its form fields."""
        return self.path.replace(".", "__")


Part = Question | Heading | Rows


@dataclass(frozen=True)
class Step:
    """One page of the protocol."""

    slug: str
    title: str
    intro: str
    parts: tuple[Part, ...]

    @cached_property
    def sections(self) -> tuple[str, ...]:
        """Return the sections of the protocol that the step writes to."""
        paths = (part.path for part in self.parts if not isinstance(part, Heading))
        return tuple(dict.fromkeys(path.split(".")[0] for path in paths))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Return every question of the step, those of its rows included."""
        found: list[Question] = []
        for part in self.parts:
            if isinstance(part, Question):
                found.append(part)
            elif isinstance(part, Rows):
                found.extend(part.questions)
        return tuple(found)


def document_ref(path: str, noun: str) -> tuple[Question, ...]:
    """Return the questions about a file outside the protocol."""
    return (
        Question(f"{path}.title", f"{noun}: title"),
        Question(f"{path}.url", f"{noun}: web address"),
        Question(
            f"{path}.sha256", f"{noun}: SHA-256", "The hash of the file, which shows that it has not changed."
        ),
        Question(f"{path}.not_applicable_because", f"{noun}: if there is none, say why"),
    )

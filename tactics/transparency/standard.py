"""The fields of each version of the Algorithmic Transparency Recording Standard: the files of `reference/transparency`.

A field is known by its `ref`, which is text ("0.10" is not "0.1"): the attribute `phase` stands twice in version 3.0.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "reference" / "transparency"
# What fits one line. Everything else may be long.
_ONE_LINE = frozenset(
    {
        "title",
        "organisation_name",
        "phase",
        "region",
        "one_sentence_description",
        "name",
        "website_url",
        "contact_email",
        "organisation_or_department",
        "team",
        "senior_responsible_owner",
        "companies_house_number",
        "model_name",
        "model_version",
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the standard. `wording` is "standard", or says which of its words are this project's own."""

    ref: str
    attribute: str
    section: str
    name: str
    kind: str
    is_required: bool
    prompt: str
    wording: str

    @property
    def is_short(self) -> bool:
        """Return whether the answer is one line."""
        return self.kind != "UTF-8 string" or self.attribute in _ONE_LINE

    @property
    def is_ours(self) -> bool:
        """Return whether some of its words are not the standard's."""
        return self.wording != "standard"

    @property
    def key(self) -> str:
        """Return the name of its box in a form, and its place on a page."""
        return "field-" + re.sub(r"\W", "-", self.ref)


@dataclass(frozen=True, slots=True)
class Section:
    """Some fields that are asked for together."""

    slug: str
    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Standard:
    """One version of the standard."""

    version: str
    fields: tuple[Field, ...]

    @cached_property
    def by_ref(self) -> dict[str, Field]:
        """Return the fields by their ref."""
        return {field.ref: field for field in self.fields}

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Return the fields by section, in the order of the standard."""
        return tuple(
            Section(_slug(title), title, tuple(fields))
            for title, fields in groupby(self.fields, lambda field: field.section)
        )

    def section(self, slug: str) -> Section | None:
        """Return a section, or None where there is none of that name."""
        return next((one for one in self.sections if one.slug == slug), None)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _field(row: dict[str, str]) -> Field:
    return Field(
        ref=row["ref"],
        attribute=row["attribute"],
        section=row["section"],
        name=row["name"],
        kind=row["type"],
        is_required=row["required"] == "yes",
        prompt=row["prompt"],
        wording=row["wording"],
    )


def _read(version: str) -> Standard:
    with open(FOLDER / f"{version}.csv", encoding="utf-8", newline="") as source:
        return Standard(version, tuple(_field(row) for row in csv.DictReader(source)))


def _by_version(versions: Iterable[str]) -> dict[str, Standard]:
    return {version: _read(version) for version in versions}


STANDARDS = _by_version(("3.0", "4.0"))
LATEST = "4.0"

"""PURE: a table of harm weights, one for each offence by its title. No index comes with the software: it is loaded."""

import csv
import io
import re
from dataclasses import dataclass, field
from decimal import Decimal

MOST = 20_000  # offences in a table
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?\Z")
WITHOUT = "Without a group"
# A category spans offences of one day's and of years' harm: no weight can stand for it.
NEVER = ("Violence and sexual offences", "Violent crime", "Other crime", "Drugs", "Anti-social behaviour")


class WeightsRefused(ValueError):
    """The table cannot be used; each problem says the line and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights by the title of the offence, as it stands in the table, and the group that each offence is in."""

    by_title: dict[str, Decimal]
    groups: dict[str, str] = field(default_factory=dict)  # none where the table has no column of them


def read(content: bytes, *, title: str = "offence", weight: str = "weight", group: str = "") -> Weights:
    """Read a CSV with a column of offence titles, one of weights, and one of groups if it is named.

    Values are kept, never worked out again.

    Raises
    ------
    WeightsRefused : a column is missing; a title is empty, a public crime category that no weight can stand for, or
        there twice with two weights or in two groups; a weight is no number of 0 or more.
    """
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise WeightsRefused([f"The file is no CSV in UTF-8: {error}"]) from error
    if missing := [name for name in (title, weight, group or title) if name not in (reader.fieldnames or ())]:
        raise WeightsRefused([f"line 1: there is no column {name!r}" for name in missing])
    if not rows or len(rows) > MOST:
        raise WeightsRefused([f"The table has {len(rows):,} offences: 1 to {MOST:,} can be read"])
    found = Weights({})
    problems = [
        f"line {line}: {problem}"
        for line, row in rows
        if (
            problem := _taken(found.by_title, (row[title] or "").strip(), row[weight] or "")
            or (_grouped(found.groups, row[title].strip(), row[group] or "") if group else "")
        )
    ]
    if problems:
        raise WeightsRefused(problems)
    return found


def _grouped(found: dict[str, str], title: str, text: str) -> str:
    """Put an offence into its group, or return what is wrong."""
    group = text.strip() or WITHOUT
    if (before := found.setdefault(title, group)) != group:
        return f"{title!r} stands there twice, in {before!r} and in {group!r}"
    return ""


def _taken(found: dict[str, Decimal], title: str, text: str) -> str:
    """Take a row, or return what is wrong with it."""
    if not title:
        return "the offence has no title"
    if title in NEVER:
        return f"{title!r} is a category of offences of very different harm: give each offence its weight by its title"
    if not _NUMBER.match(text.strip()):
        return f"the weight {text!r} of {title!r} is no number of 0 or more, like 547.5"
    value = Decimal(text.strip())
    if found.setdefault(title, value) != value:
        return (
            f"{title!r} stands there twice, with {found[title]} and {value}: titles must tell offences apart"
        )
    return ""

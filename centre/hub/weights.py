"""PURE: a table of harm weights, one for each offence by its title. No index comes with the software: it is loaded."""

import csv
import io
import math
from dataclasses import dataclass

MOST = 20_000  # offences in a table
# A category spans offences of one day's and of years' harm: no weight can stand for it.
NEVER = ("Violence and sexual offences", "Violent crime", "Other crime", "Drugs", "Anti-social behaviour")


class WeightsRefused(ValueError):
    """The table cannot be used; each problem says the line and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights by the title of the offence, as it stands in the table."""

    by_title: dict[str, float]


def read(content: bytes, *, title: str = "offence", weight: str = "weight") -> Weights:
    """Read a CSV with a column of offence titles and one of weights. Values are kept, never worked out again.

    Raises
    ------
    WeightsRefused : a column is missing; a title is empty, a public crime category that no weight can stand for, or
        there twice with two weights; a weight is no number of 0 or more.
    """
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise WeightsRefused([f"The file is no CSV in UTF-8: {error}"]) from error
    if missing := [name for name in (title, weight) if name not in (reader.fieldnames or ())]:
        raise WeightsRefused([f"line 1: there is no column {name!r}" for name in missing])
    if not rows or len(rows) > MOST:
        raise WeightsRefused([f"The table has {len(rows):,} offences: 1 to {MOST:,} can be read"])
    found: dict[str, float] = {}
    problems = [
        f"line {line}: {problem}"
        for line, row in rows
        if (problem := _taken(found, (row[title] or "").strip(), row[weight] or ""))
    ]
    if problems:
        raise WeightsRefused(problems)
    return Weights(found)


def _taken(found: dict[str, float], title: str, text: str) -> str:
    """Take a row, or return what is wrong with it."""
    if not title:
        return "the offence has no title"
    if title in NEVER:
        return f"{title!r} is a category of offences of very different harm: give each offence its weight by its title"
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        return f"the weight {text!r} of {title!r} is no number of 0 or more"
    if found.setdefault(title, value) != value:
        return f"{title!r} stands there twice, with {found[title]:g} and {value:g}: titles must tell offences apart"
    return ""

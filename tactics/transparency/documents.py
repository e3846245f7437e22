"""A record as a document that stands by itself: each answer with its field's names, whatever the files later say."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from tactics.transparency.answers import Answers, typed
from tactics.transparency.standard import Standard

STANDARD_NAME = "Algorithmic Transparency Recording Standard"
COLUMNS = ("ref", "section", "attribute", "name", "value", "not_applicable")

Document = dict[str, Any]


def document(standard: Standard, answers: Answers) -> Document:
    """Return the record: the standard, its version, and one row for each of its fields, answered or not."""
    rows = []
    for field in standard.fields:
        answer = answers.get(field.ref) or {}
        named = {name: getattr(field, name) for name in ("ref", "section", "attribute", "name")}
        rows.append(
            {
                **named,
                "value": answer.get("value"),
                "not_applicable": answer.get("not_applicable"),
            }
        )
    return {"standard": STANDARD_NAME, "standard_version": standard.version, "fields": rows}


def groups(record: Document) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the rows of a record by section, to be read."""
    return [(title, list(rows)) for title, rows in groupby(record["fields"], lambda row: row["section"])]


def differences(before: Document, after: Document) -> list[dict[str, str]]:
    """Return the fields that say something else: in the order of the newer record, then what only the older has."""
    old, new = ({row["ref"]: row for row in one["fields"]} for one in (before, after))
    refs: Iterable[str] = [*new, *(ref for ref in old if ref not in new)]
    found = []
    for ref in refs:
        row = new.get(ref) or old[ref]
        first, second = (
            _said(side.get(ref), one["standard_version"]) for side, one in ((old, before), (new, after))
        )
        nothing_either_way = not _answered(old.get(ref)) and not _answered(new.get(ref))
        if first != second and not nothing_either_way:
            found.append({"section": row["section"], "name": row["name"], "before": first, "after": second})
    return found


def _answered(row: dict[str, Any] | None) -> bool:
    return bool(row and (row["value"] or row["not_applicable"]))


def _said(row: dict[str, Any] | None, version: str) -> str:
    if row is None:
        return f"No field of version {version}"
    return typed({name: row[name] for name in ("value", "not_applicable") if row[name]}) or "No answer"

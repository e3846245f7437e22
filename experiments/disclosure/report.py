"""What the two checkers are given: each output, the rules for it, what was found, and what no machine can see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.disclosure.rules import RULES

MACHINES_CANNOT_SEE = (
    "whether what is known elsewhere (a newspaper, a force's own figures, another registry) together with this points "
    "to a person",
    "who is counted where the data name no unit, and people who appear as two units",
    "tables of the same people in other categories, and corrected data, in which the same people have other numbers",
    "whether a sentence that names nobody still says who is meant",
    "whether it shows where police will be",
)


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file, and what it is made of."""

    name: str
    holds: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: the rule's id and what it asks, where, and what was said or done."""

    rule: str
    asks: str
    output: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """The report on one release.

    Attributes
    ----------
    outputs : each output by where it stands in the document, with its kind.
    rules : ids of the rules applied to each kind.
    hidden : findings whose number was taken out.
    looked_at : the other findings, which a person judges.
    exception : the published reason for small cells that are not of people.
    compared : names of the earlier releases that it was compared with.
    """

    files: tuple[FileReport, ...]
    outputs: tuple[tuple[str, str], ...]
    rules: Mapping[str, tuple[str, ...]]
    hidden: tuple[Finding, ...]
    looked_at: tuple[Finding, ...]
    exception: str
    compared: tuple[str, ...]
    unseen: tuple[str, ...] = MACHINES_CANNOT_SEE

    def to_json(self) -> dict[str, Any]:
        """The report as plain objects."""
        return {
            "files": [{"name": file.name, "holds": file.holds} for file in self.files],
            "outputs": [{"where": where, "kind": kind} for where, kind in self.outputs],
            "rules": [
                {"id": rule, "kind": kind, "asks": RULES[rule].asks}
                for kind, ids in self.rules.items()
                for rule in ids
            ],
            "hidden": [_as_json(found) for found in self.hidden],
            "looked_at": [_as_json(found) for found in self.looked_at],
            "exception": self.exception or None,
            "compared_with": list(self.compared),
            "not_seen_by_machine": list(self.unseen),
        }


def report(
    document: Mapping[str, Any],
    concerns: Sequence[Mapping[str, str]],
    *,
    files: Sequence[str],
    compared: Sequence[str],
) -> Report:
    """Make the report on a release.

    Parameters
    ----------
    document : as released.
    concerns : what was found when it was prepared (``rule``, ``where``, ``message``).
    files : names of its files.
    compared : names of the earlier releases of the trial.
    """
    found = [_finding(one) for one in concerns]
    outputs = [(f"estimates/{row['id']}", "models") for row in document["estimates"]]
    outputs += [(f"checks/{name}", "counts") for name in document.get("checks", {})]
    outputs += [("data", "counts")]
    kinds = dict.fromkeys([*(kind for _, kind in outputs), "rates", "figures", "texts", "all"])
    return Report(
        files=tuple(FileReport(name, _holds(name)) for name in files),
        outputs=tuple(outputs),
        rules={kind: tuple(name for name, rule in RULES.items() if rule.output == kind) for kind in kinds},
        hidden=tuple(one for one in found if _is_hidden(one)),
        looked_at=tuple(one for one in found if not _is_hidden(one)),
        exception=(document.get("disclosure") or {}).get("exception") or "",
        compared=tuple(compared),
    )


def _finding(concern: Mapping[str, str]) -> Finding:
    rule = RULES[concern["rule"]]
    return Finding(concern["rule"], rule.asks, rule.output, concern["where"], concern["message"])


def _is_hidden(found: Finding) -> bool:
    """Return whether a number was taken out: every message about one says so, and no other does."""
    return "hidden" in found.message


def _holds(name: str) -> str:
    if name.endswith(".svg"):
        return "a figure, drawn from the released numbers"
    if name.endswith(".json"):
        return "the released numbers, all of them"
    return "the released numbers, as a table"


def _as_json(found: Finding) -> dict[str, str]:
    return {"rule": found.rule, "where": found.where, "message": found.message}

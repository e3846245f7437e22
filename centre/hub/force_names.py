"""PURE: what each force is called in published files: its official name, and other names that files still use."""

import csv
from importlib import resources

from centre.hub.examination import ForceNames


def known() -> dict[str, ForceNames]:
    """Return the names and the police force area of every force, by its id."""
    found = {row["slug"]: ({row["name"]}, row["ons_code"]) for row in _rows("centre", "forces.csv")}
    for row in _rows("centre.hub", "force_names.csv"):
        found[row["force"]][0].add(row["name"])
    return {force: ForceNames(frozenset(names), code) for force, (names, code) in found.items()}


def _rows(package: str, name: str) -> list[dict[str, str]]:
    file = resources.files(package) / "reference" / name
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))

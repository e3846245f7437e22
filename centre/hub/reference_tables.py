"""PURE: the reference tables that come with the code, as rows."""

import csv
from importlib import resources


def rows(name: str, package: str = "centre.hub") -> list[dict[str, str]]:
    """Return the rows of a CSV in the folder `reference` of a package."""
    file = resources.files(package) / "reference" / name
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))

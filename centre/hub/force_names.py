"""PURE: what each force is called in published files: its official name, and other names that files still use."""

from centre.hub import reference_tables
from centre.hub.examination import ForceNames


def known() -> dict[str, ForceNames]:
    """Return the names and the police force area of every force, by its id."""
    found = {
        row["slug"]: ({row["name"]}, row["ons_code"]) for row in reference_tables.rows("forces.csv", "centre")
    }
    for row in reference_tables.rows("force_names.csv"):
        found[row["force"]][0].add(row["name"])
    return {force: ForceNames(frozenset(names), code) for force, (names, code) in found.items()}

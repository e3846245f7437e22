"""Real data that may lie beside the checkout; no test needs it, because each has a generated panel to fall back on."""

import os
from pathlib import Path

_PLACE = Path(os.environ.get("SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def find(name: str) -> Path | None:
    """Return a shared file, or None where it is not there."""
    path = _PLACE / name
    return path if path.is_file() else None


def training_panel() -> Path | None:
    """Return the published panel of procedural-justice training (7,785 officers by 72 months), or None."""
    return find("real/pj_officer_level_balanced.csv.gz")

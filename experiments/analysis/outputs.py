"""The files that an analysis leaves: its document, its tidy estimates, its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from centre.canonical import document_json
from experiments.models import Analysis
from experiments.packages import tabular
from experiments.stats import figures
from experiments.stats.results import Result


@dataclass(frozen=True, slots=True)
class Output:
    """One file."""

    name: str
    content: bytes
    media_type: str


def outputs(result: Result, analysis: Analysis) -> list[Output]:
    """Return the files of one analysis."""
    return written(result.document(), analysis)


def written(document: Mapping[str, Any], analysis: Analysis) -> list[Output]:
    """Return a result document, exact or as released, as files."""
    drawn = figures.figures(document)
    rows = list(tabular.estimate_rows(document, _origin(analysis)))
    return [
        Output("result.json", document_json(document), "application/json"),
        Output("estimates.csv", tabular.estimates_csv(rows), "text/csv"),
        Output("estimates.parquet", tabular.estimates_parquet(rows), "application/vnd.apache.parquet"),
        *(Output(name, svg.encode(), "image/svg+xml") for name, svg in drawn.items()),
    ]


def _origin(analysis: Analysis) -> dict[str, Any]:
    """Return which promise each row answers to."""
    registration = analysis.registration
    return {
        "trial_id": analysis.trial.number,
        "protocol_version": registration.version,
        "registration_hash": registration.sha256,
        "analysis_id": str(analysis.public_id),
        "prespecified": analysis.is_registered,
    }

"""The files that an analysis leaves: its document, its tidy estimates, its figures."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from centre.canonical import document_json
from experiments.models import Analysis
from experiments.reader import export_cell
from experiments.stats import figures, tables
from experiments.stats.results import Result

# Which promise each row answers to, before the engine's own columns.
ORIGIN = ("trial_id", "protocol_version", "registration_hash", "analysis_id", "prespecified")


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
    return [
        Output("result.json", document_json(document), "application/json"),
        Output("estimates.csv", _estimates_csv(document, analysis), "text/csv"),
        *(Output(name, svg.encode(), "image/svg+xml") for name, svg in drawn.items()),
    ]


def _estimates_csv(document: Mapping[str, Any], analysis: Analysis) -> bytes:
    registration = analysis.registration
    origin = [
        analysis.trial.number,
        registration.version,
        registration.sha256,
        str(analysis.public_id),
        str(analysis.is_registered).lower(),
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*ORIGIN, *tables.COLUMNS))
    for row in tables.estimate_rows(document):
        writer.writerow([*origin, *(_cell(row[name]) for name in tables.COLUMNS)])
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return export_cell(value) if isinstance(value, str) else value

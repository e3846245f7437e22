"""THE BRIDGE: the only place that turns rows and files into statistics input, and results into rows."""

from experiments.analysis.analyse import analyse
from experiments.analysis.diagnosing import diagnose
from experiments.analysis.evidence import FindingFacts, findings
from experiments.analysis.ingest import discard_staged, ingest
from experiments.analysis.release import NotReleasable, prepare_release, result_document

__all__ = [
    "FindingFacts",
    "NotReleasable",
    "analyse",
    "diagnose",
    "discard_staged",
    "findings",
    "ingest",
    "prepare_release",
    "result_document",
]

"""THE BRIDGE: the only place that turns rows and files into statistics input, and results into rows."""

from experiments.analysis.analyse import analyse
from experiments.analysis.diagnosing import diagnose
from experiments.analysis.evidence import FindingFacts, findings
from experiments.analysis.ingest import discard_staged, ingest
from experiments.analysis.packaging import facts, package
from experiments.analysis.release import NotReleasable, prepare_release, result_document
from experiments.analysis.replicating import Verified, inputs, keep, replicate, verify
from experiments.analysis.restricting import Alone, alone, can_restrict, restrict
from experiments.analysis.snapshots import keep as keep_snapshot
from experiments.analysis.snapshots import make as make_snapshot
from experiments.analysis.snapshots import snapshot
from experiments.analysis.tidy import rows as tidy_rows

__all__ = [
    "Alone",
    "FindingFacts",
    "NotReleasable",
    "Verified",
    "alone",
    "analyse",
    "can_restrict",
    "diagnose",
    "discard_staged",
    "facts",
    "findings",
    "ingest",
    "inputs",
    "keep",
    "keep_snapshot",
    "make_snapshot",
    "package",
    "prepare_release",
    "replicate",
    "restrict",
    "result_document",
    "snapshot",
    "tidy_rows",
    "verify",
]

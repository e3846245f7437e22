"""Design diagnosis: the registered plan itself, run again and again on data drawn from the stated design."""

from experiments.stats.diagnosis.design import Design, OutcomeShape, from_json, problems, to_json
from experiments.stats.diagnosis.drawing import draw
from experiments.stats.diagnosis.replicates import FACTORS, replicates
from experiments.stats.diagnosis.summary import summary

__all__ = [
    "FACTORS",
    "Design",
    "OutcomeShape",
    "draw",
    "from_json",
    "problems",
    "replicates",
    "summary",
    "to_json",
]

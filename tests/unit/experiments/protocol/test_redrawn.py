"""The draws that cannot be made again: the plan warns of each that the analysis refuses, and of no other."""

from experiments.analysis.registered import REDRAWN
from experiments.protocol.planned import REDRAWN_OTHERWISE
from experiments.protocol.vocabulary import AllocationMethod


def test_what_the_analysis_refuses_to_redraw_the_plan_warns_of() -> None:
    refused = {method for method in AllocationMethod if method.value not in REDRAWN}
    assert refused == {*REDRAWN_OTHERWISE, AllocationMethod.NONE}

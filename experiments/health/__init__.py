"""How a running trial is: each check's verdict by the registry's thresholds. Pure: no Django, no outcomes by arm."""

from experiments.health.delivery import contamination, integrity
from experiments.health.verdict import Status, Verdict

__all__ = ["Status", "Verdict", "contamination", "integrity"]

"""What a trial of the sample programme is: its plan, and how far it is taken."""

from dataclasses import dataclass
from typing import Any, Literal

Stop = Literal["draft", "submitted", "registered", "allocated", "delivering", "published"]


@dataclass(frozen=True, slots=True)
class CasePlan:
    """What a trial asks of cases that come one by one, and how many have come."""

    block_sizes: tuple[int, ...]
    factors: tuple[tuple[str, tuple[str, ...]], ...]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    n_enrolled: int


@dataclass(frozen=True, slots=True)
class OutcomePlan:
    """One outcome and the estimates that the plan makes of it."""

    id: str
    name: str
    domain: str
    column: str
    measure: str
    estimates: tuple[dict[str, Any], ...]
    role: str = "primary"
    better: str = "lower"
    subject: str = "person"
    unit: str = "incidents"
    source: str = "Recorded crime system"
    recorded_by: str = "official_records"
    proxy: bool = False


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """One simulated trial."""

    key: str
    tactic: str
    problems: tuple[str, ...]  # of the library's list: people look for trials by them
    force: str
    title: str
    design: str
    method: str
    unit_type: str
    unit_word: str
    n_units: int
    outcomes: tuple[OutcomePlan, ...]
    columns: dict[str, str]
    treatment: str
    control: str
    dose: str
    hypothesis: str
    covariates: tuple[tuple[str, str, str], ...] = ()
    strata: tuple[str, ...] = ()
    n_clusters: int | None = None
    checks: tuple[str, ...] = ()
    buffer_metres: float | None = None
    cases: CasePlan | None = None
    meets: tuple[str, ...] = ()  # keys of the simulated trials that act on the same things before it
    delivered: float | None = None  # the share of the planned dose that treated units report, on average
    stop: Stop = "published"


ARMS = {"unit": "unit", "arm": "arm"}

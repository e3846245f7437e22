"""How the trial is built: design, who is blinded, arms, units, sites, comparison over time."""

from dataclasses import dataclass

from experiments.protocol import vocabulary as words
from experiments.protocol.schema.basics import SHORT, Answer, Day, added, free_text


@dataclass(frozen=True, slots=True)
class Blinded:
    """Whether somebody does not know which arm a unit is in, and how that is kept."""

    is_blinded: bool | None = None
    how: str = free_text(SHORT)


@dataclass(frozen=True, slots=True)
class Blinding:
    recipient: Blinded = Blinded()
    deliverer: Blinded = Blinded()
    outcome_assessor: Blinded = Blinded()
    analyst: Blinded = Blinded()
    data_manager: Blinded = Blinded()


@dataclass(frozen=True, slots=True)
class DesignOfTrial:
    """`blinding` and free text on other operations: as they were asked first. Now each is asked by itself."""

    design: words.Design | None = None
    unit_type: words.UnitType | None = None
    unit_of_assignment: str = free_text(SHORT)
    unit_of_analysis: str = free_text(SHORT)
    unit_of_intervention: str = free_text(SHORT)
    timing: words.Timing | None = None
    blinding: Answer = Answer()
    blinded: Blinding = added(Blinding())
    unblinding_procedure: Answer = added(Answer())
    contamination_plan: str = free_text()
    buffer_metres: float | None = None
    concurrent_operations: tuple[str, ...] = ()
    concurrent_trials: tuple[str, ...] = added(())


@dataclass(frozen=True, slots=True)
class Dosage:
    measure: str = free_text(SHORT)
    planned: float | None = None
    min_acceptable: float | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """`id` is the code that stands for the arm in the allocation, the plan and the data."""

    id: str = free_text(40)
    label: str = free_text(120)
    role: words.ArmRole | None = None
    must_happen: tuple[str, ...] = ()
    must_not_happen: tuple[str, ...] = ()
    dosage: Dosage = Dosage()
    deliverer: str = free_text(SHORT)
    training: str = free_text()
    modification_rules: Answer = Answer()


@dataclass(frozen=True, slots=True)
class Intake:
    """The pipeline of units: where they come from, who screens and registers them, and how a rehearsal went."""

    source: str = free_text(SHORT)
    screener: str = free_text(SHORT)
    registrar: str = free_text(SHORT)
    dry_run_expected: int | None = None
    dry_run_processed: int | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """`pipeline`: how units are found, as it was asked first."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    pipeline: str = free_text()
    intake: Intake = added(Intake())


@dataclass(frozen=True, slots=True)
class SitePlan:
    force: str = free_text(120)
    area: str = free_text(SHORT)
    country: str = free_text(60)
    start: Day = Day()
    end: Day = Day()


@dataclass(frozen=True, slots=True)
class Placebo:
    """A comparison in which there can be no effect."""

    kind: words.PlaceboKind | None = None
    description: str = free_text(SHORT)


@dataclass(frozen=True, slots=True)
class QuasiExperiment:
    """`placebo_tests`: as they were asked first, in words only."""

    pre_periods_n: int | None = None
    post_periods_n: int | None = added(None)
    comparison_pool: str = free_text()
    comparison_units: words.ComparisonUnits | None = added(None)
    selection_rule: str = free_text()
    treatment_start_source: str = free_text()
    anticipation_periods: int = 0
    parallel_trends_test: str = free_text()
    placebo_tests: tuple[str, ...] = ()
    placebos: tuple[Placebo, ...] = added(())
    data_already_seen: words.DataSeen | None = added(None)

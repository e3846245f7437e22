"""The words a protocol may choose from. Values are what is stored and hashed; labels are what people read."""

from enum import StrEnum
from typing import Self


class Choice(StrEnum):
    """A stored value with the words shown for it."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value.replace("_", " ").capitalize()
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


class Design(Choice):
    RCT_INDIVIDUAL = "rct_individual", "Randomised trial of people or cases"
    RCT_CLUSTER = "rct_cluster", "Cluster randomised trial"
    RCT_PLACE = "rct_place", "Randomised trial of places"
    RCT_MATCHED_PAIR = "rct_matched_pair", "Matched-pair randomised trial"
    RCT_CROSSOVER = "rct_crossover", "Randomised crossover"
    RCT_STEPPED_WEDGE = "rct_stepped_wedge", "Stepped-wedge randomised trial"
    RCT_FACTORIAL = "rct_factorial", "Factorial randomised trial"
    WAITLIST = "waitlist", "Randomised waiting list"
    DID_2X2 = "did_2x2", "Difference-in-differences, one start date"
    DID_STAGGERED = "did_staggered", "Difference-in-differences, staggered start dates"
    EVENT_STUDY = "event_study", "Event study"
    SYNTHETIC_CONTROL = "synthetic_control", "Synthetic control"
    ITS = "its", "Interrupted time series"
    RDD = "rdd", "Regression discontinuity"
    MATCHED_COMPARISON = "matched_comparison", "Matched comparison"
    PILOT_FEASIBILITY = "pilot_feasibility", "Pilot or feasibility study"

    @property
    def is_randomised(self) -> bool:
        return self.value.startswith("rct_") or self is Design.WAITLIST

    @property
    def is_difference_in_differences(self) -> bool:
        return self in (Design.DID_2X2, Design.DID_STAGGERED, Design.EVENT_STUDY)

    @property
    def needs_comparison_over_time(self) -> bool:
        return self.is_difference_in_differences or self in (Design.SYNTHETIC_CONTROL, Design.ITS)


class UnitType(Choice):
    VICTIM = "victim"
    SUSPECT = "suspect"
    OFFENDER = "offender"
    OFFICER = "officer"
    HOT_SPOT = "hot_spot", "Hot spot"
    LSOA = "lsoa", "Lower layer super output area"
    BEAT = "beat"
    WARD = "ward"
    BCU = "bcu", "Basic command unit"
    FORCE = "force"
    CUSTODY_SUITE = "custody_suite"
    INCIDENT = "incident"
    CALL = "call"
    SHIFT = "shift"
    PLACE_DAY = "place_day", "Place and day"
    TEAM = "team"
    CASE = "case"
    HOUSEHOLD = "household"


class ArmRole(Choice):
    TREATMENT = "treatment"
    ACTIVE_COMPARATOR = "active_comparator"
    BUSINESS_AS_USUAL = "business_as_usual"
    WAITLIST = "waitlist", "Waiting list"


class AllocationMethod(Choice):
    COMPLETE = "complete", "Complete draw"
    STRATIFIED = "stratified", "Complete draw within strata"
    CLUSTER = "cluster", "Draw of clusters"
    STRATIFIED_CLUSTER = "stratified_cluster", "Draw of clusters within strata"
    SIMPLE = "simple", "Simple draw (100 units or more)"
    MATCHED = "matched", "Draw within matched pairs or tuples"
    CONSTRAINED = "constrained", "Draw among the best-balanced allocations"
    STEPPED_WEDGE = "stepped_wedge", "Draw to the sequences of a stepped wedge"
    CROSSOVER = "crossover", "Draw of places and days"
    FACTORIAL = "factorial", "Draw of each factor by itself"
    EXTERNAL = "external", "List drawn elsewhere (not generated here)"
    TRICKLE_SIMPLE = "trickle_simple", "Cases one by one: simple draw"
    PERMUTED_BLOCKS = "permuted_blocks", "Cases one by one: permuted blocks of random size"
    MINIMISATION = "minimisation", "Cases one by one: minimisation with a biased coin"
    NONE = "none", "No draw (not randomised here)"

    @property
    def by_cluster(self) -> bool:
        return self in (AllocationMethod.CLUSTER, AllocationMethod.STRATIFIED_CLUSTER)

    @property
    def by_stratum(self) -> bool:
        return self in (AllocationMethod.STRATIFIED, AllocationMethod.STRATIFIED_CLUSTER)

    @property
    def one_by_one(self) -> bool:
        return self in (
            AllocationMethod.TRICKLE_SIMPLE,
            AllocationMethod.PERMUTED_BLOCKS,
            AllocationMethod.MINIMISATION,
        )

    @property
    def may_cluster(self) -> bool:
        """Return whether the list may give clusters, which are then drawn whole."""
        return self in (
            AllocationMethod.MATCHED,
            AllocationMethod.CONSTRAINED,
            AllocationMethod.STEPPED_WEDGE,
            AllocationMethod.FACTORIAL,
        )

    @property
    def may_stratum(self) -> bool:
        """Return whether the list may give strata, inside which is then drawn."""
        return self in (
            AllocationMethod.MATCHED,
            AllocationMethod.STEPPED_WEDGE,
            AllocationMethod.FACTORIAL,
            AllocationMethod.EXTERNAL,
        )

    @property
    def is_external(self) -> bool:
        return self is AllocationMethod.EXTERNAL


class Imbalance(Choice):
    """How minimisation measures how far the arms are apart at one level of a factor."""

    RANGE = "range", "Range: the most less the fewest"
    STANDARD_DEVIATION = "standard_deviation", "Standard deviation"
    VARIANCE = "variance", "Variance"


class SeedPolicy(Choice):
    """Where the seed of a draw comes from, so that nobody can choose it."""

    COMMIT_REVEAL = (
        "commit_reveal",
        "A secret seed, committed to before the draw and revealed at the data lock",
    )
    PUBLIC_BEACON = "public_beacon", "A public beacon: a future round of drand, named before the draw"


class Framework(Choice):
    SUPERIORITY = "superiority"
    NON_INFERIORITY = "non_inferiority", "Non-inferiority"
    EQUIVALENCE = "equivalence"
    EXPLORATORY = "exploratory"


class HarmMeasure(Choice):
    COUNT = "count", "Number of crimes or incidents"
    CAMBRIDGE_CHI = "cambridge_chi", "Cambridge Crime Harm Index"
    ONS_SEVERITY = "ons_severity", "ONS Crime Severity Score"
    TIME = "time"
    COST = "cost"
    OTHER = "other"


class OutcomeRole(Choice):
    PRIMARY = "primary"
    SECONDARY = "secondary"
    GUARDRAIL = "guardrail"
    HARM = "harm"
    EXPLORATORY = "exploratory"


class Measure(Choice):
    """What values the data column may hold."""

    COUNT = "count", "Whole number, 0 or more"
    BINARY = "binary", "0 or 1"
    CONTINUOUS = "continuous", "Any number"


class CovariateMeasure(Choice):
    """What values a baseline variable's column may hold."""

    COUNT = "count", "Whole number, 0 or more"
    BINARY = "binary", "0 or 1"
    CONTINUOUS = "continuous", "Any number"
    CATEGORY = "category", "A few words"


class RecordedBy(Choice):
    """How an outcome comes to be written down: self-report by people who know their arm is a threat."""

    OFFICIAL_RECORDS = "official_records", "Official records kept for another purpose"
    SELF_REPORT = "self_report", "What people say of themselves, such as a survey"
    OBSERVER = "observer", "An observer"
    SENSOR = "sensor", "A sensor, such as GPS or body-worn video"


class Direction(Choice):
    LOWER = "lower", "Lower is better"
    HIGHER = "higher", "Higher is better"


class Expected(Choice):
    LESS = "less"
    MORE = "more"
    NO_WORSE = "no_worse"


class Subject(Choice):
    """Whose data an outcome is: small cells protect people, not places or forces."""

    PERSON = "person", "People"
    INCIDENT = "incident", "Incidents with a victim or suspect"
    PLACE = "place", "Places"
    FORCE = "force", "Police forces"


class GuardrailAction(Choice):
    NOTIFY = "notify"
    PAUSE = "pause"
    STOP = "stop"


class InterimMethod(Choice):
    """How looks at outcomes by arm before the end are paid for."""

    FIXED = "fixed", "No look: one analysis, at the end"
    GROUP_SEQUENTIAL = "group_sequential", "A few looks, each with its boundary (group sequential)"
    CONFIDENCE_SEQUENCE = "confidence_sequence", "Watched all the time (confidence sequence)"


class Spending(Choice):
    """How much of the error rate each look may spend."""

    OBRIEN_FLEMING = "obrien_fleming", "Nearly all is kept for the end (O’Brien–Fleming type)"
    POCOCK = "pocock", "About the same at every look (Pocock type)"


class Estimand(Choice):
    ITT = "ITT", "Effect of being allocated (intention to treat)"
    CACE = "CACE", "Effect among those who comply"
    ATT = "ATT", "Effect on the treated"
    ATE = "ATE", "Average effect"


class DateType(Choice):
    ESTIMATED = "estimated"
    ACTUAL = "actual"


class DataSeen(Choice):
    """RIDIE's four categories of how prospective a registration is."""

    NONE = "none", "Does not exist yet"
    EXISTS_UNSEEN = "exists_unseen", "Exists, nobody in the team has seen it"
    HELD_UNANALYSED = "held_unanalysed", "Held by the team, not analysed"
    ANALYSED = "analysed", "Already analysed"

    @property
    def category(self) -> int:
        return list(DataSeen).index(self) + 1


class Sharing(Choice):
    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


class EthicsDecision(Choice):
    APPROVED = "approved"
    EXEMPT = "exempt"
    PENDING = "pending"


class Independence(Choice):
    IN_HOUSE = "in_house", "In-house: the force evaluates itself"
    DUAL_PARTNERSHIP = "dual_partnership", "Partnership with an independent research body"
    MULTI_AGENCY = "multi_agency", "Multi-agency partnership"
    OTHER = "other"


class PersonRole(Choice):
    PRINCIPAL_INVESTIGATOR = "principal_investigator"
    CO_INVESTIGATOR = "co_investigator", "Co-investigator"
    TRIAL_MANAGER = "trial_manager"
    SENIOR_SPONSOR = "senior_sponsor", "Force senior sponsor"
    ANALYST = "analyst"
    DELIVERY_LEAD = "delivery_lead"


class Timing(Choice):
    TRICKLE = "trickle", "Cases one by one, as they arrive"
    SINGLE_BATCH = "single_batch", "All units at once"
    REPEATED_BATCH = "repeated_batch", "Several batches"
    STEPS = "steps", "In steps"

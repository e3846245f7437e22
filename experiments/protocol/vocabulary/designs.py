"""Designs, units, arms and draws."""

from experiments.protocol.vocabulary.choice import Choice


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


class Timing(Choice):
    TRICKLE = "trickle", "Cases one by one, as they arrive"
    SINGLE_BATCH = "single_batch", "All units at once"
    REPEATED_BATCH = "repeated_batch", "Several batches"
    STEPS = "steps", "In steps"


class Framework(Choice):
    SUPERIORITY = "superiority"
    NON_INFERIORITY = "non_inferiority", "Non-inferiority"
    EQUIVALENCE = "equivalence"
    EXPLORATORY = "exploratory"


class Concealment(Choice):
    """Who could know the next arm before a unit is in."""

    REGISTRY = "registry", "Held by this registry: nobody who enrols can see it"
    THIRD_PARTY = "third_party", "Held by somebody outside the trial"
    ENVELOPES = "envelopes", "Sealed envelopes, or a list on site"
    OPEN = "open", "Not concealed"


class ComparisonUnits(Choice):
    """Which units without treatment, in a period, the treated are compared with."""

    NEVER_TREATED = "never_treated", "Units that are never treated"
    NOT_YET_TREATED = "not_yet_treated", "Units that are not treated yet, and those never treated"


class PlaceboKind(Choice):
    """Where there can be no effect, so that finding one is a warning."""

    EARLIER_START = "earlier_start", "An invented start, before the real one"
    UNTREATED_UNITS = "untreated_units", "Units that were not treated"
    OTHER_OUTCOME = "other_outcome", "An outcome that the tactic cannot change"
    OTHER_GROUP = "other_group", "A group that the tactic cannot reach"

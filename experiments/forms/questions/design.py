"""How the trial is built: design, units, arms, allocation, comparison over time."""

from experiments.forms.questions.shape import Heading, Question, Rows, Step, document_ref

_BLINDED = tuple(
    question
    for name, who in (
        ("recipient", "Those who receive the tactic"),
        ("deliverer", "Those who deliver it"),
        ("outcome_assessor", "Those who measure outcomes"),
        ("analyst", "The analyst"),
        ("data_manager", "The data manager"),
    )
    for question in (
        Question(f"design.blinded.{name}.is_blinded", f"{who}: blinded?"),
        Question(f"design.blinded.{name}.how", f"{who}: how that is kept"),
    )
)

DESIGN = Step(
    "design",
    "Design",
    "How the comparison is made, and between what.",
    (
        Question("design.design", "Design"),
        Question("design.unit_type", "Type of unit", "What is allocated, or followed, and counted as one."),
        Question("design.unit_of_assignment", "What is assigned", "Such as: 60 hot spots of 150 metres."),
        Question("design.unit_of_analysis", "What is analysed", "Such as: hot spot and week."),
        Question(
            "design.unit_of_intervention",
            "What receives the tactic",
            "Such as: people on the street in the hot spot.",
        ),
        Question("design.timing", "When units come in"),
        Question("design.blinding", "Blinding, as it was described before", is_past=True),
        Heading("Keeping the arms apart"),
        Question(
            "design.contamination_plan",
            "How contamination is prevented",
            "How units of one arm are kept from the treatment of the other.",
        ),
        Question(
            "design.buffer_metres", "Buffer between places, in metres", "Leave blank if units are not places."
        ),
        Question(
            "design.concurrent_trials",
            "Registered trials that this one meets",
            "Those that act on the same places, people or officers of these forces while this one treats or "
            "measures: the page “Other trials” lists them. Their numbers, such as CPP-2026-0001-9. One a line.",
        ),
        Question("design.concurrent_operations", "Other operations in the same places", "One a line."),
        Heading("Blinding", "Who does not know which arm a unit is in."),
        *_BLINDED,
        Question(
            "design.unblinding_procedure",
            "How and when blinding is lifted",
            "Who may ask for it before the end, and who is told.",
        ),
        Heading("Who or what is eligible"),
        Question("eligibility.include", "A unit is included if", "One condition a line."),
        Question("eligibility.exclude", "A unit is left out if", "One condition a line."),
        Question("eligibility.pipeline", "How units are found, as it was described before", is_past=True),
        Question(
            "eligibility.intake.source", "Where units come from", "Such as: the record of calls, each night."
        ),
        Question("eligibility.intake.screener", "Who checks that a unit is eligible"),
        Question("eligibility.intake.registrar", "Who enters units in the trial"),
        Question(
            "eligibility.intake.dry_run_expected",
            "Cases expected in a rehearsal",
            "Needed where cases come one by one: go through the steps with real cases before the first is enrolled.",
        ),
        Question("eligibility.intake.dry_run_processed", "Cases that the rehearsal took through"),
    ),
)

ARMS = Step(
    "arms",
    "Arms",
    "What each group gets. At least two: one is the treatment, one is what it is compared with.",
    (
        Rows(
            "arms",
            "arm",
            (
                Question(
                    "arms.*.id",
                    "Code",
                    "A short code that stands for the arm in the data, such as T. It cannot change later.",
                ),
                Question("arms.*.label", "Name", "As people say it, such as “Directed patrol”."),
                Question("arms.*.role", "Role"),
                Question("arms.*.must_happen", "What must happen", "One thing a line."),
                Question("arms.*.must_not_happen", "What must not happen", "One thing a line."),
                Question(
                    "arms.*.dosage.measure",
                    "How dose is measured",
                    "For a treatment arm, such as: patrol minutes a week, from GPS.",
                ),
                Question("arms.*.dosage.planned", "Planned dose", "In the units of that measure."),
                Question("arms.*.dosage.min_acceptable", "Smallest acceptable dose"),
                Question("arms.*.deliverer", "Who delivers it"),
                Question("arms.*.training", "Training they get"),
                Question("arms.*.modification_rules", "When it may be changed or stopped for one unit"),
            ),
            at_least=2,
        ),
    ),
)

ALLOCATION = Step(
    "allocation",
    "Units and allocation",
    "How many units, how they are drawn, and what effect that number can show.",
    (
        Question(
            "allocation.method",
            "How units are allocated",
            "Choose “no draw” for a design that is not randomised.",
        ),
        Rows(
            "allocation.ratio",
            "share",
            (
                Question("allocation.ratio.*.arm", "Arm", choices="arms"),
                Question(
                    "allocation.ratio.*.share", "Share", "A whole number. Equal shares: 1 for each arm."
                ),
            ),
            at_least=2,
            hint="For a draw: the share of units that each arm gets.",
        ),
        Question(
            "allocation.strata",
            "Strata",
            "Groups inside which the draw is balanced, such as force or past crime. One a line.",
        ),
        Question(
            "allocation.seed_policy",
            "Where the seed comes from",
            "A secret seed if left blank. With the beacon, a future round of drand is named when the unit list is "
            "frozen, and nobody can know or choose the seed before that round is out.",
        ),
        Heading(
            "Cases one by one",
            "For methods that give each case its arm when it is enrolled. Leave blank where a list is drawn at once.",
            is_folded=True,
            opens_for=("trickle_simple", "permuted_blocks", "minimisation"),
        ),
        Rows(
            "allocation.factors",
            "factor",
            (
                Question("allocation.factors.*.name", "Factor", "Such as: age of the suspect."),
                Question("allocation.factors.*.levels", "Levels", "One a line. Each case has one of them."),
                Question("allocation.factors.*.weight", "Weight", "For minimisation. 1 if left blank."),
            ),
            hint="Permuted blocks run within each combination of levels. Minimisation balances each factor by itself.",
        ),
        Question(
            "allocation.block_sizes",
            "Block sizes",
            "For permuted blocks: at least two, one a line, each a multiple of the sum of the shares. Which size comes "
            "when is drawn and stays secret; the sizes themselves are public with the protocol.",
        ),
        Question("allocation.imbalance", "How imbalance is measured", "For minimisation."),
        Question(
            "allocation.coin_probability",
            "Probability of the preferred arm",
            "For minimisation: from 0.6 to 0.95, often 0.8. With unequal shares, that of the arm with the smallest.",
        ),
        Heading("Waiting list", is_folded=True),
        Question(
            "allocation.waiting_until",
            "Day on which the waiting arm gets the treatment",
            "For a randomised waiting list.",
        ),
        Heading(
            "Pairs, and draws among balanced allocations",
            is_folded=True,
            opens_for=("matched", "constrained"),
        ),
        Question(
            "allocation.balance.covariates",
            "Covariates",
            "Columns of the unit list with numbers, such as burglaries_2025. One a line, at most 10.",
        ),
        Question(
            "allocation.balance.keep_percent",
            "Share of allocations that is kept, in per cent",
            "For a draw among the best-balanced allocations: from 1 to 50, usually 10.",
        ),
        Heading("Stepped wedge", is_folded=True, opens_for=("stepped_wedge",)),
        Question("allocation.wedge.sequences", "Number of sequences", "Each gets as many clusters."),
        Question("allocation.wedge.baseline_periods", "Periods before the first step"),
        Question("allocation.wedge.step_periods", "Periods in each step"),
        Question("allocation.wedge.first_day", "First day of the first period"),
        Question("allocation.wedge.period_days", "Days in a period"),
        Question(
            "allocation.wedge.transition_periods",
            "Periods of transition after each step",
            "While clusters change over; left out of the analysis. 0 for none.",
        ),
        Heading("Places and days", is_folded=True, opens_for=("crossover",)),
        Question("allocation.crossover.first_day", "First day"),
        Question("allocation.crossover.days", "Number of days", "A whole number of blocks."),
        Question(
            "allocation.crossover.block_days",
            "Days in a block",
            "Each block has every arm by its share, in an order that is drawn.",
        ),
        Question("allocation.crossover.max_run", "Most days on end in one arm"),
        Question(
            "allocation.crossover.washout_days",
            "Days of washout",
            "The fewest days without treatment between two runs of it. 0 for none.",
        ),
        Heading(
            "Factorial trial",
            "The arms are the combinations of levels: their codes are the levels joined by a plus sign.",
            is_folded=True,
            opens_for=("factorial",),
        ),
        Rows(
            "allocation.crossed_factors",
            "factor",
            (
                Question("allocation.crossed_factors.*.id", "Factor", "A short name, such as visit."),
                Question(
                    "allocation.crossed_factors.*.levels",
                    "Levels",
                    "One a line, such as v0 and v1. Equal shares.",
                ),
            ),
        ),
        Heading(
            "List drawn elsewhere",
            "Its arms are taken as they are, and it is labelled “not generated here”.",
            is_folded=True,
            opens_for=("external",),
        ),
        Question("allocation.external.source", "Who drew the list, and how"),
        Question("allocation.external.has_blocks", "The list has a column “block”"),
        Heading("Clusters and concealment"),
        Question("allocation.clusters_n", "Number of clusters", "For a draw of clusters."),
        Question("allocation.cluster_size", "Average cluster size"),
        Question(
            "allocation.concealment",
            "How the sequence is concealed",
            "Nobody who enrols units may know which arm comes next.",
        ),
        Question("allocation.concealment_level", "How far it is concealed"),
        Question("allocation.who_enrols", "Who enrols units"),
        Question("allocation.who_assigns", "Who assigns units to their arms"),
        Question(
            "allocation.custodian",
            "Who keeps the allocation",
            "Somebody who does not analyse: a post, not a name.",
        ),
        Heading("Sample size"),
        Question(
            "sample_size.planned_units", "Planned number of units", "A whole number from 2 to 1,000,000."
        ),
        Question("sample_size.planned_clusters", "Planned number of clusters", "For a draw of clusters."),
        Question(
            "sample_size.planned_observations",
            "Planned number of observations",
            "Units times periods, where units are followed over time.",
        ),
        Question(
            "sample_size.icc",
            "Intracluster correlation (ICC)",
            "At least 0 and less than 1. How alike units of one cluster are.",
        ),
        Question("sample_size.icc_source", "Where that ICC comes from"),
        Question("sample_size.icc_low", "Lower end of its interval"),
        Question("sample_size.icc_high", "Upper end of its interval"),
        Question(
            "sample_size.mde",
            "Smallest effect the trial can detect",
            "In the units of the primary outcome, or as a ratio: say which under “how it was found”.",
        ),
        Question("sample_size.alpha", "Alpha", "The error rate, usually 0.05."),
        Question("sample_size.power", "Power", "Between 0.5 and 0.99, usually 0.8 or 0.9."),
        Question("sample_size.method", "How the sample size was found"),
        *document_ref("sample_size.simulation", "Simulation behind it"),
    ),
)

COMPARISON = Step(
    "comparison",
    "Comparison over time",
    "For designs without a draw: what treated units are compared with, and what makes that fair.",
    (
        Question(
            "qed.pre_periods_n",
            "Periods before treatment",
            "Fewer than 3 caps the security of the result at 3 of 5.",
        ),
        Question("qed.post_periods_n", "Periods after treatment starts", "In which the outcome is measured."),
        Question("qed.comparison_units", "Untreated units that the treated are compared with"),
        Question(
            "qed.comparison_pool", "Comparison pool", "Which units could have been treated and were not."
        ),
        Question("qed.selection_rule", "How comparison units are chosen"),
        Question("qed.treatment_start_source", "Where each unit's start date comes from"),
        Question(
            "qed.anticipation_periods",
            "Periods of anticipation",
            "How many periods before the start could already be changed by it. 0 if none.",
        ),
        Question("qed.parallel_trends_test", "How trends before treatment are tested"),
        Rows(
            "qed.placebos",
            "placebo test",
            (
                Question("qed.placebos.*.kind", "Kind"),
                Question("qed.placebos.*.description", "What is compared"),
            ),
            hint="A placebo test looks for an effect where there can be none.",
        ),
        Question("qed.placebo_tests", "Placebo tests, as they were described before", is_past=True),
        Question(
            "qed.data_already_seen",
            "Data from after the start",
            "Be exact: a plan that is written after they were seen is worth less.",
        ),
    ),
)

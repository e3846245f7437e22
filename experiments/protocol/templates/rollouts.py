"""A tactic that reaches every area in the end: in an order that is drawn, or in one that is not."""

from experiments.protocol.templates.policing import (
    AREA_MONTHS,
    COMMON,
    CONTROL,
    DRAWN,
    GUARDRAILS,
    NOT_DRAWN,
    TREATMENT,
    hypothesis,
    plan,
)
from experiments.protocol.templates.template import Document, Template, merged

_SHARED: Document = {
    "problem": {
        "theory_of_change": "The tactic changes how an area is policed from its start on; areas that start "
        "later show "
        "what would have happened without it.",
        "hypotheses": [hypothesis("O1")],
    },
    "design": {
        "unit_type": "beat",
        "unit_of_assignment": "Area, such as a beat or neighbourhood",
        "unit_of_analysis": "Area and month",
        "unit_of_intervention": "Area",
        "timing": "steps",
        "contamination_plan": "The tactic’s staff and tools stay in areas that have started. Moves of staff to "
        "areas that "
        "wait are logged.",
    },
    "arms": [
        {
            "id": TREATMENT,
            "label": "With the tactic",
            "role": "treatment",
            "must_happen": ["The tactic from the area’s start on"],
            "must_not_happen": ["A start before the area’s turn"],
            "dosage": {"measure": "Share of the planned activity delivered in a month"},
            "deliverer": "The area’s neighbourhood team",
            "training": "Each team in the month before its start.",
            "modification_rules": {
                "text": "An area that cannot start on its day starts when it can; its turn stays."
            },
        },
        {
            "id": CONTROL,
            "label": "Before the tactic",
            "role": "waitlist",
            "must_happen": ["Policing as before"],
            "must_not_happen": ["The tactic or parts of it"],
        },
    ],
    "eligibility": {
        "include": ["Every area of the force that meets the tactic’s conditions"],
        "exclude": ["Areas that had the tactic or a pilot of it"],
        "intake": {
            "source": "The force’s list of areas",
            "screener": "The crime analyst",
            "registrar": "The trial manager, who uploads the list",
        },
    },
    "outcomes": AREA_MONTHS,
    "safety": {"guardrails": GUARDRAILS},
    "treatment_measure": {
        "method": "log",
        "unit": "Share of the planned activity, for each area and month",
        "frequency": "Monthly, from the activity log",
        "auditor": "The trial manager, who checks one area in ten against the duty system",
        "reliability": {"text": "Log and duty system are compared each quarter; differences are reported."},
        "viewers": ["Trial manager", "Area commanders", "Oversight group"],
    },
}

_DRAWN_ORDER: Document = {
    "design": {"design": "rct_stepped_wedge"},
    "allocation": {
        "method": "stepped_wedge",
        "wedge": {
            "sequences": 4,
            "baseline_periods": 3,
            "step_periods": 2,
            "period_days": 28,
            "transition_periods": 1,
        },
        "who_enrols": "The crime analyst",
    },
    "qed": {"pre_periods_n": 3},
    "estimand": {
        "population": "The listed areas, in the months of the roll-out",
        "treatment": "Having crossed over by the drawn schedule, against not yet",
        "outcome": "Recorded crime in a month",
        "summary_measure": "Difference in the monthly mean, areas and months held fixed",
        "intercurrent_events": "Ignored: the schedule that was drawn counts, also where an area started late.",
        "kind": "ITT",
    },
    "analysis_plan": plan(
        {
            "unit": "area",
            "period": "month",
            "first_treated": "start",
            "sequence": "sequence",
        },
        [
            {
                "id": "H1",
                "role": "primary",
                "family": "primary",
                "outcome": "crimes",
                "estimand": "ITT",
                "estimator": "stepped_wedge",
                "covariance": "CR2",
                "options": {"transition": 1},
            },
            {
                "id": "H1-draws",
                "role": "sensitivity",
                "family": "sensitivity",
                "outcome": "crimes",
                "estimand": "ITT",
                "estimator": "stepped_wedge",
                "covariance": "randomisation",
                "options": {"transition": 1},
            },
        ],
        ["leave_one_out"],
        has_arms=False,
    ),
}

_UNDRAWN_ORDER: Document = {
    "design": {
        "design": "did_staggered",
        "blinded": {"analyst": {"is_blinded": False, "how": "Who starts when is known to everybody."}},
        "unblinding_procedure": {
            "text": "",
            "not_applicable_because": "Nobody is blinded but those who record crime, who know of no arms.",
        },
    },
    "qed": {
        "pre_periods_n": 12,
        "post_periods_n": 12,
        "comparison_units": "not_yet_treated",
        "comparison_pool": "Areas that start later, and areas that never start",
        "selection_rule": "Every area that has not started in the month compared",
        "treatment_start_source": "The roll-out’s record of starts, frozen with the list of areas",
        "anticipation_periods": 0,
        "parallel_trends_test": "Joint test of the estimates before the start, and how far trends may differ "
        "before the "
        "finding goes",
        "placebos": [
            {"kind": "earlier_start", "description": "Estimates in the months before the start"},
            {
                "kind": "other_outcome",
                "description": "Fraud reported from the area, which the tactic does not touch",
            },
        ],
    },
    "estimand": {
        "population": "Areas that start during the trial",
        "treatment": "Having started, against not yet",
        "outcome": "Recorded crime in a month",
        "summary_measure": "Difference in the monthly mean, averaged over starts and months",
        "intercurrent_events": "Ignored: an area counts as started from its recorded start on.",
        "kind": "ATT",
    },
    "analysis_plan": plan(
        {"unit": "area", "period": "month", "first_treated": "start"},
        [
            {
                "id": "H1",
                "role": "primary",
                "family": "primary",
                "outcome": "crimes",
                "estimand": "ATT",
                "estimator": "callaway_santanna",
                "covariance": "analytic",
                "options": {"control_group": "not_yet_treated", "aggregation": "simple", "anticipation": 0},
            },
            {
                "id": "H1-imputation",
                "role": "sensitivity",
                "family": "sensitivity",
                "outcome": "crimes",
                "estimand": "ATT",
                "estimator": "imputation",
                "covariance": "analytic",
            },
        ],
        ["pre_trends", "honest_did", "placebo"],
        has_arms=False,
    ),
}

STEPPED_WEDGE = Template(
    "stepped-wedge-rollout",
    "A roll-out whose order is drawn (stepped wedge)",
    "Every area gets the tactic in the end, one group after another, in an order drawn by lot.",
    merged(COMMON, DRAWN, _SHARED, _DRAWN_ORDER),
)
STAGGERED = Template(
    "staggered-did",
    "A roll-out whose order is not drawn (staggered difference-in-differences)",
    "Areas start at different times for reasons of their own. Needs months of data before the first start.",
    merged(COMMON, NOT_DRAWN, _SHARED, _UNDRAWN_ORDER),
)

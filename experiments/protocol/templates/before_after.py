"""One start date: areas of a force that has the tactic, before and after, beside areas of forces that do not."""

from experiments.protocol.templates.policing import (
    AREA_MONTHS,
    COMMON,
    CONTROL,
    GUARDRAILS,
    NOT_DRAWN,
    TREATMENT,
    hypothesis,
    plan,
)
from experiments.protocol.templates.template import Template, merged

_OWN = {
    "problem": {
        "theory_of_change": "The tactic changes policing in the whole force from one day on. What would have "
        "happened "
        "without it is read from areas of other forces that changed alike before.",
        "hypotheses": [hypothesis("O1")],
    },
    "design": {
        "design": "did_2x2",
        "unit_type": "beat",
        "unit_of_assignment": "Force: every area of a force has the tactic, or none",
        "unit_of_analysis": "Area and month",
        "unit_of_intervention": "Area",
        "timing": "single_batch",
        "blinded": {
            "analyst": {"is_blinded": False, "how": "Which force has the tactic is known to everybody."}
        },
        "unblinding_procedure": {
            "text": "",
            "not_applicable_because": "Nobody is blinded but those who record crime, who know of no arms.",
        },
        "contamination_plan": "Areas on the border between the forces are left out. Comparison forces say in "
        "writing that "
        "they do not start the tactic or one like it during the trial.",
    },
    "arms": [
        {
            "id": TREATMENT,
            "label": "Areas of the force with the tactic",
            "role": "treatment",
            "must_happen": ["The tactic from the start date on"],
            "must_not_happen": ["A start before the date"],
            "dosage": {"measure": "Share of the planned activity delivered in a month"},
            "deliverer": "Neighbourhood teams",
            "training": "Every team before the start date.",
            "modification_rules": {
                "text": "An area that cannot deliver stays in its arm; the months are logged."
            },
        },
        {
            "id": CONTROL,
            "label": "Areas of comparison forces",
            "role": "business_as_usual",
            "must_happen": ["Policing as before"],
            "must_not_happen": ["The tactic or one like it"],
        },
    ],
    "eligibility": {
        "include": [
            "Areas of the force with the tactic",
            "Areas of comparison forces that are alike before the start",
        ],
        "exclude": ["Areas on the border between the forces"],
        "intake": {
            "source": "The forces’ lists of areas",
            "screener": "The analyst, by the selection rule and before outcomes after the start are seen",
            "registrar": "The trial manager, who uploads the list",
        },
    },
    "qed": {
        "pre_periods_n": 24,
        "post_periods_n": 12,
        "comparison_units": "never_treated",
        "comparison_pool": "Areas of forces that are alike in size and crime and do not start the tactic",
        "selection_rule": "Every area of the named comparison forces; none is chosen by its outcome",
        "treatment_start_source": "The force’s order that starts the tactic",
        "anticipation_periods": 0,
        "parallel_trends_test": "Joint test of the estimates before the start, and how far trends may differ "
        "before the "
        "finding goes",
        "placebos": [
            {"kind": "earlier_start", "description": "An invented start a year before the real one"},
            {"kind": "untreated_units", "description": "Each comparison force in turn as if it had started"},
        ],
    },
    "outcomes": AREA_MONTHS,
    "safety": {"guardrails": GUARDRAILS},
    "estimand": {
        "population": "Areas of the force with the tactic",
        "treatment": "The tactic in the whole force, against none",
        "outcome": "Recorded crime in a month",
        "summary_measure": "Difference in the change of the monthly mean",
        "intercurrent_events": "Ignored: an area of the force counts as treated from the start on.",
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
                "estimator": "two_by_two",
                "covariance": "HC2",
            },
            {
                "id": "H1-synthetic",
                "role": "sensitivity",
                "family": "sensitivity",
                "outcome": "crimes",
                "estimand": "ATT",
                "estimator": "synthetic_did",
            },
        ],
        ["placebo"],
        has_arms=False,
    ),
    "decision": {
        "decision_rule": "With one force that has the tactic, anything else that changed in that force alone "
        "cannot be told "
        "from the tactic. A clear benefit leads to a trial with a draw or with more forces, not to adoption; "
        "harm, or a "
        "guardrail passed, stops the tactic. Delivery below the integrity floor: no test of the tactic.",
    },
    "treatment_measure": {
        "method": "log",
        "unit": "Share of the planned activity, for each area and month",
        "frequency": "Monthly, from the activity log",
        "auditor": "The trial manager, who checks one area in ten against the duty system",
        "reliability": {"text": "Log and duty system are compared each quarter; differences are reported."},
        "viewers": ["Trial manager", "Area commanders", "Oversight group"],
    },
}

BEFORE_AFTER = Template(
    "before-after-comparison",
    "Before and after, with comparison forces",
    "A force starts everywhere at once; areas of other forces are the comparison. The weakest of these designs.",
    merged(COMMON, NOT_DRAWN, _OWN),
)

"""Teams of officers drawn to be trained or equipped, and their officers followed."""

from experiments.protocol.templates.policing import (
    COMMON,
    COMPLAINTS,
    CONTROL,
    DRAWN,
    EQUAL,
    TREATMENT,
    hypothesis,
    plan,
)
from experiments.protocol.templates.template import Template, merged

_MONTHS = {
    "aggregation": "Sum for each officer over the 12 months after training",
    "level": "unit",
    "timepoint": "12 months after the last team is trained",
}
_OWN = {
    "problem": {
        "problem_types": ["trust"],
        "theory_of_change": "Officers who explain, listen and are fair meet less resistance; a whole team that "
        "is trained "
        "together keeps the habit.",
        "hypotheses": [hypothesis("O1"), hypothesis("O2", "no_worse")],
    },
    "design": {
        "design": "rct_cluster",
        "unit_type": "officer",
        "unit_of_assignment": "Team or shift of officers",
        "unit_of_analysis": "Officer",
        "unit_of_intervention": "Officer",
        "timing": "single_batch",
        "contamination_plan": "Whole teams are drawn, as officers of one team learn from each other. Moves "
        "between teams "
        "are kept as few as possible and logged; an officer counts in the first team.",
    },
    "arms": [
        {
            "id": TREATMENT,
            "label": "Trained teams",
            "role": "treatment",
            "must_happen": ["The whole team is trained in the same fortnight"],
            "must_not_happen": ["Parts of the course given to other teams"],
            "dosage": {"measure": "Hours of the course that an officer attended"},
            "deliverer": "Trainers of the force, with a script",
            "training": "Trainers are trained and observed once before the first team.",
            "modification_rules": {
                "text": "An officer on long leave is trained on return; the day is logged."
            },
        },
        {
            "id": CONTROL,
            "label": "Usual training",
            "role": "business_as_usual",
            "must_happen": ["The yearly training as before"],
            "must_not_happen": ["The course, until the trial is over"],
        },
    ],
    "allocation": {
        "method": "cluster",
        "ratio": EQUAL,
        "who_enrols": "Human resources, who give the list of teams and their officers",
    },
    "eligibility": {
        "include": ["A team that meets the public", "Officers on its list on the day that it is frozen"],
        "exclude": ["A team that is to be dissolved within a year"],
        "intake": {
            "source": "The duty system’s list of teams",
            "screener": "The trial manager, with each team’s inspector",
            "registrar": "The trial manager, who uploads the list",
        },
    },
    "outcomes": [
        {
            **COMPLAINTS,
            **_MONTHS,
            "id": "O1",
            "role": "primary",
            "family": "primary",
            "unit": "complaints for each officer",
        },
        {
            "id": "O2",
            "name": "Uses of force",
            "outcome_domain": "use-of-force",
            "role": "harm",
            "family": "harms",
            "definition": "Uses of force that the officer recorded, by the day of use.",
            "data_source": "Use-of-force forms",
            "recorded_by": "official_records",
            "recording_rule": "The national form; changes of the form during the trial are listed.",
            "unit": "uses of force for each officer",
            "measure": "count",
            "direction_of_benefit": "lower",
            "column": "force_used",
            "subject": "person",
            **_MONTHS,
        },
    ],
    "covariates": [
        {
            "column": "log_complaints_before",
            "name": "Logarithm of one more than complaints in the year before",
            "measure": "continuous",
        }
    ],
    "safety": {
        "guardrails": [
            {"outcome": "O2", "threshold": "A third more than in the comparison arm", "action": "pause"}
        ]
    },
    "estimand": {
        "population": "Officers of the listed teams",
        "treatment": "Being in a team that was drawn to be trained",
        "outcome": "Complaints for each officer in 12 months",
        "summary_measure": "Rate ratio",
        "intercurrent_events": "Ignored: officers count in the team and arm of the first day, whether trained "
        "or moved.",
        "kind": "ITT",
    },
    "analysis_plan": plan(
        {"unit": "officer", "cluster": "team", "arm": "arm"},
        [
            {
                "id": "H1",
                "role": "primary",
                "family": "primary",
                "outcome": "complaints",
                "estimand": "ITT",
                "estimator": "poisson",
                "covariance": "CR2",
                "covariates": ["log_complaints_before"],
            },
            {
                "id": "H1-teams",
                "role": "sensitivity",
                "family": "sensitivity",
                "outcome": "complaints",
                "estimand": "ITT",
                "estimator": "cluster_means",
            },
            {
                "id": "S1",
                "role": "harm",
                "family": "harms",
                "outcome": "force_used",
                "estimand": "ITT",
                "estimator": "poisson",
                "covariance": "CR2",
            },
        ],
        ["balance", "attrition", "sample_ratio", "allocation_match", "leave_one_out"],
    ),
    "treatment_measure": {
        "method": "rms",
        "unit": "Hours of the course attended, for each officer",
        "frequency": "After each course day, from the training record",
        "auditor": "The trial manager, who compares it with the duty system",
        "reliability": {"text": "One course day in ten is observed with a checklist of its parts."},
        "viewers": ["Trial manager", "Head of training", "Oversight group"],
    },
}

OFFICER_CLUSTER = Template(
    "officer-cluster",
    "Teams of officers, drawn to be trained or equipped",
    "Whole teams or shifts are drawn, because officers of one team affect each other. For training and equipment.",
    merged(COMMON, DRAWN, _OWN),
)

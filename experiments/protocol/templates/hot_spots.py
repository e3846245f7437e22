"""Hot spots drawn to get directed patrol or not."""

from experiments.protocol.templates.policing import (
    COMMON,
    COMPLAINTS,
    CONTROL,
    DRAWN,
    EQUAL,
    GUARDRAILS,
    PATROL_MINUTES,
    TREATMENT,
    crime,
    hypothesis,
    plan,
)
from experiments.protocol.templates.template import Template, merged

_OWN = {
    "problem": {
        "problem_types": ["hot-spots"],
        "theory_of_change": "Most crime in public happens at few, small and stable places. Seen officers there "
        "raise the "
        "risk that offenders expect, for the visit and for some time after it.",
        "hypotheses": [hypothesis("O1"), hypothesis("O2", "no_worse")],
    },
    "design": {
        "design": "rct_place",
        "unit_type": "hot_spot",
        "unit_of_assignment": "Hot spot",
        "unit_of_analysis": "Hot spot, over the whole delivery period",
        "unit_of_intervention": "People in public at the hot spot",
        "timing": "single_batch",
        "contamination_plan": "Hot spots lie apart by the buffer. Patrols of treated spots are tasked by name "
        "and may not "
        "be spent in comparison spots; emergency response goes everywhere as usual.",
        "buffer_metres": 150.0,
    },
    "arms": [
        {
            "id": TREATMENT,
            "label": "Directed patrol",
            "role": "treatment",
            "must_happen": [
                "Visits on foot of 10 to 15 minutes, in an order that nobody can foresee",
                "GPS on all shift",
            ],
            "must_not_happen": ["Patrol from a parked car counted as a visit"],
            "dosage": {"measure": "Patrol minutes in the hot spot each day, from GPS"},
            "deliverer": "Neighbourhood and response officers on the directed shift",
            "training": "A briefing of 30 minutes before the first shift, and a card with the spots.",
            "modification_rules": {
                "text": "A spot is left out on a day with a major incident or a public event; the day and "
                "reason are logged."
            },
        },
        {
            "id": CONTROL,
            "label": "Usual patrol",
            "role": "business_as_usual",
            "must_happen": ["Response to calls as before"],
            "must_not_happen": ["Directed patrol"],
        },
    ],
    "allocation": {
        "method": "stratified",
        "ratio": EQUAL,
        "strata": ["past_crime"],
        "who_enrols": "The crime analyst",
    },
    "eligibility": {
        "include": [
            "Among the places with most crime in public in the last 12 months",
            "At most 150 metres across",
        ],
        "exclude": [
            "Inside the buffer of another hot spot",
            "Another operation is planned there during the trial",
        ],
        "intake": {
            "source": "Crime records of the last 12 months, mapped",
            "screener": "The crime analyst, and an inspector who knows the places",
            "registrar": "The trial manager, who uploads the list",
        },
    },
    "outcomes": [
        crime(
            "violence",
            "Violence with injury",
            "violence-with-injury",
            id="O1",
            role="primary",
            family="primary",
            definition="Recorded violence with injury in the hot spot, by the time of the offence.",
            aggregation="Sum over the delivery period",
            level="unit",
            timepoint="From the first to the last day of delivery",
        ),
        crime(
            "violence_buffer",
            "Violence with injury in the ring around",
            "violence-with-injury",
            id="O2",
            role="harm",
            family="displacement",
            definition="The same in the ring of 150 metres around the hot spot: displacement, or a wider benefit.",
            aggregation="Sum over the delivery period",
            level="unit",
            timepoint="From the first to the last day of delivery",
        ),
        {
            **COMPLAINTS,
            "aggregation": "Sum over the delivery period",
            "level": "unit",
            "timepoint": "From the first to the last day of delivery",
        },
    ],
    "covariates": [
        {
            "column": "log_violence_before",
            "name": "Logarithm of one more than violence with injury in the year before",
            "measure": "continuous",
        }
    ],
    "safety": {"guardrails": GUARDRAILS},
    "estimand": {
        "population": "The listed hot spots",
        "treatment": "Being drawn for directed patrol, against usual patrol",
        "outcome": "Violence with injury over the delivery period",
        "summary_measure": "Rate ratio",
        "intercurrent_events": "Ignored: every hot spot counts in the arm that it was drawn to, whatever was "
        "delivered.",
        "kind": "ITT",
    },
    "analysis_plan": plan(
        {"unit": "hot_spot", "arm": "arm", "stratum": "past_crime"},
        [
            {
                "id": "H1",
                "role": "primary",
                "family": "primary",
                "outcome": "violence",
                "estimand": "ITT",
                "estimator": "poisson",
                "covariance": "HC3",
                "covariates": ["log_violence_before"],
            },
            {
                "id": "H1-draws",
                "role": "sensitivity",
                "family": "sensitivity",
                "outcome": "violence",
                "estimand": "ITT",
                "estimator": "difference_in_means",
                "covariance": "randomisation",
            },
            {
                "id": "D1",
                "role": "harm",
                "family": "displacement",
                "outcome": "violence_buffer",
                "estimand": "ITT",
                "estimator": "poisson",
                "covariance": "HC3",
            },
        ],
        ["balance", "attrition", "sample_ratio", "allocation_match", "displacement"],
    ),
    "treatment_measure": {
        **PATROL_MINUTES,
        "unit": "Patrol minutes in the hot spot each day",
        "auditor": "An analyst outside the patrol team, who checks one shift in twenty by hand",
    },
}

HOT_SPOT_RCT = Template(
    "hot-spot-rct",
    "Hot spots, drawn to be patrolled or not",
    "A list of small places, half of them drawn to get the tactic for some months. The usual design for patrol.",
    merged(COMMON, DRAWN, _OWN),
)

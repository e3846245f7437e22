"""Places that have the tactic on some days and not on others, by lot."""

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

_DAILY = {
    "aggregation": "Count for each place and day",
    "level": "unit",
    "timepoint": "Each day of the trial",
}
_OWN = {
    "problem": {
        "problem_types": ["hot-spots"],
        "theory_of_change": "Officers at a place on a day deter on that day. If the effect wears off overnight, "
        "days with "
        "and without can be compared in the same places.",
        "hypotheses": [hypothesis("O1")],
    },
    "design": {
        "design": "rct_crossover",
        "unit_type": "place_day",
        "unit_of_assignment": "Place and day",
        "unit_of_analysis": "Place and day",
        "unit_of_intervention": "People in public at the place",
        "timing": "single_batch",
        "contamination_plan": "Each day’s list goes to the shift on that day only. What lasts into the next day is "
        "estimated beside the effect.",
        "buffer_metres": 150.0,
    },
    "arms": [
        {
            "id": TREATMENT,
            "label": "Patrol day",
            "role": "treatment",
            "must_happen": ["Visits on foot on the drawn day", "GPS on all shift"],
            "must_not_happen": ["Visits put off to another day"],
            "dosage": {"measure": "Patrol minutes at the place on a patrol day, from GPS"},
            "deliverer": "Officers of the directed shift",
            "training": "A briefing before the first shift, and the day’s list at each shift.",
            "modification_rules": {
                "text": "A day with a major incident is not made up for; it stays in its arm and is logged."
            },
        },
        {
            "id": CONTROL,
            "label": "Day without",
            "role": "business_as_usual",
            "must_happen": ["Response to calls as before"],
            "must_not_happen": ["Directed patrol"],
        },
    ],
    "allocation": {
        "method": "crossover",
        "ratio": EQUAL,
        "crossover": {"days": 84, "block_days": 4, "max_run": 3, "washout_days": 0},
        "who_enrols": "The crime analyst",
    },
    "eligibility": {
        "include": ["A place with crime in public on most days", "At most 150 metres across"],
        "exclude": ["Another operation is planned there during the trial"],
        "intake": {
            "source": "Crime records of the last 12 months, mapped",
            "screener": "The crime analyst, and an inspector who knows the places",
            "registrar": "The trial manager, who uploads the list",
        },
    },
    "outcomes": [
        crime(
            "incidents",
            "Crime and disorder in public",
            "recorded-crime",
            id="O1",
            role="primary",
            family="primary",
            definition="Recorded crime and anti-social behaviour in public at the place, by the day of the incident.",
            unit="incidents",
            **_DAILY,
        ),
        {**COMPLAINTS, **_DAILY},
    ],
    "safety": {"guardrails": GUARDRAILS},
    "estimand": {
        "population": "The listed places, on the days of the trial",
        "treatment": "A day drawn for patrol, against a day without",
        "outcome": "Crime and disorder on that day",
        "summary_measure": "Difference in the mean of a day",
        "intercurrent_events": "Ignored: every day counts in the arm that it was drawn to, whatever was delivered.",
        "kind": "ITT",
    },
    "analysis_plan": plan(
        {"unit": "place", "period": "day", "arm": "arm"},
        [
            {
                "id": "H1",
                "role": "primary",
                "family": "primary",
                "outcome": "incidents",
                "estimand": "ITT",
                "estimator": "crossover",
                "covariance": "CR2",
            },
            {
                "id": "H1-draws",
                "role": "sensitivity",
                "family": "sensitivity",
                "outcome": "incidents",
                "estimand": "ITT",
                "estimator": "crossover",
                "covariance": "randomisation",
            },
        ],
        ["allocation_match"],
    ),
    "treatment_measure": {
        **PATROL_MINUTES,
        "unit": "Patrol minutes at the place, each day",
        "auditor": "An analyst outside the patrol team, who checks one day in twenty by hand",
    },
}

PLACE_DAY_CROSSOVER = Template(
    "place-day-crossover",
    "Places and days, drawn day by day",
    "A few places, each with and without the tactic on days that are drawn. For tactics whose effect ends overnight.",
    merged(COMMON, DRAWN, _OWN),
)

"""Four British trials typed in as protocols, from published facts alone.

Southend: Basford, Sims, Agar, Harinam and Strang 2021, Cambridge Journal of Evidence-Based Policing 5.
Operation Rowan: Bland, Leggetter, Cestaro and Sebire 2021, the same, 5:93-118.
Kent: Rothwell, McFadzien, Strang, Hooper and Pughsley 2022, the same, 6.
Clear Hold Build: England and Corcoran 2025, Home Office (13 pilot sites in 10 forces); that areas are compared by a
staggered difference-in-differences is this exercise's design, not theirs.

What is not known from there is "Not stated in the published account" or, where a number, day or choice must be typed,
invented for this exercise: smallest effects, doses, floors, the rehearsal, who pays whom, days where only the year is
published, and whatever the templates suggest. `provenance` says of each value which of the two it is. No result is in
here.
"""

from typing import Any

from experiments.protocol.templates import template
from experiments.protocol.templates.template import merged

UNSTATED = "Not stated in the published account."
EXCUSED = {"text": "", "not_applicable_because": UNSTATED}


def _local(
    *, title: str, summary: str, force: str, area: str, source: str, days: tuple[str, str, str]
) -> dict[str, Any]:
    first, last, followed = days
    dates = {"first_unit": first, "intervention_start": first, "intervention_end": last}
    dates |= {"follow_up_end": followed, "primary_completion": followed, "data_lock": followed}
    return {
        "title": {"public_title": title, "scientific_title": f"{title}, {area}", "plain_summary": summary},
        "tactic": {"slug": "tactic", "version": 1},
        "team": {
            "sponsor": UNSTATED,
            "senior_sponsor": UNSTATED,
            "people": [{"name": source, "role": "principal_investigator"}],
            "independence": "other",
            "public_involvement": EXCUSED,
        },
        "funding": {
            "sources": [UNSTATED],
            "conflicts": EXCUSED,
            "paid_by_implementer": False,
            "publication_agreement": True,
            "publication_terms": f"Published: {source}",
        },
        "problem": {"problem_types": ["serious-violence"], "prior_evidence": [UNSTATED]},
        "sites": [{"force": force, "area": area, "country": "England and Wales"}],
        "safety": {"oversight_group": EXCUSED},
        "sample_size": {"mde": 0.2, "method": UNSTATED},
        "dates": {name: {"date": value} for name, value in dates.items()},
        "data": {"outcome_data_seen": "analysed", "assignment_data_seen": "analysed"},
        "ethics": {
            "decision": "pending",
            "dpia_reference": UNSTATED,
            "equality_impact_reference": UNSTATED,
            "legal_power": EXCUSED,
        },
    }


def _typed(slug: str, *parts: dict[str, Any]) -> dict[str, Any]:
    found = template(slug)
    assert found is not None
    document = merged(found.document, *parts)
    dose = {"planned": 1.0, "min_acceptable": 0.6}
    arms = [
        {**arm, "dosage": {**dose, **arm["dosage"]}} if "dosage" in arm else arm for arm in document["arms"]
    ]
    outcomes = [
        {"min_worthwhile_effect": 0.1, **one} if one["role"] == "primary" else one
        for one in document["outcomes"]
    ]
    return {**document, "arms": arms, "outcomes": outcomes}


SOUTHEND = _typed(
    "place-day-crossover",
    _local(
        title="One foot patrol a day at hot spots of harm",
        summary="Each day a draw decides which of 20 places in Southend get a foot patrol. Days with and without "
        "a patrol are compared.",
        force="essex",
        area="Southend-on-Sea",
        source="Basford, Sims, Agar, Harinam and Strang 2021",
        days=("2020-01-01", "2020-03-30", "2020-03-30"),
    ),
    {
        "sample_size": {"planned_units": 20, "planned_observations": 1800},
        "design": {"unit_of_assignment": "Hot spot of 150 m and day: 720 of 1,800 treated"},
        "allocation": {
            "ratio": [{"arm": "T", "share": 2}, {"arm": "C", "share": 3}],
            "crossover": {"days": 90, "block_days": 5, "max_run": 4, "first_day": "2020-01-01"},
        },
    },
)
ROWAN = _typed(
    "place-day-crossover",
    _local(
        title="Fifteen minutes of foot patrol a day (Operation Rowan)",
        summary="Each day a draw decides which 7 of 21 areas in Bedfordshire get a foot patrol of fifteen minutes. "
        "Days with and without a patrol are compared.",
        force="bedfordshire",
        area="21 lower layer super output areas",
        source="Bland, Leggetter, Cestaro and Sebire 2021",
        days=("2020-11-09", "2021-02-06", "2021-02-06"),
    ),
    {
        "problem": {"harm_measure": "cambridge_chi"},
        "sample_size": {"planned_units": 21, "planned_observations": 1890},
        "design": {
            "unit_of_assignment": "LSOA and day: 630 of 1,890 treated, 7 of 21 areas each day",
            "buffer_metres": 100.0,
        },
        "allocation": {
            "ratio": [{"arm": "T", "share": 1}, {"arm": "C", "share": 2}],
            "crossover": {"days": 90, "block_days": 6, "max_run": 5, "first_day": "2020-11-09"},
        },
    },
)
CLEAR_HOLD_BUILD = _typed(
    "staggered-did",
    _local(
        title="Clear Hold Build",
        summary="Thirteen areas in ten forces take up Clear Hold Build one after the other. Areas are compared "
        "before and after their start with areas that have not started.",
        force="west-yorkshire",
        area="13 pilot sites across 10 forces; this site stands for them",
        source="England and Corcoran 2025",
        days=("2023-01-01", "2024-12-31", "2024-12-31"),
    ),
    {"sample_size": {"planned_units": 26}, "qed": {"data_already_seen": "analysed"}},
)
_SATISFIED = {
    "id": "O1",
    "name": "Victim satisfied",
    "outcome_domain": "victim-satisfaction",
    "role": "primary",
    "family": "primary",
    "definition": "Whether the victim says, by telephone, that they are satisfied with the response.",
    "data_source": "Telephone interview",
    "recorded_by": "self_report",
    "recording_rule": UNSTATED,
    "unit": "victims",
    "aggregation": "One answer for each victim",
    "level": "unit",
    "timepoint": "At the telephone follow-up",
    "measure": "binary",
    "direction_of_benefit": "higher",
    "column": "satisfied",
    "subject": "person",
}
KENT = _typed(
    "hot-spot-rct",
    _local(
        title="Rapid video response to domestic abuse",
        summary="Callers about domestic abuse who agree get, by lot, a video call with an officer at once or the "
        "usual visit. We ask whether they are satisfied.",
        force="kent",
        area="Kent",
        source="Rothwell, McFadzien, Strang, Hooper and Pughsley 2022",
        days=("2021-01-01", "2022-06-30", "2022-06-30"),
    ),
    {
        "problem": {
            "problem_types": ["domestic-abuse", "calls-and-response"],
            "theory_of_change": "An officer is seen sooner.",
            "hypotheses": [{"treatment": "T", "direction": "more", "outcome": "O1", "comparator": "C"}],
        },
        "design": {
            "design": "rct_individual",
            "unit_type": "victim",
            "unit_of_assignment": "Call of a victim",
            "unit_of_analysis": "Victim",
            "unit_of_intervention": "Victim",
            "timing": "trickle",
            "contamination_plan": UNSTATED,
            "buffer_metres": None,
        },
        "arms": [
            {
                "id": "T",
                "label": "Rapid video response",
                "role": "treatment",
                "must_happen": ["A video call with an officer at once"],
                "dosage": {"measure": "Video call made (1 or 0)"},
                "deliverer": "Kent Police",
                "modification_rules": EXCUSED,
            },
            {"id": "C", "label": "Usual response", "role": "business_as_usual", "must_happen": ["A visit"]},
        ],
        "allocation": {
            "method": "permuted_blocks",
            "strata": [],
            "block_sizes": [4, 6],
            "who_enrols": UNSTATED,
        },
        "eligibility": {
            "include": ["Calls about domestic abuse whose victim consents"],
            "exclude": [UNSTATED],
            "intake": {
                "source": "Calls to Kent Police: 749 eligible, 560 consented, 517 randomised",
                "screener": UNSTATED,
                "registrar": UNSTATED,
                "dry_run_expected": 10,
                "dry_run_processed": 10,
            },
        },
        "outcomes": [_SATISFIED],
        "covariates": [],
        "safety": {"guardrails": []},
        "sample_size": {"planned_units": 517},
        "estimand": {
            "population": "Consenting victims",
            "treatment": "Rapid video response, against the usual response",
            "outcome": "Satisfied",
            "summary_measure": "Difference in proportions",
        },
        "analysis_plan": {
            "plan_version": 1,
            "columns": {"unit": "case", "arm": "arm"},
            "arms": {"control": "C", "treatments": ["T"]},
            "alpha": 0.05,
            "multiplicity": "none",
            "seed": 20_260_101,
            "estimates": [
                {
                    "id": "H1",
                    "role": "primary",
                    "family": "primary",
                    "outcome": "satisfied",
                    "estimand": "ITT",
                    "estimator": "difference_in_means",
                    "covariance": "HC2",
                }
            ],
            "checks": ["sample_ratio"],
        },
        "treatment_measure": {
            "method": "rms",
            "unit": "Video calls made",
            "frequency": UNSTATED,
            "auditor": UNSTATED,
            "reliability": EXCUSED,
            "viewers": [UNSTATED],
        },
    },
)
REAL = {"southend": SOUTHEND, "rowan": ROWAN, "kent": KENT, "clear-hold-build": CLEAR_HOLD_BUILD}

"""The protocol that the walk registers around the given plan: a staggered roll-out, known to be retrospective."""

from typing import Any

from experiments.stats.plan import Plan

NOTICE = "Real data, demonstration only: not evidence about UK policing"
COUNTRY = "United States"
# How each known column of the panel is called, and the outcome domain that the library rates it under.
OUTCOMES = {
    "complaints": ("Complaints for each officer and month", "complaints", "complaints"),
    "sustained": (
        "Sustained complaints for each officer and month",
        "sustained-complaints",
        "sustained complaints",
    ),
    "force": ("Uses of force for each officer and month", "use-of-force", "uses of force"),
}
NO_PERSON = {"not_applicable_because": "The data are published and de-identified; nobody is contacted."}


def document(
    *, title: str, tactic: str, tactic_version: int, force: str, plan: Plan, source: str, n_units: int
) -> dict[str, Any]:
    """Return a complete protocol. `source` says where the data come from."""
    outcomes = [_outcome(column, role) for column, role in _outcomes(plan).items()]
    return {
        "title": {
            "public_title": title,
            "scientific_title": f"{title}: a staggered roll-out analysed as registered",
            "plain_summary": (
                "This record takes a published panel of real data from another country through the registry, to "
                "show that the whole way works. It is a demonstration and no evidence about UK policing."
            ),
        },
        "tactic": {"slug": tactic, "version": tactic_version},
        "team": {
            "sponsor": "Demonstration by the registry's maintainers",
            "senior_sponsor": "None: published data",
            "people": [
                {"name": "Walk trial lead", "organisation": "Demonstration", "role": "principal_investigator"}
            ],
            "independence": "other",
            "public_involvement": NO_PERSON,
        },
        "funding": {
            "sources": ["None"],
            "conflicts": {"text": "None"},
            "paid_by_implementer": False,
            "publication_agreement": True,
        },
        "problem": {
            "problem_types": ["trust"],
            "harm_measure": "count",
            "hypotheses": [
                {
                    "treatment": "trained",
                    "direction": "less",
                    "outcome": item["id"],
                    "comparator": "not-yet-trained",
                }
                for item in outcomes
            ],
            "framework": "superiority",
            "theory_of_change": "Officers who listen and explain give less cause for complaint and need less force.",
            "prior_evidence": [source],
        },
        "design": {
            "design": "did_staggered",
            "unit_type": "officer",
            "unit_of_assignment": "Officer",
            "unit_of_analysis": "Officer and month",
            "unit_of_intervention": "Officer",
            "timing": "steps",
            "blinded": {
                name: {"is_blinded": False}
                for name in ("recipient", "deliverer", "outcome_assessor", "analyst", "data_manager")
            },
            "unblinding_procedure": {"not_applicable_because": "Nobody is blinded."},
            "contamination_plan": "None: the data are published.",
        },
        "arms": [_trained(), _waiting()],
        "allocation": {"method": "none"},
        "qed": {
            "pre_periods_n": 12,
            "post_periods_n": 60,
            "comparison_units": "not_yet_treated",
            "comparison_pool": "Officers who are trained later",
            "selection_rule": "Everyone not yet trained in the period",
            "treatment_start_source": source,
            "parallel_trends_test": "Joint test of the estimates before training",
            "placebos": [{"kind": "earlier_start", "description": "Effects before training"}],
            "data_already_seen": "analysed",
        },
        "eligibility": {
            "include": ["Every officer of the published balanced panel"],
            "intake": {"source": source, "screener": "Its authors", "registrar": "Its authors"},
        },
        "sites": [{"force": force, "area": "Whole force", "country": COUNTRY}],
        "outcomes": outcomes,
        "covariates": [],
        "safety": {"harms": {"text": "Uses of force are an outcome."}, "oversight_group": NO_PERSON},
        "sample_size": {
            "planned_units": n_units,
            "mde": 0.1,
            "alpha": plan.alpha,
            "power": 0.8,
            "method": "All published data.",
        },
        "estimand": {
            "population": "Officers of the panel",
            "treatment": "Trained against not yet trained",
            "outcome": outcomes[0]["name"],
            "summary_measure": "Difference in the monthly mean",
            "intercurrent_events": "The panel is balanced: officers who left are not in it.",
            "kind": "ATT",
        },
        "analysis_plan": dict(plan.document),
        "analysis_documents": {
            "sap": {"not_applicable_because": "The registered plan runs as it is and is the whole plan."},
            "code": {"not_applicable_because": "The registry's own engine runs the plan."},
        },
        "treatment_measure": {
            "method": "rms",
            "unit": "Days of training, as published",
            "frequency": "Once for each officer",
            "auditor": "Nobody here: published data",
            "reliability": {"not_applicable_because": "It is not published."},
            "viewers": ["Everybody: published data"],
        },
        "decision": {
            "integrity_floor": 0.6,
            "attrition_boundary": "cautious",
            "decision_rule": "None: a demonstration.",
            "interim": {"not_applicable_because": "The data are complete."},
        },
        "dates": {
            "first_unit": {"date": "2012-01-01", "type": "actual"},
            "intervention_start": {"date": "2012-01-01", "type": "actual"},
            "intervention_end": {"date": "2016-12-31", "type": "actual"},
            "follow_up_end": {"date": "2016-12-31", "type": "actual"},
            "primary_completion": {"date": "2016-12-31", "type": "actual"},
            "data_lock": {"date": "2016-12-31", "type": "actual"},
        },
        # Said plainly: these data were analysed and published long before this registration.
        "data": {
            "outcome_data_seen": "analysed",
            "assignment_data_seen": "analysed",
            "sharing": "no",
            "sharing_statement": f"Published elsewhere: {source}",
            "licence": "none",
            "dissemination": "Shown in this registry as a demonstration, and nowhere else.",
        },
        "ethics": {
            "decision": "exempt",
            "body": "None: published data",
            "dpia_reference": "Not needed: published data",
            "equality_impact_reference": "Not needed: published data",
            "legal_power": NO_PERSON,
        },
    }


def unknown_outcomes(plan: Plan) -> list[str]:
    """Return the outcome columns of the plan that no outcome domain is known for."""
    return [column for column in _outcomes(plan) if column not in OUTCOMES]


def _outcomes(plan: Plan) -> dict[str, str]:
    """Return each outcome column with its role: primary where any of its estimates is."""
    roles: dict[str, str] = {}
    for spec in plan.estimates:
        role = spec.role if spec.role in ("primary", "harm", "guardrail") else "secondary"
        roles[spec.outcome] = "primary" if "primary" in (role, roles.get(spec.outcome)) else role
    return roles


def _outcome(column: str, role: str) -> dict[str, Any]:
    name, domain, unit = OUTCOMES[column]
    return {
        "id": column,
        "name": name,
        "outcome_domain": domain,
        "role": role,
        "family": column,
        "definition": f"{name}, as published.",
        "data_source": "The published panel",
        "recorded_by": "official_records",
        "unit": unit,
        "aggregation": "Sum for each officer and month",
        "level": "unit",
        "recording_rule": "As the department recorded it; changes of its rules are not known here.",
        "min_worthwhile_effect": 0.01,
        "timepoint": "Each month from training to the end of the panel",
        "measure": "count",
        "direction_of_benefit": "lower",
        "column": column,
        "subject": "person",
    }


def _trained() -> dict[str, Any]:
    return {
        "id": "trained",
        "label": "Trained",
        "role": "treatment",
        "must_happen": ["A day of procedural-justice training"],
        "dosage": {"measure": "Days of training", "planned": 1.0, "min_acceptable": 1.0},
        "deliverer": "The force's academy",
        "modification_rules": {"not_applicable_because": "The training is over."},
    }


def _waiting() -> dict[str, Any]:
    return {
        "id": "not-yet-trained",
        "label": "Not yet trained",
        "role": "waitlist",
        "must_happen": ["Usual practice until the training"],
    }

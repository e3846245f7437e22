"""A complete protocol document for a simulated trial."""

import datetime as dt
from typing import Any

from experiments.management.sample.plans import OutcomePlan, TrialPlan

TREATMENT, CONTROL = "treatment", "control"
NOT_APPLICABLE = {"not_applicable_because": "The trial is simulated: no person takes part."}


def document(plan: TrialPlan, *, tactic: str, tactic_version: int, today: dt.date) -> dict[str, Any]:
    """Return the protocol. The simulated calendar is one day long, so that the programme is whole at once."""
    did = plan.design.startswith("did")
    return {
        "title": {
            "public_title": plan.title,
            "scientific_title": f"{plan.hypothesis}: a simulated trial in an invented force",
            "plain_summary": (
                f"This trial is simulated: the force is invented and a program made the data. It asks whether "
                f"“{plan.treatment.lower()}” does better than “{plan.control.lower()}”. It shows how a trial passes "
                "through the registry and is evidence about nothing."
            ),
        },
        "tactic": {"slug": tactic, "version": tactic_version},
        "team": {
            "sponsor": f"Sample evaluation team {plan.force.title()}",
            "senior_sponsor": "An invented assistant chief constable",
            "people": [
                {
                    "name": "Sample investigator",
                    "organisation": "Sample evaluation team",
                    "role": "principal_investigator",
                }
            ],
            "independence": "dual_partnership",
            "public_involvement": NOT_APPLICABLE,
        },
        "funding": {
            "sources": ["None: simulated"],
            "conflicts": {"text": "None"},
            "paid_by_implementer": False,
            "publication_agreement": True,
            "publication_terms": "Published whatever it shows.",
        },
        "problem": {
            "problem_types": list(plan.problems),
            "harm_measure": "count",
            "hypotheses": [_hypothesis(plan, outcome) for outcome in plan.outcomes],
            "framework": "superiority",
            "theory_of_change": plan.hypothesis + ".",
            "prior_evidence": ["None: the tactic is invented"],
        },
        "design": {
            "design": plan.design,
            "unit_type": plan.unit_type,
            "unit_of_assignment": "beat" if plan.n_clusters else plan.unit_word,
            "unit_of_analysis": plan.unit_word,
            "unit_of_intervention": plan.unit_word,
            "timing": "trickle" if plan.cases else "steps" if did else "single_batch",
            "blinded": _blinded(),
            "unblinding_procedure": NOT_APPLICABLE,
            "contamination_plan": "None is needed: the simulation keeps the arms apart.",
            "buffer_metres": plan.buffer_metres,
        },
        "arms": [_arm(plan, TREATMENT, plan.treatment), _arm(plan, CONTROL, plan.control)],
        "allocation": _allocation(plan),
        "qed": _qed() if did else {},
        "eligibility": {**_eligibility(plan), "intake": _intake(plan)},
        "sites": [
            {
                "force": plan.force,
                "area": "Whole force",
                "country": "England and Wales",
                "start": {"date": today.isoformat()},
            }
        ],
        "outcomes": [_outcome(outcome) for outcome in plan.outcomes],
        "covariates": [
            {"column": column, "name": name, "measure": measure} for column, name, measure in plan.covariates
        ],
        "safety": {
            "harms": {"text": "Complaints and injuries would be watched."},
            "oversight_group": NOT_APPLICABLE,
        },
        "sample_size": {
            "planned_units": plan.n_units,
            "planned_clusters": plan.n_clusters,
            "icc": 0.02 if plan.n_clusters else None,
            "icc_source": "The simulation" if plan.n_clusters else "",
            "mde": 0.15,
            "alpha": 0.05,
            "power": 0.8,
            "method": "Chosen so that the simulated effect can be seen.",
        },
        "estimand": {
            "population": f"Every listed {plan.unit_word}",
            "treatment": f"{plan.treatment} against {plan.control.lower()}",
            "outcome": plan.outcomes[0].name,
            "summary_measure": "Rate ratio"
            if plan.outcomes[0].measure == "count" and not did
            else "Difference",
            "intercurrent_events": "Ignored: everyone counts in the arm they were given.",
            "kind": "ATT" if did else "ITT",
        },
        "analysis_plan": _analysis_plan(plan),
        "analysis_documents": {
            "sap": {"not_applicable_because": "The registered plan runs as it is and is the whole plan."},
            "code": {"not_applicable_because": "The registry's own engine runs the plan."},
        },
        "treatment_measure": {
            "method": "log",
            "unit": plan.dose,
            "frequency": "Once, at the end of the simulation",
            "auditor": "Sample evaluation team",
            "reliability": NOT_APPLICABLE,
            "viewers": ["Sample evaluation team"],
        },
        "decision": {
            "integrity_floor": 0.6,
            "attrition_boundary": "cautious",
            "decision_rule": "A benefit moves the tactic up in the library; harm takes it off.",
            "interim": {"not_applicable_because": "No interim look is planned."},
        },
        "dates": {
            name: {"date": today.isoformat()}
            for name in (
                "first_unit",
                "intervention_start",
                "intervention_end",
                "follow_up_end",
                "primary_completion",
                "data_lock",
            )
        },
        "data": {
            "outcome_data_seen": "none",
            "assignment_data_seen": "none",
            "sharing": "yes",
            "shared_items": ["The simulated outcomes"],
            "shared_when": "When the result is published",
            "access": "Anybody may have them.",
            "licence": "ogl_3",
            "sharing_statement": "Simulated data may be shared freely.",
            "dissemination": "Shown in this registry as a sample, and nowhere else.",
        },
        "ethics": {
            "body": "None",
            "decision": "exempt",
            "dpia_reference": "Not needed: simulated",
            "equality_impact_reference": "Not needed: simulated",
            "legal_power": NOT_APPLICABLE,
        },
    }


def _hypothesis(plan: TrialPlan, outcome: OutcomePlan) -> dict[str, Any]:
    expected = "no_worse" if outcome.role == "harm" else "less" if outcome.better == "lower" else "more"
    return {"treatment": TREATMENT, "direction": expected, "outcome": outcome.id, "comparator": CONTROL}


def _arm(plan: TrialPlan, code: str, label: str) -> dict[str, Any]:
    arm: dict[str, Any] = {
        "id": code,
        "label": label,
        "role": "treatment" if code == TREATMENT else "business_as_usual",
        "must_happen": [label],
    }
    if code == TREATMENT:
        arm |= {
            "dosage": {"measure": plan.dose, "planned": 1.0, "min_acceptable": 0.6},
            "deliverer": "Sample teams",
            "modification_rules": {"not_applicable_because": "Nothing is modified in a simulation."},
            "must_not_happen": [plan.control],
        }
    return arm


def _intake(plan: TrialPlan) -> dict[str, Any]:
    found: dict[str, Any] = {
        "source": "The invented force's list",
        "screener": "Nobody: the list is complete",
        "registrar": "The program that makes the list",
    }
    return {**found, "dry_run_expected": 12, "dry_run_processed": 12} if plan.cases else found


def _blinded() -> dict[str, Any]:
    nobody = ("recipient", "deliverer", "outcome_assessor", "data_manager")
    analyst = {"is_blinded": True, "how": "The arms have no names until the data are locked."}
    return {**{name: {"is_blinded": False} for name in nobody}, "analyst": analyst}


def _allocation(plan: TrialPlan) -> dict[str, Any]:
    if plan.method == "none":
        return {"method": "none"}
    by_case = {}
    if plan.cases:
        by_case = {
            "block_sizes": list(plan.cases.block_sizes),
            "factors": [{"name": name, "levels": list(levels)} for name, levels in plan.cases.factors],
            "who_enrols": "The custody sergeant of the invented force",
        }
    return {
        "method": plan.method,
        "ratio": [{"arm": TREATMENT, "share": 1}, {"arm": CONTROL, "share": 1}],
        "strata": list(plan.strata),
        "clusters_n": plan.n_clusters,
        "concealment": "The custodian alone can read the list until the data are locked.",
        "concealment_level": "registry",
        "who_enrols": "Nobody: the list is complete before the draw.",
        "who_assigns": "The registry's draw",
        "custodian": "Sample allocation custodian",
        **by_case,
    }


def _eligibility(plan: TrialPlan) -> dict[str, Any]:
    if plan.cases:
        return {"include": list(plan.cases.include), "exclude": list(plan.cases.exclude)}
    return {"include": [f"Every {plan.unit_word} of the invented force's list"]}


def _qed() -> dict[str, Any]:
    return {
        "pre_periods_n": 6,
        "post_periods_n": 6,
        "comparison_units": "not_yet_treated",
        "comparison_pool": "Officers who are trained later",
        "selection_rule": "Everyone who is not yet trained",
        "treatment_start_source": "Training roster",
        "parallel_trends_test": "Joint test of the event-study leads",
        "placebos": [{"kind": "earlier_start", "description": "Effects before training"}],
        "data_already_seen": "none",
    }


def _outcome(outcome: OutcomePlan) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "name": outcome.name,
        "outcome_domain": outcome.domain,
        "role": outcome.role,
        "family": outcome.role,
        "definition": f"{outcome.name}, as the simulation writes them.",
        "data_source": outcome.source,
        "recorded_by": outcome.recorded_by,
        "recording_rule": "The simulation counts every event once.",
        "unit": outcome.unit,
        "aggregation": "As named",
        "level": "unit",
        "timepoint": "End of the simulated follow-up",
        "measure": outcome.measure,
        "direction_of_benefit": outcome.better,
        "min_worthwhile_effect": 0.1,
        "is_proxy": outcome.proxy,
        "validity_note": "It stands in for the outcome that is meant." if outcome.proxy else "",
        "column": outcome.column,
        "subject": outcome.subject,
    }


def _analysis_plan(plan: TrialPlan) -> dict[str, Any]:
    estimates = [
        {
            "family": estimate["role"],  # a sensitivity analysis must not cost the primary one anything
            "outcome": outcome.column,
            "estimand": "ATT" if plan.design.startswith("did") else "ITT",
            **estimate,
        }
        for outcome in plan.outcomes
        for estimate in outcome.estimates
    ]
    found: dict[str, Any] = {
        "plan_version": 1,
        "columns": dict(plan.columns),
        "alpha": 0.05,
        "multiplicity": "holm",
        "seed": 20_260_101,
        "estimates": estimates,
        "checks": list(plan.checks),
    }
    if "arm" in plan.columns:
        found["arms"] = {"control": CONTROL, "treatments": [TREATMENT]}
    return found

"""What trials of police tactics have in common, whatever their design."""

from typing import Any

from experiments.protocol.templates.template import Document

TREATMENT, CONTROL = "T", "C"

COMMON: Document = {
    "problem": {"harm_measure": "count", "framework": "superiority"},
    "design": {
        "blinded": {
            "recipient": {"is_blinded": False, "how": "They see what the police do."},
            "deliverer": {"is_blinded": False, "how": "They have to know where, when or how to act."},
            "outcome_assessor": {
                "is_blinded": True,
                "how": "Outcomes are recorded for other purposes, by staff who do not know of the arms.",
            },
            "analyst": {
                "is_blinded": True,
                "how": "Arms have codes without names until the data are locked.",
            },
            "data_manager": {"is_blinded": False, "how": "They join the data with the allocation."},
        },
        "unblinding_procedure": {
            "text": "The custodian names the arms to the analyst at the data lock. Before it only the oversight "
            "group "
            "may ask, in writing, for the safety of somebody; it is recorded."
        },
    },
    "sample_size": {"alpha": 0.05, "power": 0.8},
    "analysis_documents": {
        "sap": {
            "not_applicable_because": "The plan in this protocol runs as it is registered and is the whole "
            "analysis plan."
        },
        "code": {
            "not_applicable_because": "The registry’s own engine, whose version is in each result, runs the plan."
        },
    },
    "decision": {
        "integrity_floor": 0.6,
        "attrition_boundary": "cautious",
        "decision_rule": "Benefit, with an interval on the right side of nought and beyond the smallest effect worth "
        "having: propose the tactic for adoption. No clear effect: do not extend it; publish. Harm, or a guardrail "
        "passed: stop the tactic. Delivery below the integrity floor: no test of the tactic, whatever the outcome.",
        "interim": {"method": "fixed"},
    },
    "safety": {
        "harms": {
            "text": "Complaints, injuries of officers and of the public, use of force, and stops and searches "
            "with the "
            "ethnicity of those concerned: counted in every arm each month and read by the oversight group."
        }
    },
    "data": {
        "sharing": "yes",
        "shared_items": [
            "Outcomes by unit and period, without personal data",
            "The allocation",
            "The analysis plan",
        ],
        "shared_when": "When the results are published",
        "access": "For everybody, from this registry, after the check of small numbers.",
        "licence": "ogl_3",
        "dissemination": "Results are published here whatever they show; a briefing goes to the force and a short "
        "version in plain words to the public.",
    },
}

DRAWN: Document = {
    "allocation": {
        "concealment_level": "registry",
        "concealment": "The registry draws after the unit list is frozen; nobody can see or choose an arm before.",
        "who_assigns": "The registry’s draw, once the custodian starts it",
        "custodian": "The allocation custodian of the Centre, who does not analyse",
    }
}
EQUAL = [{"arm": TREATMENT, "share": 1}, {"arm": CONTROL, "share": 1}]
NOT_DRAWN: Document = {"allocation": {"method": "none"}}

COMPLAINTS: Document = {
    "id": "G1",
    "name": "Complaints about officers",
    "outcome_domain": "complaints",
    "role": "guardrail",
    "family": "guardrails",
    "definition": "Complaints by the public about an officer’s conduct, by the day of the conduct.",
    "data_source": "Complaints system of the professional standards department",
    "recorded_by": "official_records",
    "recording_rule": "As recorded under the statutory guidance on complaints; changes during the trial are listed.",
    "unit": "complaints",
    "measure": "count",
    "direction_of_benefit": "lower",
    "column": "complaints",
    "subject": "person",
}
GUARDRAILS: list[Document] = [
    {
        "outcome": "G1",
        "threshold": "In the treatment arm, twice as many as in the comparison arm, and at least ten more",
        "action": "pause",
    }
]


def crime(column: str, name: str, domain: str, **places: Any) -> Document:
    """Return an outcome that is counted in the crime records."""
    return {
        "name": name,
        "outcome_domain": domain,
        "data_source": "Crime recording system of the force",
        "recorded_by": "official_records",
        "recording_rule": "Home Office Counting Rules as in force on the first day; a change of the rules or of "
        "recording practice during the trial is listed with its date.",
        "unit": "crimes",
        "measure": "count",
        "direction_of_benefit": "lower",
        "column": column,
        "subject": "place",
        **places,
    }


_MONTHLY: Document = {
    "aggregation": "Count for each area and month",
    "level": "unit",
    "timepoint": "Each month",
}
# What is counted where areas are followed month by month.
AREA_MONTHS: list[Document] = [
    crime(
        "crimes",
        "All recorded crime",
        "recorded-crime",
        id="O1",
        role="primary",
        family="primary",
        definition="Recorded crime in the area, by the month of the offence.",
        **_MONTHLY,
    ),
    {**COMPLAINTS, **_MONTHLY},
]
# How patrol is measured; unit and auditor are the design's.
PATROL_MINUTES: Document = {
    "method": "gps",
    "frequency": "Every night, from the handsets",
    "reliability": {"text": "Gaps of signal are counted; a shift with more than a tenth missing is flagged."},
    "viewers": ["Trial manager", "Patrol inspector", "Oversight group"],
}


def hypothesis(outcome: str, direction: str = "less") -> Document:
    """Return what is expected of an outcome."""
    return {"treatment": TREATMENT, "direction": direction, "outcome": outcome, "comparator": CONTROL}


def plan(
    columns: Document, estimates: list[Document], checks: list[str], *, has_arms: bool = True
) -> Document:
    """Return an analysis plan of the contract."""
    arms = {"arms": {"control": CONTROL, "treatments": [TREATMENT]}} if has_arms else {}
    return {
        "plan_version": 1,
        "columns": columns,
        **arms,
        "alpha": 0.05,
        "multiplicity": "holm",
        "seed": 20_260_101,
        "estimates": estimates,
        "checks": checks,
    }

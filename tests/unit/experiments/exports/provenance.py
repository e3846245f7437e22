"""Where each value of the four typed trials comes from: PUBLISHED, with its source, or INVENTED for the test.

A value is named by its JSON pointer. An anchor of INVENTED takes in all that stands under it, so that a new field of a
template has to be placed in one of the two before the tests pass. What is blank, or says that the published account
does not state it, is neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.unit.experiments.exports.real_trials import UNSTATED

_WHOLE = ("/analysis_plan",)  # one answer, in a language of its own


@dataclass(frozen=True, slots=True)
class Published:
    """A fact: `typed` stands in the protocol, and `said` in a column of the list of published UK trials."""

    typed: str
    column: str
    said: str


# The row of the list (`uk_trials.csv`) for each trial; its column `citation` names the paper.
ROWS = {
    "southend": "southend-hotspots",
    "rowan": "op-rowan",
    "kent": "kent-rvr",
    "clear-hold-build": "clear-hold-build",
}
PUBLISHED: dict[str, dict[str, Published]] = {
    "southend": {
        "/design/design": Published("crossover", "design", "crossover"),
        "/design/unit_of_assignment": Published("720 of 1,800", "n_treated", "720"),
        "/design/unit_type": Published("place_day", "unit", "hot spot-day"),
        "/sample_size/planned_units": Published("20", "duration", "20 hot spots"),
        "/sample_size/planned_observations": Published("1800", "n_total", "1800"),
        "/allocation/ratio/0/share": Published("2", "n_treated", "720"),  # 720 to 1,080 is 2 to 3
        "/allocation/ratio/1/share": Published("3", "n_control", "1080"),
        "/allocation/crossover/days": Published("90", "duration", "90 days"),
        "/team/people/0/name": Published("Basford", "citation", "Basford"),
        "/funding/publication_terms": Published("Basford", "citation", "Basford"),
        "/sites/0/force": Published("essex", "force", "Essex"),
        "/sites/0/area": Published("Southend", "note", "Southend, Essex"),
        "/dates/first_unit/date": Published("2020", "year_run", "2020"),  # the year; the day is estimated
    },
    "rowan": {
        "/title/public_title": Published("Operation Rowan", "title", "Operation Rowan"),
        "/problem/harm_measure": Published("cambridge_chi", "outcome", "CCHI"),
        "/design/design": Published("crossover", "design", "crossover"),
        "/design/unit_of_assignment": Published("630 of 1,890", "n_treated", "630"),
        "/design/unit_type": Published("place_day", "unit", "LSOA-day"),
        "/design/buffer_metres": Published("100", "note", "100 m buffer"),
        "/sample_size/planned_units": Published("21", "duration", "21 LSOAs"),
        "/sample_size/planned_observations": Published("1890", "n_total", "1890"),
        "/allocation/ratio/0/share": Published("1", "n_treated", "630"),  # 630 to 1,260 is 1 to 2
        "/allocation/ratio/1/share": Published("2", "n_control", "1260"),
        "/allocation/crossover/days": Published("90", "duration", "90 days"),
        "/allocation/crossover/first_day": Published("2020-11-09", "year_run", "2020-11-09"),
        "/team/people/0/name": Published("Bland", "citation", "Bland"),
        "/funding/publication_terms": Published("Bland", "citation", "Bland"),
        "/sites/0/force": Published("bedfordshire", "force", "Bedfordshire"),
        "/sites/0/area": Published("21 lower layer super output areas", "duration", "21 LSOAs"),
        "/dates/first_unit/date": Published("2020-11-09", "year_run", "2020-11-09"),
        "/dates/intervention_start/date": Published("2020-11-09", "year_run", "2020-11-09"),
        "/dates/intervention_end/date": Published("2021-02-06", "year_run", "2021-02-06"),
    },
    "kent": {
        "/title/public_title": Published("Rapid video response", "title", "Rapid video response"),
        "/design/design": Published("rct", "design", "RCT"),
        "/design/unit_type": Published("victim", "unit", "victim"),
        "/design/unit_of_assignment": Published("Call", "unit", "call"),
        "/allocation/method": Published("permuted_blocks", "design", "block-randomised"),
        "/eligibility/intake/source": Published(
            "749 eligible, 560 consented", "note", "749 eligible 560 consented"
        ),
        "/sample_size/planned_units": Published("517", "n_total", "517"),
        "/outcomes/0/name": Published("satisfied", "outcome", "victim satisfaction"),
        "/outcomes/0/timepoint": Published("telephone follow-up", "duration", "phone follow-up"),
        "/team/people/0/name": Published("Rothwell", "citation", "Rothwell"),
        "/funding/publication_terms": Published("Rothwell", "citation", "Rothwell"),
        "/sites/0/force": Published("kent", "force", "Kent"),
        "/sites/0/area": Published("Kent", "force", "Kent"),
        "/dates/first_unit/date": Published("2021", "year_run", "2021"),  # the year; the day is estimated
    },
    "clear-hold-build": {
        "/title/public_title": Published("Clear Hold Build", "title", "Clear Hold Build"),
        "/sites/0/area": Published(
            "13 pilot sites across 10 forces", "note", "13 pilot sites across 10 forces"
        ),
        "/team/people/0/name": Published("England", "citation", "England"),
        "/funding/publication_terms": Published("England", "citation", "England"),
        "/dates/first_unit/date": Published("2023", "year_run", "2023"),  # the year; the day is estimated
        "/dates/intervention_end/date": Published("2024", "year_run", "2024"),
    },
}
INVENTED_IN_ALL = frozenset(
    {
        "/analysis_documents",
        "/analysis_plan",
        "/arms",
        "/data",
        "/dates/data_lock",
        "/dates/follow_up_end",
        "/dates/primary_completion",
        "/decision",
        "/estimand",
        "/ethics",
        "/funding/paid_by_implementer",
        "/funding/publication_agreement",
        "/safety",
        "/sites/0/country",
        "/tactic",
        "/team/independence",
        "/team/people/0/role",
        "/treatment_measure",
    }
)
INVENTED: dict[str, frozenset[str]] = {
    "southend": frozenset(
        {
            "/allocation/concealment",
            "/allocation/concealment_level",
            "/allocation/crossover/block_days",
            "/allocation/crossover/first_day",
            "/allocation/crossover/max_run",
            "/allocation/crossover/washout_days",
            "/allocation/custodian",
            "/allocation/method",
            "/allocation/ratio/0/arm",
            "/allocation/ratio/1/arm",
            "/allocation/who_assigns",
            "/allocation/who_enrols",
            "/dates/intervention_end",
            "/dates/intervention_start",
            "/design/blinded",
            "/design/buffer_metres",
            "/design/contamination_plan",
            "/design/timing",
            "/design/unblinding_procedure",
            "/design/unit_of_analysis",
            "/design/unit_of_intervention",
            "/eligibility",
            "/outcomes",
            "/problem",
            "/sample_size/alpha",
            "/sample_size/mde",
            "/sample_size/power",
            "/title",
        }
    ),
    "rowan": frozenset(
        {
            "/allocation/concealment",
            "/allocation/concealment_level",
            "/allocation/crossover/block_days",
            "/allocation/crossover/max_run",
            "/allocation/crossover/washout_days",
            "/allocation/custodian",
            "/allocation/method",
            "/allocation/ratio/0/arm",
            "/allocation/ratio/1/arm",
            "/allocation/who_assigns",
            "/allocation/who_enrols",
            "/design/blinded",
            "/design/contamination_plan",
            "/design/timing",
            "/design/unblinding_procedure",
            "/design/unit_of_analysis",
            "/design/unit_of_intervention",
            "/eligibility",
            "/outcomes",
            "/problem/framework",
            "/problem/hypotheses",
            "/problem/problem_types",
            "/problem/theory_of_change",
            "/sample_size/alpha",
            "/sample_size/mde",
            "/sample_size/power",
            "/title/plain_summary",
            "/title/scientific_title",
        }
    ),
    "kent": frozenset(
        {
            "/allocation/block_sizes",
            "/allocation/concealment",
            "/allocation/concealment_level",
            "/allocation/custodian",
            "/allocation/ratio",
            "/allocation/who_assigns",
            "/dates/intervention_end",
            "/dates/intervention_start",
            "/design/blinded",
            "/design/timing",
            "/design/unblinding_procedure",
            "/design/unit_of_analysis",
            "/design/unit_of_intervention",
            "/eligibility/include",
            "/eligibility/intake/dry_run_expected",
            "/eligibility/intake/dry_run_processed",
            "/outcomes/0/aggregation",
            "/outcomes/0/column",
            "/outcomes/0/data_source",
            "/outcomes/0/definition",
            "/outcomes/0/direction_of_benefit",
            "/outcomes/0/family",
            "/outcomes/0/id",
            "/outcomes/0/level",
            "/outcomes/0/measure",
            "/outcomes/0/min_worthwhile_effect",
            "/outcomes/0/outcome_domain",
            "/outcomes/0/recorded_by",
            "/outcomes/0/role",
            "/outcomes/0/subject",
            "/outcomes/0/unit",
            "/problem",
            "/sample_size/alpha",
            "/sample_size/mde",
            "/sample_size/power",
            "/title/plain_summary",
            "/title/scientific_title",
        }
    ),
    "clear-hold-build": frozenset(
        {
            "/allocation",
            "/dates/intervention_start",
            "/design",
            "/eligibility",
            "/outcomes",
            "/problem",
            "/qed",
            "/sample_size",
            "/sites/0/force",
            "/title/plain_summary",
            "/title/scientific_title",
        }
    ),
}


def stated(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value that says something, with its pointer."""
    if isinstance(value, dict) and pointer not in _WHOLE:
        for name, inner in value.items():
            yield from stated(inner, f"{pointer}/{name}")
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from stated(inner, f"{pointer}/{place}")
    elif value not in ("", None, UNSTATED):
        yield pointer, value


def is_invented(trial: str, pointer: str) -> bool:
    """Return whether the value is under an anchor of what was invented."""
    anchors = INVENTED_IN_ALL | INVENTED[trial]
    return any(pointer == anchor or pointer.startswith(f"{anchor}/") for anchor in anchors)

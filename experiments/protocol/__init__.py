"""The protocol of a trial as typed data: read strictly, checked, frozen, hashed and compared. No Django."""

import datetime as dt

from centre.errors import Problem
from experiments.protocol.cautions import answer_warnings
from experiments.protocol.faults import faults
from experiments.protocol.freezing import (
    FREEZE,
    Change,
    Freeze,
    canonical_json,
    diff,
    digest,
    freeze_of,
    frozen_part,
    is_major,
)
from experiments.protocol.gaps import gaps
from experiments.protocol.interim import looks_problems
from experiments.protocol.numbers import is_trial_number, trial_number
from experiments.protocol.one_by_one import scheme_of
from experiments.protocol.planned import parsed_plan, plan_problems, plan_warnings
from experiments.protocol.reading import from_json, section_from_json, to_json
from experiments.protocol.schema import SCHEMA_VERSION, SECTIONS, Protocol
from experiments.protocol.vocabulary import Design, OutcomeRole

__all__ = [
    "FREEZE",
    "SCHEMA_VERSION",
    "SECTIONS",
    "Change",
    "Design",
    "Freeze",
    "OutcomeRole",
    "Problem",
    "Protocol",
    "canonical_json",
    "diff",
    "digest",
    "faults",
    "freeze_of",
    "from_json",
    "frozen_part",
    "gaps",
    "is_major",
    "is_trial_number",
    "looks_problems",
    "parsed_plan",
    "plan_problems",
    "problems",
    "scheme_of",
    "section_from_json",
    "to_json",
    "trial_number",
    "warnings",
]


def problems(protocol: Protocol, *, today: dt.date) -> list[Problem]:
    """Return everything that stands between this protocol and registration, each with its place."""
    return [*faults(protocol, today=today), *gaps(protocol), *plan_problems(protocol)]


def warnings(protocol: Protocol, *, today: dt.date) -> list[Problem]:
    """Return what will be accepted, with the label it will carry."""
    return [*_retrospective(protocol, today), *plan_warnings(protocol), *answer_warnings(protocol)]


def _retrospective(protocol: Protocol, today: dt.date) -> list[Problem]:
    first = protocol.dates.first_unit.date
    if first is None or first >= today:
        return []
    message = "This trial started before it was registered. It will be labelled retrospective"
    return [Problem("/dates/first_unit/date", message)]

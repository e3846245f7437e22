"""What one answer calls for: who is blinded needs a "how", shared data an access, a comparison its periods."""

from collections.abc import Iterator

from centre.errors import Problem
from experiments.protocol.needed import (
    GUARDRAIL_NEEDED,
    PERSON_NEEDED,
    PLACEBO_NEEDED,
    QED_NEEDED,
    REHEARSAL_NEEDED,
    SHARING_NEEDED,
    SITE_NEEDED,
    SUBGROUP_NEEDED,
    missing,
)
from experiments.protocol.plain_words import MOST_WORDS, word_count
from experiments.protocol.schema import Protocol
from experiments.protocol.vocabulary import Design, EthicsDecision, Framework, PersonRole, Sharing, Timing

_ROWS = (
    ("sites", SITE_NEEDED),
    ("subgroups", SUBGROUP_NEEDED),
)


def called_for(protocol: Protocol) -> Iterator[Problem]:
    """Yield each blank field that another answer makes necessary, and each name that nothing has."""
    yield from _summary(protocol)
    yield from _people(protocol)
    yield from _blinded(protocol)
    yield from _intake(protocol)
    yield from _rows(protocol)
    yield from _comparison(protocol)
    yield from _openness(protocol)
    yield from _ethics(protocol)


def _summary(protocol: Protocol) -> Iterator[Problem]:
    words = word_count(protocol.title.plain_summary)
    if words > MOST_WORDS:
        message = f"The summary may have at most {MOST_WORDS} words: it has {words}"
        yield Problem("/title/plain_summary", message)
    framework = protocol.problem.framework
    if framework in (Framework.NON_INFERIORITY, Framework.EQUIVALENCE):
        yield from missing(protocol, "", (("problem.margin", "Enter the margin"),))


def _people(protocol: Protocol) -> Iterator[Problem]:
    people = protocol.team.people
    for place, person in enumerate(people):
        yield from missing(person, f"/team/people/{place}", PERSON_NEEDED)
    if people and not any(person.role is PersonRole.PRINCIPAL_INVESTIGATOR for person in people):
        yield Problem("/team/people", "Say who the principal investigator is")
    for place, one in enumerate(protocol.team.secondary_ids):
        needed = (("issuer", "Say who gave this number"), ("value", "Enter the number"))
        yield from missing(one, f"/team/secondary_ids/{place}", needed)


def _blinded(protocol: Protocol) -> Iterator[Problem]:
    blinded = protocol.design.blinded
    for name in ("recipient", "deliverer", "outcome_assessor", "analyst", "data_manager"):
        if getattr(blinded, name).is_blinded:
            needed = ((f"design.blinded.{name}.how", "Say how the blinding is kept"),)
            yield from missing(protocol, "", needed)


def _intake(protocol: Protocol) -> Iterator[Problem]:
    """Cases one by one come through people who must be able to do it: a rehearsal shows whether they are."""
    method = protocol.allocation.method
    if protocol.design.timing is Timing.TRICKLE or (method and method.one_by_one):
        yield from missing(protocol, "", REHEARSAL_NEEDED)


def _rows(protocol: Protocol) -> Iterator[Problem]:
    for name, needed in _ROWS:
        for place, row in enumerate(getattr(protocol, name)):
            yield from missing(row, f"/{name}/{place}", needed)
    for place, guardrail in enumerate(protocol.safety.guardrails):
        yield from missing(guardrail, f"/safety/guardrails/{place}", GUARDRAIL_NEEDED)
    columns = {covariate.column for covariate in protocol.covariates}
    for place, subgroup in enumerate(protocol.subgroups):
        if subgroup.variable and subgroup.variable not in columns:
            message = f"Declare “{subgroup.variable}” among the baseline variables"
            yield Problem(f"/subgroups/{place}/variable", message)
    if protocol.sample_size.icc is not None:
        yield from missing(protocol, "", (("sample_size.icc_source", "Say where the ICC comes from"),))


def _comparison(protocol: Protocol) -> Iterator[Problem]:
    design, qed = protocol.design.design, protocol.qed
    if design is None:
        return
    if design.needs_comparison_over_time:
        yield from missing(protocol, "", QED_NEEDED)
    elif design is Design.MATCHED_COMPARISON:
        yield from missing(protocol, "", tuple(one for one in QED_NEEDED if one[0] in _MATCHED))
    if design.is_difference_in_differences:
        needed = (("qed.comparison_units", "Say which untreated units the treated are compared with"),)
        yield from missing(protocol, "", needed)
    for place, placebo in enumerate(qed.placebos):
        yield from missing(placebo, f"/qed/placebos/{place}", PLACEBO_NEEDED)


_MATCHED = ("qed.comparison_pool", "qed.selection_rule")


def _openness(protocol: Protocol) -> Iterator[Problem]:
    sharing = protocol.data.sharing
    if sharing is Sharing.YES:
        yield from missing(protocol, "", SHARING_NEEDED)
    elif sharing is not None:
        needed = (("data.sharing_statement", "Say why data are not shared, or what it depends on"),)
        yield from missing(protocol, "", needed)

    if protocol.data.embargo_until is not None:
        needed = (("data.operational_sensitivity_reason", "Say why the record is kept private"),)
        yield from missing(protocol, "", needed)


def _ethics(protocol: Protocol) -> Iterator[Problem]:
    if protocol.ethics.decision is EthicsDecision.APPROVED:
        needed = (
            ("ethics.body", "Name the ethics body that approved the trial"),
            ("ethics.reference", "Give the reference of the approval"),
            ("ethics.decided_on", "Enter the day of the approval"),
        )
        yield from missing(protocol, "", needed)

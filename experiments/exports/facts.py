"""What the registry itself says in several exports: numbers, dates, states, versions, results."""

from experiments.exports.record import Record
from experiments.exports.saying import day
from experiments.protocol.deadlines import final_report_due, report_due
from experiments.protocol.vocabulary import Design

NO_CONTACTS = (
    "This registry publishes no telephone number or e-mail address. Its protocol names people and sponsor."
)
NO_DRAW = "The protocol has no draw."
COMPARED_BY_DRAW = "The protocol compares by a draw, not over time."
NOT_YET_REGISTERED = "Not registered yet: this is a draft."
NOT_TOLD_YET = "What the team records of the trial can be read here once its results are published."
NO_HARMS = (
    "Not recorded: nothing that can be read says that there was a harm, or that anybody looked for one."
)
NO_LOSSES = "Not recorded: no loss, and no reason of one, can be read."
NO_RESULTS = "No result of this trial is published in this registry yet."


def number(record: Record) -> str | None:
    """Return registry and number."""
    facts = record.facts
    return f"{facts.registry}, {facts.number}" if facts.number else None


def registered_on(record: Record) -> str | None:
    """Return when the first version was frozen."""
    versions = record.facts.versions
    return day(versions[0].registered_on) if versions else None


def prospective(record: Record) -> str | None:
    """Return whether the registration came before the first unit, as the registry worked it out."""
    return record.facts.badge or None


def in_force(record: Record) -> str | None:
    """Return the version in force with its hash."""
    versions = record.facts.versions
    if not versions:
        return None
    newest = versions[-1]
    return f"Version {newest.version}, {day(newest.registered_on)}, SHA-256 {newest.sha256}"


def history(record: Record) -> str | None:
    """Return each version, with the reason of each amendment."""
    lines = [
        f"Version {one.version}, {day(one.registered_on)}" + (f": {one.reason}" if one.reason else "")
        for one in record.facts.versions
    ]
    return "\n".join(lines) or None


def amendments(record: Record) -> str | None:
    """Return what changed after the first registration."""
    if not record.facts.versions:
        return None
    if len(record.facts.versions) == 1:
        return "None: the first registered version is in force."
    return history(record)


def protocol_address(record: Record) -> str | None:
    """Return where the protocol can be read."""
    return record.facts.document_url or None


def record_address(record: Record) -> str | None:
    """Return where the record can be read."""
    return record.facts.url or None


def status(record: Record) -> str | None:
    """Return how far the conduct of the trial is."""
    return record.facts.conduct_state or None


def results_status(record: Record) -> str | None:
    """Return how far the results are, and whether they are late."""
    facts = record.facts
    late = " (overdue)" if facts.is_overdue else ""
    return f"{facts.results_state}{late}" if facts.results_state else None


def why_stopped(record: Record) -> str | None:
    """Return the public reason of a trial that was stopped, suspended, withdrawn or never begun."""
    return "\n".join(one for one in (record.facts.state_reason, *record.facts.account.stopped) if one) or None


def tactic(record: Record) -> str | None:
    """Return the name of the tactic in the library."""
    return record.facts.tactic or None


def countries(record: Record) -> str | None:
    """Return the countries of the sites, each once."""
    return ", ".join(dict.fromkeys(site.country for site in record.protocol.sites if site.country)) or None


def forces(record: Record) -> str | None:
    """Return each force and area."""
    names = dict(record.facts.forces)
    lines = [
        ", ".join(part for part in (names.get(site.force, site.force), site.area) if part)
        for site in record.protocol.sites
    ]
    return "\n".join(dict.fromkeys(line for line in lines if line)) or None


def listed(record: Record) -> str | None:
    """Return how many units are in the trial."""
    count = record.facts.listed_units
    return None if count is None else f"{count:,}"


def assigned(record: Record) -> str | None:
    """Return how many units each arm has, once the public may know."""
    return "; ".join(f"{arm}: {count:,}" for arm, count in record.facts.assigned) or None


def analysed(record: Record) -> str | None:
    """Return how many units each published estimate used."""
    counts = dict.fromkeys(pair for one in record.facts.results for pair in one.units_analysed)
    return "; ".join(f"{outcome}: {count:,} units" for outcome, count in counts) or None


def results(record: Record) -> str | None:
    """Return when and where results were published."""
    lines = [
        f"{day(one.published_on)}, {'registered plan' if one.is_registered_plan else 'post hoc analysis'}: {one.url}"
        for one in record.facts.results
    ]
    return "\n".join(lines) or None


def due(record: Record) -> str | None:
    """Return when results are due by this registry's rule."""
    found = report_due(record.protocol)
    return day(found) if found else None


def final_due(record: Record) -> str | None:
    """Return when the final report is due by this registry's rule."""
    found = final_report_due(record.protocol)
    return day(found) if found else None


def kind_of_study(record: Record) -> str | None:
    """Return whether units are drawn."""
    design: Design | None = record.protocol.design.design
    if design is None:
        return None
    kind = "Interventional, randomised" if design.is_randomised else "Interventional, not randomised"
    return f"{kind}: {design.label}"


def data_categories(record: Record) -> str | None:
    """Return how prospective the protocol says the registration is, by RIDIE's four categories."""
    seen = record.protocol.data
    parts = [
        f"{name}: category {one.category} of 4 ({one.label.lower()})"
        for name, one in (
            ("Outcome data", seen.outcome_data_seen),
            ("Assignment data", seen.assignment_data_seen),
        )
        if one
    ]
    return "; ".join(parts) or None


def arm_words(record: Record) -> str | None:
    """Return each hypothesis as (treatment) causes (less or more) (outcome) than (comparator)."""
    read = record.protocol
    names = {arm.id: arm.label or arm.id for arm in read.arms}
    verbs = {"less": "causes less of", "more": "causes more of", "no_worse": "causes no worse"}
    lines = []
    for one in read.problem.hypotheses:
        measured = read.outcome(one.outcome)
        if one.direction and measured:
            verb = verbs[one.direction.value]
            treatment, comparator = names.get(one.treatment), names.get(one.comparator)
            lines.append(f"{treatment} {verb} “{measured.name}” than {comparator}")
    return "\n".join(lines) or None


def deviations(record: Record) -> str | None:
    """Return each deviation from the protocol that is on record and can be read."""
    account = record.facts.account
    if not account.is_open:
        return None
    return "\n".join(account.deviations) or "None is on record."


def harms(record: Record) -> str | None:
    """Return each harm that is on record, and that none was found where it was looked for. Nothing is no zero."""
    return "\n".join(record.facts.account.harms) or None


def harms_with_results(record: Record) -> str | None:
    """Return the harms beside the results: that none is recorded is said too, once there are results."""
    return (harms(record) or NO_HARMS) if record.facts.results else None


def losses(record: Record) -> str | None:
    """Return the units lost with their reasons, and where these do not account for what the data miss."""
    return "\n".join(record.facts.account.losses) or None


def implementation(record: Record) -> str | None:
    """Return what was delivered, by whom, and what it took."""
    return "\n".join(record.facts.account.implementation) or None


def not_published(record: Record) -> str | None:
    """Return why nothing is published, as the team explains it."""
    return "\n".join(record.facts.account.not_published) or None


def limitations(record: Record) -> str | None:
    """Return the limitations that the team names."""
    return "\n".join(record.facts.account.limitations) or None


def interpretation(record: Record) -> str | None:
    """Return what the team makes of the results, and where it thinks they hold."""
    return "\n".join(record.facts.account.interpretations) or None

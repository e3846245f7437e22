"""The public record of a trial as rows of words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from experiments.forms.document import shown
from experiments.models import Trial
from experiments.protocol import Protocol
from experiments.protocol.schema import Day, Outcome, Person
from experiments.protocol.vocabulary import OutcomeRole

if TYPE_CHECKING:
    from centre.permissions import Person as Reader


@dataclass(frozen=True, slots=True)
class Row:
    """One fact, with a link where there is more."""

    key: str
    value: str
    url: str = ""
    action: str = "Read"


_DATES = (
    ("first_unit", "First unit"),
    ("intervention_start", "Intervention starts"),
    ("intervention_end", "Intervention ends"),
    ("follow_up_end", "Follow-up ends"),
    ("primary_completion", "Primary completion"),
    ("data_lock", "Data lock"),
)


def about(trial: Trial, protocol: Protocol) -> list[Row]:
    """Return what is tested, how and where."""
    rows = [
        Row("Tactic tested", str(trial.tactic), reverse("tactic-detail", args=[trial.tactic.slug]))
        if trial.tactic
        else Row("Tactic tested", ""),
        Row("Design", protocol.design.design.label if protocol.design.design else ""),
        Row("Units", _units(protocol)),
        Row("Arms", "\n".join(f"{arm.label or arm.id} ({_lower(arm.role)})" for arm in protocol.arms)),
        Row("Where", "\n".join(dict.fromkeys(str(site) for site in trial.sites.all()))),
        Row("Lead force", str(trial.lead_force or "")),
        Row("Sponsor", protocol.team.sponsor),
        Row("Team", "\n".join(_person(one) for one in protocol.team.people)),
        Row("Who pays", "\n".join(protocol.funding.sources)),
        Row("Independence", protocol.team.independence.label if protocol.team.independence else ""),
        Row("Ethics", _lower(protocol.ethics.decision).capitalize()),
    ]
    return [row for row in rows if row.value]


def _person(person: Person) -> str:
    return ", ".join(part for part in (person.name, person.organisation, _lower(person.role)) if part)


def dates(protocol: Protocol) -> list[tuple[str, Day]]:
    """Return each date that is given, with its name."""
    days = [(label, getattr(protocol.dates, name)) for name, label in _DATES]
    return [(label, day) for label, day in days if day.date]


def line(trial: Trial, reader: "Reader") -> list[tuple[str, list[Trial]]]:
    """Return the trials that it follows and those that follow it, as far as the reader may know of them."""
    sides = (("This trial follows", trial.follows), ("Followed by", trial.followed_by))
    found = [
        (label, list(side.visible_to(reader).registered().only("number", "title"))) for label, side in sides
    ]
    return [(label, trials) for label, trials in found if trials]


def outcomes(protocol: Protocol, role: OutcomeRole) -> list[Outcome]:
    """Return the outcomes with one role."""
    return [outcome for outcome in protocol.outcomes if outcome.role is role]


def other_outcomes(protocol: Protocol) -> list[Outcome]:
    """Return the outcomes that are not primary."""
    return [
        outcome for outcome in protocol.outcomes if outcome.role and outcome.role is not OutcomeRole.PRIMARY
    ]


def _units(protocol: Protocol) -> str:
    kind = _lower(protocol.design.unit_type)
    size = protocol.sample_size
    if size.planned_clusters:
        return f"{size.planned_units or 0:,} planned ({kind}), in {size.planned_clusters:,} clusters"
    return f"{size.planned_units:,} planned ({kind})" if size.planned_units else kind.capitalize()


def _lower(choice: object) -> str:
    words = shown(choice)
    return str(words).lower() if words else ""

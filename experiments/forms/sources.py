"""Choices that depend on the trial or on the library: its arms and outcomes, tactics, forces."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from centre.models import Force
from experiments.models import Trial
from tactics.models import OutcomeDomain, Problem, Tactic

if TYPE_CHECKING:
    from centre.permissions import Person

Sources = dict[str, list[tuple[str, str]]]


def sources_for(trial: Trial, user: "Person") -> Sources:
    """Return every list of choices that the protocol's questions name."""
    forces = Force.objects.visible_to(user)
    shown = forces.filter(kind=Force.Kind.SAMPLE) if trial.is_simulated else forces.official()
    return {
        "arms": _named(trial.protocol.get("arms"), "label"),
        "outcomes": _named(trial.protocol.get("outcomes"), "name"),
        "columns": _columns(trial.protocol.get("outcomes")),
        "domains": list(OutcomeDomain.objects.values_list("slug", "name")),
        "problems": list(Problem.objects.values_list("slug", "name")),
        "tactics": list(Tactic.objects.visible_to(user).order_by("name").values_list("slug", "name")),
        "forces": list(
            (shown | forces.filter(pk__in=trial.force_ids)).distinct().values_list("slug", "name")
        ),
    }


def with_tactic_version(
    sections: dict[str, Any], before: Mapping[str, Any], user: "Person"
) -> dict[str, Any]:
    """Return the sections with the version of the tactic that is read now, where another tactic was chosen."""
    chosen = (sections.get("tactic") or {}).get("slug")
    if not chosen or chosen == (before.get("tactic") or {}).get("slug"):
        return sections
    tactic = Tactic.objects.visible_to(user).filter(slug=chosen).first()
    return {**sections, "tactic": {"slug": chosen, "version": tactic.version if tactic else None}}


def _named(items: Any, label: str) -> list[tuple[str, str]]:
    named = [item for item in items or () if item.get("id")]
    return [(item["id"], f"{item['id']}: {item[label]}" if item.get(label) else item["id"]) for item in named]


def _columns(outcomes: Any) -> list[tuple[str, str]]:
    measured = [outcome for outcome in outcomes or () if outcome.get("column")]
    return [(one["column"], f"{one['name'] or one['id']} ({one['column']})") for one in measured]

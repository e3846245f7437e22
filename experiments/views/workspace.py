"""The rooms of a trial's workspace, as its navigation shows them to one person."""

from dataclasses import dataclass

from django.urls import reverse

from experiments.models import Trial

_ROOMS = (
    ("trial-detail", "Record", False),
    ("trial-protocol", "Protocol", True),
    ("trial-units", "Units from the hub", True),
    ("trial-diagnosis", "Design diagnosis", True),
    ("trial-team", "Team", True),
    ("trial-sites", "Sites", True),
    ("trial-collisions", "Other trials", True),
    ("trial-versions", "Versions", False),
    ("trial-allocation", "Allocation", False),
    ("trial-flow", "Flow", False),
    ("trial-conduct", "Conduct", True),
    ("trial-delivery", "Delivery", True),
    ("trial-data", "Data", True),
    ("trial-health", "Checks", True),
    ("trial-analyses", "Analyses", True),
    ("trial-account", "What happened", False),
    ("trial-releases", "Releases", False),
)
_BEFORE_REGISTRATION = {
    "trial-detail",
    "trial-protocol",
    "trial-units",
    "trial-diagnosis",
    "trial-team",
    "trial-sites",
    "trial-collisions",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One link of the workspace."""

    label: str
    url: str
    is_current: bool


def places(trial: Trial, path: str, *, is_inside: bool) -> list[Place]:
    """Return the rooms that the person may enter. The public sees the record's own; the team sees the rest."""
    made = []
    for name, label, needs_inside in _ROOMS:
        if (needs_inside and not is_inside) or (not trial.number and name not in _BEFORE_REGISTRATION):
            continue
        url = reverse(name, args=[trial.ref])
        is_here = path == url if name == "trial-detail" else path.startswith(url)
        made.append(Place(label, url, is_here))
    return made

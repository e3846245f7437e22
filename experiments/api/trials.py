"""Trials, their frozen versions, what changed between them, and their outcomes."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from centre.api.problems import refused_parameter
from centre.api.views import DetailView, ListView, visible
from experiments import protocol
from experiments.api.filters import TrialFilter
from experiments.api.places import OfTrial
from experiments.api.serializers import (
    DiffSerializer,
    OutcomesSerializer,
    ProtocolVersionDetailSerializer,
    ProtocolVersionSerializer,
    TrialDetailSerializer,
    TrialSerializer,
    protocol_of,
    registered,
)
from experiments.models import Registration, Trial


class TrialList(ListView):
    """Trials: registered and public ones, and those that the caller works on."""

    serializer_class = TrialSerializer
    filterset_class = TrialFilter
    search_fields = ("title", "number", "tactic__name")
    sorts: ClassVar = {
        "registered_at": "listed_at",
        "number": "listed_number",
        "title": "title",
        "report_due": "listed_due",
        "updated_at": "updated_at",
    }
    default_sort = "-registered_at"
    modified_field = "updated_at"
    queryset = Trial.objects.all()

    def get_queryset(self) -> QuerySet[Trial]:
        """Return the trials that the caller may know of."""
        return Trial.objects.visible_to(self.request.user).for_api()


class TrialDetail(OfTrial, DetailView):
    """One trial's record, with the protocol in force. A stable number and the public id both lead here."""

    serializer_class = TrialDetailSerializer
    modified_field = "updated_at"

    def thing(self) -> Trial:
        """Return the trial."""
        return self.trial()


class VersionList(OfTrial, ListView):
    """The frozen versions of one trial's protocol."""

    serializer_class = ProtocolVersionSerializer
    sorts: ClassVar = {"registered_at": "registered_at"}
    default_sort = "registered_at"
    modified_field = "registered_at"
    queryset = Registration.objects.all()

    def get_queryset(self) -> QuerySet[Registration]:
        """Return the versions."""
        return versions(self.trial())


class VersionDetail(OfTrial, DetailView):
    """One frozen version, whole."""

    serializer_class = ProtocolVersionDetailSerializer
    modified_field = "registered_at"

    def thing(self) -> Registration:
        """Return the version."""
        major, _, minor = self.kwargs["version"].partition(".")
        return visible(versions(self.trial()), major=int(major), minor=int(minor))


def versions(trial: Trial) -> QuerySet[Registration]:
    """Return a trial's frozen versions with what they show."""
    rows: QuerySet[Registration] = trial.registrations.select_related("trial", "previous", "amendment")
    return rows


class TrialDiff(OfTrial, DetailView):
    """What changed between two versions: ?from=1.0&to=2.0."""

    serializer_class = DiffSerializer
    parameters = frozenset({"from", "to"})

    def thing(self) -> dict[str, Any]:
        """Return the changes."""
        trial = self.trial()
        known = {version.version: version for version in versions(trial)}
        before, after = self._version("from", known), self._version("to", known)
        changes = protocol.diff(before.frozen_protocol, after.frozen_protocol)
        return {
            "trial": trial.number,
            "from_version": before.version,
            "to_version": after.version,
            "changes": [change.as_json() for change in changes],
        }

    def _version(self, name: str, known: dict[str, Registration]) -> Registration:
        given = self.request.query_params.get(name, "")
        if given not in known:
            words = ", ".join(known) or "none is registered"
            raise refused_parameter(name, f"{name} must be a version of this trial: {words}")
        return known[given]


class TrialOutcomes(OfTrial, DetailView):
    """The outcomes of the protocol in force, as registered."""

    serializer_class = OutcomesSerializer

    def thing(self) -> dict[str, Any]:
        """Return the outcomes."""
        trial = self.trial()
        version = registered(trial)
        return {
            "trial": trial.ref,
            "version": version.version if version else "draft",
            "outcomes": protocol_of(trial).get("outcomes") or [],
        }

"""Trials, their frozen versions, what changed between them, and their outcomes."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404

from centre.api.problems import refused_parameter
from centre.api.schema import query
from centre.api.views import DetailView, ListView
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
)
from experiments.models import Registration, Trial
from experiments.querysets import TrialQuerySet


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

    def search(self, rows: QuerySet[Trial], text: str) -> QuerySet[Trial]:
        """Return what the page of the registry would find."""
        found: QuerySet[Trial] = rows.with_words(text)  # type: ignore[attr-defined]
        return found


class TrialDetail(OfTrial, DetailView):
    """One trial's record, with the protocol in force. A stable number and the public id both lead here."""

    serializer_class = TrialDetailSerializer
    modified_field = "updated_at"

    def trials(self) -> TrialQuerySet:
        """Return the trials with all that a record shows."""
        rows: TrialQuerySet = Trial.objects.visible_to(self.request.user)
        return rows.for_api()

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
        rows = self.trial().registrations.select_related("trial", "previous", "amendment")
        return rows.defer("protocol", "trial__protocol", "previous__protocol", "amendment__protocol")


class VersionDetail(OfTrial, DetailView):
    """One frozen version, whole."""

    serializer_class = ProtocolVersionDetailSerializer
    modified_field = "registered_at"

    def thing(self) -> Registration:
        """Return the version."""
        found = self.trial().version(self.kwargs["version"])
        if found is None:
            raise Http404
        return found


class TrialDiff(OfTrial, DetailView):
    """What changed between two versions: ?from=1.0&to=2.0."""

    serializer_class = DiffSerializer
    parameters = (
        query("from", {"type": "string"}, "The earlier version, such as 1.0.", required=True),
        query("to", {"type": "string"}, "The later version, such as 2.0.", required=True),
    )

    def thing(self) -> dict[str, Any]:
        """Return the changes."""
        trial = self.trial()
        before, after = self._version(trial, "from"), self._version(trial, "to")
        changes = protocol.diff(before.frozen_protocol, after.frozen_protocol)
        return {
            "trial": trial.number,
            "from_version": before.version,
            "to_version": after.version,
            "changes": [change.as_json() for change in changes],
        }

    def _version(self, trial: Trial, name: str) -> Registration:
        found = trial.version(self.request.query_params.get(name, ""))
        if found is None:
            known = ", ".join(one.version for one in trial.registrations.defer("protocol"))
            words = known or "none is registered"
            raise refused_parameter(name, f"{name} must be a version of this trial: {words}")
        return found


class TrialOutcomes(OfTrial, DetailView):
    """The outcomes of the protocol in force, as registered."""

    serializer_class = OutcomesSerializer

    def thing(self) -> dict[str, Any]:
        """Return the outcomes."""
        trial = self.trial()
        version = trial.registration
        read: dict[str, Any] = (version or trial).protocol
        return {
            "trial": trial.ref,
            "version": version.version if version else "draft",
            "outcomes": read.get("outcomes") or [],
        }

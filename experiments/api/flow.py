"""How many units went through a trial, and what the checks of its released analysis said."""

import json
from typing import Any

from django.db.models import Count
from django.http import Http404
from rest_framework import serializers

from centre import vault
from centre.api.serializers import Prunable
from centre.api.views import DetailView, visible
from experiments.api.places import OfTrial
from experiments.models import Release


class ArmCountSerializer(serializers.Serializer[Any]):
    """Units of one arm."""

    arm = serializers.CharField()
    units = serializers.IntegerField()


class AnalysedSerializer(serializers.Serializer[Any]):
    """Units in one released estimate."""

    estimate_id = serializers.CharField()
    outcome = serializers.CharField()
    units = serializers.IntegerField(allow_null=True)
    observations = serializers.IntegerField(allow_null=True)


class FlowSerializer(Prunable):
    """The CONSORT flow as far as the registry knows it; null where a step has not come."""

    trial = serializers.CharField()
    planned = serializers.IntegerField(allow_null=True)
    listed = serializers.IntegerField(allow_null=True, help_text="Units in the frozen list.")
    assigned = ArmCountSerializer(many=True, allow_null=True, help_text="By arm, after the reveal.")
    analysed = AnalysedSerializer(many=True, help_text="From published releases.")


class TrialFlow(OfTrial, DetailView):
    """The CONSORT flow of a trial."""

    serializer_class = FlowSerializer

    def thing(self) -> dict[str, Any]:
        """Return the counts."""
        trial = self.trial()
        allocation = trial.allocation
        assigned = None
        if allocation is not None and allocation.is_revealed:
            counts = allocation.assignments.order_by("arm").values("arm").annotate(units=Count("pk"))
            assigned = list(counts)
        return {
            "trial": trial.ref,
            "planned": (trial.protocol.get("sample_size") or {}).get("planned_units"),
            "listed": allocation.n_units if allocation is not None else None,
            "assigned": assigned,
            "analysed": [
                {
                    "estimate_id": name,
                    "outcome": row["outcome"],
                    "units": row["n_units"],
                    "observations": row["n_obs"],
                }
                for release in self._releases(trial)
                for name, row in release.estimates.items()
            ],
        }

    def _releases(self, trial: Any) -> Any:
        return Release.objects.visible_to(self.request.user).published().filter(trial=trial)


class ChecksSerializer(Prunable):
    """The health checks of the newest release, each with its verdict and explanation."""

    trial = serializers.CharField()
    release = serializers.UUIDField()
    checks = serializers.DictField(help_text="As in the result document of the analysis contract.")


class TrialChecks(OfTrial, DetailView):
    """What the checks of the newest released analysis said."""

    serializer_class = ChecksSerializer

    def thing(self) -> dict[str, Any]:
        """Return the checks, from the cleared file."""
        trial = self.trial()
        release = Release.objects.visible_to(self.request.user).published().filter(trial=trial).first()
        if release is None:
            raise Http404
        document = json.loads(vault.read(visible(release.files.all(), name="result.json").sha256))
        return {"trial": trial.ref, "release": release.public_id, "checks": document["checks"]}

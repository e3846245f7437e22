"""How many units went through a trial, and what the checks of its released analysis said."""

import json
from typing import Any

from django.http import Http404
from rest_framework import serializers

from centre import vault
from centre.api.serializers import Prunable
from centre.api.views import DetailView, visible
from experiments.account import loss_checks
from experiments.api.places import OfTrial
from experiments.flow import flow_of
from experiments.models import Release


class ArmCountSerializer(serializers.Serializer[Any]):
    """Units of one arm."""

    arm = serializers.CharField()
    units = serializers.IntegerField()
    clusters = serializers.IntegerField(allow_null=True)


class AnalysedSerializer(serializers.Serializer[Any]):
    """Units in one released estimate."""

    estimate_id = serializers.CharField()
    outcome = serializers.CharField()
    units = serializers.IntegerField(allow_null=True)
    observations = serializers.IntegerField(allow_null=True)


class LostSerializer(serializers.Serializer[Any]):
    """Units of one arm without a primary outcome, by the data and by the reasons on record."""

    arm = serializers.CharField()
    missing = serializers.IntegerField(allow_null=True, help_text="Null: fewer than 10.")
    explained = serializers.IntegerField(allow_null=True, help_text="Null: fewer than 10.")
    agrees = serializers.BooleanField(help_text="Whether the exact numbers are the same.")


class FlowSerializer(Prunable):
    """The CONSORT flow as far as the registry knows it; null where a step has not come."""

    trial = serializers.CharField()
    planned = serializers.IntegerField(allow_null=True)
    listed = serializers.IntegerField(allow_null=True, help_text="Units in the frozen list.")
    assigned = ArmCountSerializer(
        many=True, allow_null=True, help_text="By arm, after the reveal; before it for the custodian alone."
    )
    lost = LostSerializer(many=True, help_text="With the results. The reasons are at account/.")
    analysed = AnalysedSerializer(many=True, help_text="From published releases.")


class TrialFlow(OfTrial, DetailView):
    """The CONSORT flow of a trial."""

    serializer_class = FlowSerializer

    def thing(self) -> dict[str, Any]:
        """Return the counts."""
        trial, user = self.trial(), self.request.user
        found = flow_of(trial, user)
        return {
            "trial": trial.ref,
            "planned": found.planned_units,
            "listed": found.listed_units,
            "assigned": found.arms,
            "lost": loss_checks(trial, user, exact=False),
            "analysed": found.analysed,
        }


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

"""The allocation of a trial: its commitment at once, its seed, list hash and record after the reveal."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from rest_framework import serializers

from centre.api.serializers import ReadSerializer
from centre.api.views import DetailView
from experiments.api.places import OfTrial
from experiments.models import Allocation


class AllocationSerializer(ReadSerializer):
    """Everything that replays the draw. Before the reveal the seed and the record are null."""

    trial = serializers.CharField(source="trial.number")
    is_revealed = serializers.BooleanField()
    beacon = serializers.SerializerMethodField(
        help_text="What the named round of the beacon gave; null without a beacon or before it was entered."
    )
    seed = serializers.SerializerMethodField(
        help_text="The secret behind the commitment; null before the reveal."
    )
    record = serializers.SerializerMethodField(help_text="The record of the draw; null before the reveal.")
    verifier = serializers.SerializerMethodField(
        help_text="A script that replays the draw with Python alone."
    )

    class Meta:
        model = Allocation
        fields = (
            "trial",
            "method",
            "parameters",
            "algorithm",
            "unit_list_sha256",
            "n_units",
            "commitment",
            "seed_policy",
            "beacon_round",
            "beacon",
            "committed_at",
            "drawn_at",
            "is_revealed",
            "revealed_at",
            "seed",
            "record",
            "verifier",
        )

    def get_beacon(self, allocation: Allocation) -> dict[str, Any] | None:
        """Return the value of the named round, with what was checked of it."""
        if not allocation.by_beacon or allocation.waits_for_beacon:
            return None
        return allocation.beacon_value.as_published.record()

    def get_seed(self, allocation: Allocation) -> str | None:
        """Return the seed once it is public."""
        return allocation.seed_revealed or None

    def get_record(self, allocation: Allocation) -> dict[str, Any] | None:
        """Return the record once it is public."""
        record: dict[str, Any] | None = allocation.record if allocation.is_revealed else None
        return record

    def get_verifier(self, allocation: Allocation) -> str:
        """Return the address of the script."""
        return reverse("trial-allocation", args=[allocation.trial.ref]) + "verifier.py"


class TrialAllocation(OfTrial, DetailView):
    """The allocation of a trial: the commitment before the reveal, everything that replays the draw after it."""

    serializer_class = AllocationSerializer

    def thing(self) -> Allocation:
        """Return the allocation."""
        allocation = self.trial().allocation
        if allocation is None:
            raise Http404
        return allocation

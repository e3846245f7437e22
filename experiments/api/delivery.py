"""The dose ledger of a trial in all and week by week, for those who work on it."""

import datetime as dt
from typing import Any

from django.http import Http404
from rest_framework import serializers

from centre.api.permissions import SignedIn
from centre.api.serializers import Prunable
from centre.api.views import DetailView
from centre.permissions import Permission
from experiments.analysis.delivery import dose_ledger
from experiments.api.places import OfTrial


class WeekSerializer(serializers.Serializer[Any]):
    """One week, Monday to Sunday."""

    start = serializers.DateField()
    integrity = serializers.FloatField(allow_null=True, help_text="Null where nothing was planned.")
    treated_mean = serializers.FloatField(allow_null=True)
    control_mean = serializers.FloatField(allow_null=True)


class DeliverySerializer(Prunable):
    """What was delivered. Reports are sent to `datasets/` with the kind `dose`."""

    trial = serializers.CharField()
    measure = serializers.CharField()
    newest = serializers.DateField(help_text="The newest day that was reported.")
    integrity = serializers.FloatField(
        allow_null=True, help_text="What the treated got, up to their plan, as a share of it."
    )
    contamination = serializers.FloatField(
        allow_null=True, help_text="Mean dose of the comparison as a share of that of the treated."
    )
    reported = serializers.FloatField(allow_null=True, help_text="Share of the expected reports that came.")
    floor = serializers.FloatField(allow_null=True, help_text="The registered integrity floor.")
    is_below_floor = serializers.BooleanField()
    reports = serializers.ListField(child=serializers.CharField(), help_text="SHA-256 of each report.")
    weeks = WeekSerializer(many=True)


class TrialDelivery(OfTrial, DetailView):
    """Treatment delivered: integrity, contamination, and the weeks."""

    permission_classes = (SignedIn,)
    serializer_class = DeliverySerializer

    def thing(self) -> dict[str, Any]:
        """Return the ledger; 404 before the first report."""
        trial = self.trial_inside(Permission.DATASET_SEE)
        ledger = dose_ledger(trial)
        if ledger is None:
            raise Http404
        spells = [
            {
                "start": dt.date.fromordinal(spell.start),
                "integrity": spell.integrity,
                "treated_mean": spell.treated_mean,
                "control_mean": spell.control_mean,
            }
            for spell in ledger.weeks
        ]
        return {"trial": trial.ref, "newest": ledger.newest, "weeks": spells, **ledger.as_json()}

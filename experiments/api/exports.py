"""A trial in the forms that other registries and checklists ask for."""

from typing import Any

from django.http import Http404
from rest_framework import serializers

from centre.api.serializers import Prunable
from centre.api.views import DetailView
from experiments.api.places import OfTrial
from experiments.export_record import record_of
from experiments.exports import TARGETS, export


class ExportItemSerializer(serializers.Serializer[Any]):
    """One item: `text` where it is answered, else `missing` says why not."""

    item = serializers.CharField()
    heading = serializers.CharField()
    numbering = serializers.ChoiceField(
        choices=("published", "own_reading"),
        help_text="Whether the item’s number is as published, or this registry’s reading.",
    )
    status = serializers.ChoiceField(choices=("answered", "not_applicable", "not_recorded"))
    text = serializers.CharField(allow_null=True)
    missing = serializers.CharField(allow_null=True)
    pointers = serializers.ListField(
        child=serializers.CharField(), help_text="JSON pointers: anchors in document_url."
    )


class ExportSerializer(Prunable):
    """A trial in the form of one target."""

    target = serializers.CharField()
    name = serializers.CharField()
    version = serializers.CharField(help_text="The edition of the target’s items.")
    note = serializers.CharField()
    trial = serializers.CharField(allow_null=True)
    url = serializers.CharField()
    document_url = serializers.CharField()
    protocol_version = serializers.CharField()
    registration_sha256 = serializers.CharField(allow_null=True)
    is_simulated = serializers.BooleanField()
    items = ExportItemSerializer(many=True)


class TrialExport(OfTrial, DetailView):
    """One export of a trial: `who`, `isrctn`, `osf`, `uk-evaluation-registry`, `crimport`, `spirit` or `consort`."""

    serializer_class = ExportSerializer

    def thing(self) -> dict[str, Any]:
        """Return the items."""
        trial = self.trial()
        target = TARGETS.get(self.kwargs["target"])
        if target is None:
            raise Http404
        return export(target, record_of(trial, self.request.user, self.request.build_absolute_uri)).as_json()

"""What the API shows of an outlook: what the rules would say with one more trial."""

from typing import Any

from rest_framework import serializers

from centre.api.serializers import Prunable


class AssumedSerializer(serializers.Serializer[Any]):
    """What is taken for granted of the trial; `effect` is oriented so that a negative value is a benefit."""

    metric = serializers.CharField()
    effect = serializers.FloatField()
    spread = serializers.FloatField(help_text="Standard deviation between units on the metric's scale.")
    uncertainty = serializers.FloatField(
        help_text="Variance of the effect where the trials so far forecast it; 0 where it was asked for."
    )


class OneOutlookSerializer(serializers.Serializer[Any]):
    """What the rules would say with a trial of one size."""

    clusters = serializers.IntegerField(help_text="Units that are drawn, both arms together.")
    std_error = serializers.FloatField()
    security = serializers.IntegerField(allow_null=True)
    label = serializers.CharField(  # type: ignore[assignment]  # a field of the answer, not the serializer's own
        help_text="Where it finds just what is expected."
    )
    label_name = serializers.CharField()
    strength = serializers.IntegerField()
    size_band = serializers.CharField()
    chance_that_the_label_moves = serializers.FloatField()
    chances = serializers.DictField(child=serializers.FloatField(), help_text="Chance of each label.")


class OutlookSerializer(Prunable):
    """What would move a rating. Arithmetic on a trial that does not exist: no evidence."""

    tactic = serializers.SlugField()
    outcome_domain = serializers.SlugField()
    label_now = serializers.CharField(allow_null=True)
    strength_now = serializers.IntegerField(allow_null=True)
    assumed = AssumedSerializer(allow_null=True)
    asked = OneOutlookSerializer(allow_null=True, help_text="The size that was asked for.")
    ladder = OneOutlookSerializer(many=True, help_text="From 20 to 320 units.")
    smallest_that_probably_moves_it = serializers.IntegerField(
        allow_null=True, help_text="The smallest of the ladder that changes the label with a chance of 80%."
    )
    not_estimable = serializers.CharField(allow_null=True, help_text="Why there is no answer.")

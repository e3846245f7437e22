"""What the team of a trial says happened: each entry, with the one that it replaced."""

import datetime as dt
from typing import Any, ClassVar

from rest_framework import serializers

from centre.api.serializers import Prunable
from centre.api.views import DetailView
from experiments.account import (
    Told,
    deviations_of,
    explanations_of,
    harms_of,
    implementations_of,
    is_open_to,
    knows_arm,
    losses_of,
    remarks_of,
    shown_count,
)
from experiments.api.places import OfTrial
from experiments.models import Deviation, Explanation, Harm, Implementation, Loss, Remark
from experiments.models.account import AccountEntry

_KINDS: dict[str, type[AccountEntry]] = {
    "deviations": Deviation,
    "harms": Harm,
    "losses": Loss,
    "implementation": Implementation,
    "remarks": Remark,
    "explanations": Explanation,
}


class EntrySerializer(serializers.Serializer[Any]):
    """What every entry has."""

    id = serializers.UUIDField(source="public_id")
    recorded_at = serializers.DateTimeField(source="at")
    is_standing = serializers.BooleanField(
        help_text="False where a later entry replaced it, and where it was taken back."
    )
    takes_back = serializers.BooleanField(help_text="It takes the earlier entry back: nothing stands.")
    corrects = serializers.UUIDField(
        source="corrects.public_id", default=None, allow_null=True, help_text="The entry that it replaces."
    )
    correction_reason = serializers.CharField(help_text="Blank where it replaces none.")


class DeviationSerializer(EntrySerializer):
    """Something that was not done as the protocol says."""

    protocol_version = serializers.CharField(
        source="registration.version", help_text="In force when it was recorded."
    )
    pointer = serializers.CharField(help_text="JSON pointer into that version of the protocol.")
    what = serializers.CharField()
    happened_on = serializers.DateField()
    reason = serializers.CharField()
    effect = serializers.CharField(help_text="What it may do to the results, as the team sees it.")
    outcome_data_opened = serializers.BooleanField(
        help_text="Whether an analysis of outcomes by arm had been asked for when it was recorded: the "
        "registry’s own stamp."
    )


class CountedSerializer(EntrySerializer):
    """An entry with counts, and with an arm that not everybody may know before the data lock."""

    counts: ClassVar[tuple[str, ...]] = ("n_units",)
    arm = serializers.CharField(
        allow_null=True, help_text="Blank: all arms together. Null: not told before the data lock."
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the entry with its counts as disclosure control lets them out, and its arm where it may be known."""
        said = super().to_representation(instance)
        for name in said.keys() & set(self.counts):
            said[name] = shown_count(said[name], exact=False) if instance.is_standing else None
        if "arm" in said and not knows_arm(instance.trial, instance, self.context["request"].user):
            said["arm"] = None
        return said


class LossSerializer(CountedSerializer):
    """Units of one arm that were lost, for one reason."""

    period = serializers.CharField(help_text="Blank: for good, or the design has no periods.")
    stage = serializers.CharField(help_text="not_treated, no_outcome or left_out.")
    n_units = serializers.IntegerField(
        allow_null=True,
        help_text="Rounded to a multiple of 5. Null where there are fewer than 10, and of an entry that does not "
        "stand.",
    )
    reason = serializers.CharField()


class HarmSerializer(CountedSerializer):
    """One kind of harm in one arm; or that it was looked for, and none was found."""

    counts = ("n_events", "n_units")
    outcome = serializers.CharField(help_text="Of the registered protocol; blank where it is another harm.")
    name = serializers.CharField()
    was_found = serializers.BooleanField()
    n_events = serializers.IntegerField(
        allow_null=True,
        help_text="Rounded to a multiple of 5. Null where there are fewer than 10, where none was found, and of "
        "an entry that does not stand.",
    )
    n_units = serializers.IntegerField(allow_null=True, help_text="Units or people concerned, as n_events.")
    severity = serializers.CharField(help_text="minor, moderate, serious, death or not_graded.")
    relatedness = serializers.CharField(help_text="related, possible, unrelated or not_known.")
    found_by = serializers.CharField(help_text="systematic, records or reported.")
    how = serializers.CharField()
    action = serializers.CharField(help_text="What was done about it.")


class ImplementationSerializer(EntrySerializer):
    """What was delivered, and what it took: measured, or with the reason why not."""

    delivered = serializers.CharField()
    by_whom = serializers.CharField()
    adaptation = serializers.CharField()
    staff_hours = serializers.FloatField(allow_null=True)
    hours_basis = serializers.CharField(help_text="measured, time_and_motion or estimate.")
    hours_not_measured_because = serializers.CharField()
    cost = serializers.FloatField(allow_null=True, help_text="Pounds.")
    price_year = serializers.IntegerField(allow_null=True)
    payer = serializers.CharField()
    cost_covers = serializers.CharField()
    cost_not_measured_because = serializers.CharField()


class RemarkSerializer(EntrySerializer):
    """A limitation, or what the results mean."""

    kind = serializers.CharField(help_text="limitation, generalisability or interpretation.")
    text = serializers.CharField()


class ExplanationSerializer(EntrySerializer):
    """Why the trial was stopped, or is not published."""

    about = serializers.CharField(help_text="stopped or not_published.")
    code = serializers.CharField(help_text="signoff, procurement, resource, quality, policy_change or other.")
    text = serializers.CharField()


class AccountSerializer(Prunable):
    """The account of a trial. A part is null where the caller may not read it yet, and empty where nothing is in it."""

    trial = serializers.CharField()
    deviations = DeviationSerializer(many=True, allow_null=True)
    harms = HarmSerializer(many=True, allow_null=True, help_text="Empty: not recorded. It is never a zero.")
    losses = LossSerializer(many=True, allow_null=True, help_text="Empty: not recorded.")
    implementation = ImplementationSerializer(many=True, allow_null=True, help_text="Empty: not recorded.")
    remarks = RemarkSerializer(many=True, allow_null=True)
    explanations = ExplanationSerializer(many=True, help_text="Public at once, before there are results.")


class TrialAccount(OfTrial, DetailView):
    """What the team says happened. The public reads it once results have been published."""

    serializer_class = AccountSerializer

    def thing(self) -> dict[str, Any]:
        """Return every entry, the replaced ones too."""
        trial, user = self.trial(), self.request.user
        explained = _all(explanations_of(trial, user))
        if not is_open_to(trial, user):
            return {"trial": trial.ref, **dict.fromkeys(_KINDS), "explanations": explained}
        return {
            "trial": trial.ref,
            "deviations": _all(deviations_of(trial, user)),
            "harms": _all([one.told for one in harms_of(trial, user, exact=False)]),
            "implementation": _all(implementations_of(trial, user)),
            "remarks": _all(remarks_of(trial, user)),
            "explanations": explained,
            "losses": _all([one.told for one in losses_of(trial, user, exact=False)]),
        }

    def modified(self, rows: list[Any]) -> dt.datetime | None:
        """Return when the newest entry was recorded, or the trial itself changed."""
        trial = self.shown
        newest = [
            model.objects.filter(trial=trial).order_by("-at").values_list("at", flat=True).first()
            for model in _KINDS.values()
        ]
        return max([trial.updated_at, *(at for at in newest if at)])


def _all(chains: list[Told[Any]]) -> list[Any]:
    return [entry for one in chains for entry in (one.entry, *one.earlier)]

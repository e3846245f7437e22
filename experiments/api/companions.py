"""Tables beside the estimates, across all trials: what was changed, drawn, delivered and lost."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from centre.api.serializers import Prunable, ReadSerializer
from centre.api.views import ListView
from experiments.api.account import (
    DeviationSerializer,
    EntrySerializer,
    HarmSerializer,
    ImplementationSerializer,
    LossSerializer,
)
from experiments.api.allocation import AllocationSerializer
from experiments.api.filters import AccountFilter, AllocationFilter, AmendmentFilter
from experiments.models import Allocation, Deviation, Harm, Implementation, Loss, Registration
from experiments.models.account import AccountEntry


class AmendmentRowSerializer(ReadSerializer):
    """One later version of a protocol, and why it came to be."""

    trial_id = serializers.CharField(source="trial.number", help_text="Number of the trial.")
    previous_version = serializers.CharField(source="previous.version")
    registration_hash = serializers.CharField(source="sha256", help_text="SHA-256 of the frozen protocol.")
    reason_code = serializers.CharField(source="amendment.reason_code", default=None, allow_null=True)
    reason = serializers.CharField(source="amendment.reason", default=None, allow_null=True)
    is_major = serializers.BooleanField(source="amendment.is_major", default=None, allow_null=True)
    outcome_data_opened = serializers.BooleanField(
        source="amendment.outcome_data_opened",
        default=None,
        allow_null=True,
        help_text="Whether anybody had opened or analysed outcomes by arm when it was proposed.",
    )
    proposed_at = serializers.DateTimeField(source="amendment.proposed_at", default=None, allow_null=True)
    decided_at = serializers.DateTimeField(source="amendment.decided_at", default=None, allow_null=True)
    changed = serializers.SerializerMethodField(help_text="JSON pointers of the fields that differ.")
    is_simulated = serializers.BooleanField(source="trial.is_simulated")

    class Meta:
        model = Registration
        fields = (
            "trial_id",
            "version",
            "previous_version",
            "registration_hash",
            "registered_at",
            "reason_code",
            "reason",
            "is_major",
            "outcome_data_opened",
            "proposed_at",
            "decided_at",
            "changed",
            "is_simulated",
        )

    def get_changed(self, version: Registration) -> list[str]:
        """Return the fields that differ."""
        amendment = getattr(version, "amendment", None)
        return [change["pointer"] for change in amendment.diff] if amendment else []


class AmendmentList(ListView):
    """The amendments in force of all trials: one row is one later version. Two versions are compared at diff/."""

    serializer_class = AmendmentRowSerializer
    filterset_class = AmendmentFilter
    sorts: ClassVar = {"registered_at": "registered_at", "trial_id": "trial__number"}
    default_sort = "-registered_at"
    modified_field = "registered_at"
    queryset = Registration.objects.all()

    def get_queryset(self) -> QuerySet[Registration]:
        """Return the later versions."""
        rows: QuerySet[Registration] = Registration.objects.visible_to(self.request.user)
        later = rows.filter(previous__isnull=False, trial__number__isnull=False)
        return later.select_related("trial", "previous", "amendment").defer(
            "protocol", "trial__protocol", "previous__protocol", "amendment__protocol"
        )


class AllocationRowSerializer(AllocationSerializer):
    """One allocation. Before the reveal the seed is null."""

    trial_id = serializers.CharField(source="trial.number", help_text="Number of the trial.")
    n_units = serializers.IntegerField(
        source="n_so_far", help_text="Of the frozen list; where cases come one by one, those enrolled by now."
    )
    is_simulated = serializers.BooleanField(source="trial.is_simulated")
    beacon = None  # type: ignore[assignment]  # these three are told of one trial, at its allocation/
    record = None  # type: ignore[assignment]
    trial = None  # type: ignore[assignment]

    class Meta:
        model = Allocation
        fields = (
            "trial_id",
            "method",
            "algorithm",
            "unit_list_sha256",
            "n_units",
            "commitment",
            "seed_policy",
            "beacon_round",
            "committed_at",
            "drawn_at",
            "is_revealed",
            "revealed_at",
            "seed",
            "verifier",
            "is_simulated",
        )


class AllocationList(ListView):
    """The allocations of all trials: one row is one draw, with its commitment and, after the reveal, its seed."""

    serializer_class = AllocationRowSerializer
    filterset_class = AllocationFilter
    sorts: ClassVar = {"committed_at": "committed_at", "trial_id": "trial__number"}
    default_sort = "-committed_at"
    queryset = Allocation.objects.all()

    def get_queryset(self) -> Any:
        """Return the allocations of registered trials."""
        rows: Any = Allocation.objects.visible_to(self.request.user)
        registered = rows.filter(trial__number__isnull=False).select_related("trial")
        return registered.counted().defer("parameters", "prepared", "record", "trial__protocol")


class EntryOfTrial(Prunable, EntrySerializer):
    """The trial that an entry is of: the first column, as in every table."""

    trial_id = serializers.CharField(source="trial.number", help_text="Number of the trial.")
    is_simulated = serializers.BooleanField(source="trial.is_simulated")

    def get_fields(self) -> dict[str, Any]:
        """Return the fields asked for, the trial's number first."""
        fields = super().get_fields()
        first = {name: field for name, field in fields.items() if name == "trial_id"}
        return {**first, **fields}


class DeviationRowSerializer(EntryOfTrial, DeviationSerializer):
    """One deviation, and its trial."""


class HarmRowSerializer(EntryOfTrial, HarmSerializer):
    """One kind of harm in one arm, and its trial."""


class LossRowSerializer(EntryOfTrial, LossSerializer):
    """Units lost for one reason, and their trial."""


class DeliveryRowSerializer(EntryOfTrial, ImplementationSerializer):
    """What was delivered and what it took, and the trial."""


class AccountTable(ListView):
    """What the teams of all trials say of one thing; the public reads it once results have been published."""

    filterset_class = AccountFilter
    sorts: ClassVar = {"recorded_at": "at", "trial_id": "trial__number"}
    default_sort = "-recorded_at"
    modified_field = "at"
    entries: ClassVar[type[AccountEntry]]
    beside: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self) -> QuerySet[Any]:
        """Return the entries that the caller may read, those that were corrected too."""
        rows: QuerySet[Any] = self.entries.objects.visible_to(self.request.user)
        numbered = rows.filter(trial__number__isnull=False)
        return numbered.select_related("trial", "corrects", "correction", *self.beside).defer(
            "trial__protocol"
        )


class DeviationList(AccountTable):
    """The deviations of all trials: one row is one thing that was not done as the protocol says."""

    serializer_class = DeviationRowSerializer
    entries, queryset = Deviation, Deviation.objects.all()
    beside = ("registration",)


class HarmList(AccountTable):
    """The harms of all trials: one row is one kind of harm in one arm. No row of a trial is not no harm."""

    serializer_class = HarmRowSerializer
    entries, queryset = Harm, Harm.objects.all()


class LossList(AccountTable):
    """The losses of all trials: one row is the units of one arm that were lost for one reason."""

    serializer_class = LossRowSerializer
    entries, queryset = Loss, Loss.objects.all()


class DeliveryList(AccountTable):
    """What was delivered in all trials, and the hours and money it took. `integrity_pct` is with the estimates."""

    serializer_class = DeliveryRowSerializer
    entries, queryset = Implementation, Implementation.objects.all()

"""What the API shows of trials, their versions and what hangs on them. Every field is listed."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from centre.api.serializers import Prunable, ReadSerializer, columns_of
from experiments.models import Amendment, Registration, Site, Trial


class SiteSerializer(ReadSerializer):
    """A force and area where the trial runs."""

    force = serializers.SlugField(source="force.slug")

    class Meta:
        model = Site
        fields = ("force", "area")


class DaySerializer(serializers.Serializer[Any]):
    """A date, and whether it is actual or estimated."""

    date = serializers.DateField(allow_null=True)
    type = serializers.ChoiceField(choices=("actual", "estimated"))


class DatesSerializer(serializers.Serializer[Any]):
    """The dates of a trial."""

    first_unit = DaySerializer()
    intervention_start = DaySerializer()
    intervention_end = DaySerializer()
    follow_up_end = DaySerializer()
    primary_completion = DaySerializer()
    data_lock = DaySerializer()


_DATES = tuple(columns_of(DatesSerializer))


class EnrolmentSerializer(serializers.Serializer[Any]):
    """How many units: estimated from the protocol, actual once the list is frozen."""

    count = serializers.IntegerField(allow_null=True)
    type = serializers.ChoiceField(choices=("actual", "estimated"))


class TrialSerializer(ReadSerializer):
    """The registry's record of a trial. For a draft, what its author has written so far."""

    id = serializers.UUIDField(source="public_id")
    tactic = serializers.SlugField(source="tactic.slug", default=None, allow_null=True)
    lead_force = serializers.SlugField(source="lead_force.slug", default=None, allow_null=True)
    design = serializers.SerializerMethodField()
    version = serializers.SerializerMethodField()
    registration_sha256 = serializers.SerializerMethodField()
    badge = serializers.SerializerMethodField()
    sites = SiteSerializer(many=True)
    enrolment = serializers.SerializerMethodField()
    dates = serializers.SerializerMethodField()
    has_results = serializers.SerializerMethodField()

    class Meta:
        model = Trial
        fields = (
            "number",
            "id",
            "title",
            "tactic",
            "lead_force",
            "sites",
            "design",
            "registration_state",
            "conduct_state",
            "results_state",
            "state_reason",
            "version",
            "registration_sha256",
            "badge",
            "registered_at",
            "enrolment",
            "dates",
            "report_due",
            "is_overdue",
            "has_results",
            "is_simulated",
            "notice",
            "created_at",
            "updated_at",
        )

    def get_design(self, trial: Trial) -> str | None:
        """Return the design in force."""
        return trial.design.value if trial.design else None

    def get_version(self, trial: Trial) -> str | None:
        """Return the version in force."""
        return getattr(registered(trial), "version", None)

    def get_registration_sha256(self, trial: Trial) -> str | None:
        """Return the hash of the version in force."""
        return getattr(registered(trial), "sha256", None)

    def get_badge(self, trial: Trial) -> str | None:
        """Return whether it was registered before it began."""
        return getattr(registered(trial), "badge", None)

    @extend_schema_field(EnrolmentSerializer)
    def get_enrolment(self, trial: Trial) -> dict[str, Any]:
        """Return how many units there are, or are to be."""
        frozen = next(iter(trial.unit_lists), None)  # type: ignore[attr-defined]  # fetched by `for_api`
        if frozen is not None:
            return {"count": frozen.n_so_far, "type": "actual"}
        version = registered(trial)
        size = version.sample_size if version else trial.draft_size  # type: ignore[attr-defined]
        return {"count": (size or {}).get("planned_units"), "type": "estimated"}

    @extend_schema_field(DatesSerializer)
    def get_dates(self, trial: Trial) -> dict[str, Any]:
        """Return the dates, each actual or estimated."""
        version = registered(trial)
        dates = version.dates if version else trial.draft_dates  # type: ignore[attr-defined]
        return {name: (dates or {}).get(name) or {"date": None, "type": "estimated"} for name in _DATES}

    def get_has_results(self, trial: Trial) -> bool:
        """Return whether results are out."""
        return trial.results_state in ("published", "corrected")


def registered(trial: Trial) -> Registration | None:
    """Return the version in force, from the rows that came with the trial."""
    return next(iter(trial.in_force), None)  # type: ignore[attr-defined]  # fetched by `for_api`


class AmendmentSerializer(ReadSerializer):
    """Why a version came to be."""

    class Meta:
        model = Amendment
        fields = (
            "reason_code",
            "reason",
            "is_major",
            "outcome_data_opened",
            "proposed_at",
            "decided_at",
            "diff",
        )


class ProtocolVersionSerializer(ReadSerializer):
    """One frozen version of a protocol."""

    trial = serializers.CharField(source="trial.number")
    previous = serializers.CharField(source="previous.version", default=None, allow_null=True)
    amendment = AmendmentSerializer(default=None, allow_null=True)

    class Meta:
        model = Registration
        fields = ("trial", "version", "sha256", "badge", "registered_at", "previous", "amendment")


class ProtocolVersionDetailSerializer(ProtocolVersionSerializer):
    """One frozen version of a protocol, whole."""

    protocol = serializers.JSONField(
        help_text="The protocol as it was frozen; its F and R fields make the SHA-256."
    )

    class Meta:
        model = Registration
        fields = (
            *ProtocolVersionSerializer.Meta.fields,
            "outcome_data_category",
            "assignment_data_category",
            "protocol",
        )


class TrialDetailSerializer(TrialSerializer):
    """The registry's record of a trial, with the protocol in force and the trials before and after it."""

    follows = serializers.SerializerMethodField(help_text="Numbers of the trials that it follows.")
    followed_by = serializers.SerializerMethodField(help_text="Numbers of the trials that follow it.")
    protocol = serializers.SerializerMethodField()

    class Meta:
        model = Trial
        fields = (*TrialSerializer.Meta.fields, "follows", "followed_by", "protocol")

    def get_follows(self, trial: Trial) -> list[str]:
        """Return the numbers of those that the caller may know of."""
        return self._numbers(trial.follows)

    def get_followed_by(self, trial: Trial) -> list[str]:
        """Return the numbers of those that the caller may know of."""
        return self._numbers(trial.followed_by)

    def get_protocol(self, trial: Trial) -> dict[str, Any]:
        """Return the registered protocol, or the draft for those who may see it."""
        found: dict[str, Any] = (registered(trial) or trial).protocol
        return found

    def _numbers(self, side: Any) -> list[str]:
        known = side.visible_to(self.context["request"].user).registered()
        return list(known.order_by("number").values_list("number", flat=True))


class ChangeSerializer(serializers.Serializer[Any]):
    """One field that differs."""

    pointer = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    freeze = serializers.CharField(
        help_text="F and R: frozen at registration; V: versioned; S: set by the registry."
    )


class DiffSerializer(Prunable):
    """What changed between two versions."""

    trial = serializers.CharField()
    from_version = serializers.CharField()
    to_version = serializers.CharField()
    changes = ChangeSerializer(many=True)


class OutcomesSerializer(Prunable):
    """The outcomes as registered."""

    trial = serializers.CharField()
    version = serializers.CharField()
    outcomes = serializers.ListField(child=serializers.DictField(), help_text="As in the frozen protocol.")

"""Tables out of the protocols in force: one row is one arm, one outcome, or one count of the flow, of one trial."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, cast

from django.db.models import Count, F, Q, QuerySet
from rest_framework import serializers

from centre.api import pages
from centre.api.serializers import Prunable
from centre.api.views import ListView
from experiments.api.filters import OfTrialFilter
from experiments.models import Allocation, Assignment, Registration

_BATCH = 500  # versions that are read at a time
_KNOWN = ("trial_id", "trial__number", "trial__is_simulated", "major", "minor", "sha256", "registered_at")
Version = Mapping[str, Any]


class PartSerializer(Prunable):
    """What every row has."""

    trial_id = serializers.CharField(help_text="Number of the trial.")
    protocol_version = serializers.CharField(help_text="The version in force.")
    registration_hash = serializers.CharField(help_text="SHA-256 of the frozen protocol.")
    position = serializers.IntegerField(help_text="Place in the trial, from 1.")
    is_simulated = serializers.BooleanField(
        help_text="True: invented to show how the registry works; no evidence."
    )

    def to_representation(self, instance: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row as it stands; what an older protocol does not say is null."""
        return {name: instance.get(name) for name in cast(Mapping[str, Any], self.fields)}


class PartList(ListView):
    """A table of parts of protocols, in the order of the trials' numbers."""

    filterset_class = OfTrialFilter
    queryset = Registration.objects.all()
    paths: ClassVar[Mapping[str, str]]  # what is read of each protocol

    def get_queryset(self) -> QuerySet[Any]:
        """Return the versions in force of the registered trials that the caller may see."""
        seen = Registration.objects.visible_to(self.request.user)
        return seen.filter(next=None, trial__number__isnull=False)

    def parts(self, versions: Sequence[Version]) -> Iterator[tuple[Version, list[dict[str, Any]]]]:
        """Give each version with its rows."""
        raise NotImplementedError

    def rows(self, versions: Any, size: int = _BATCH) -> Iterator[tuple[Version, int, dict[str, Any]]]:
        """Give every row with its version and its position.

        The keys alone are asked for in order; protocols, which are long, are read of as many as the page takes.
        """
        keys = iter(list(versions.order_by("trial__number").values_list("pk", flat=True)))
        paths = {name: F(f"protocol__{path}") for name, path in self.paths.items()}
        while batch := list(islice(keys, min(size, _BATCH))):
            read = Registration.objects.filter(pk__in=batch).order_by("trial__number")
            for version, parts in self.parts(list(read.values(*_KNOWN, **paths))):
                for position, part in enumerate(parts, start=1):
                    yield version, position, part

    def take(self, rows: Any, orders: list[pages.Order], **wanted: Any) -> pages.Page:
        """Return the rows after the trial and the position that the token names."""
        token, bound_to, size = wanted["token"], wanted["bound_to"], wanted["size"]
        page = pages.Page(is_first=token is None)
        if wanted["count"]:
            page.total_count = sum(1 for _ in self.rows(rows))
        number, place = pages.read_token(token, bound_to, 2) if token else ("", 0)
        after = self.rows(rows.filter(trial__number__gte=number), size + 1)
        left = (one for one in after if one[0]["trial__number"] != number or one[1] > place)
        taken = list(islice(left, size + 1))
        if len(taken) > size:
            version, position, _ = taken[size - 1]
            page.next_token = pages.write_token([version["trial__number"], position], bound_to)
        self.newest = max((version["registered_at"] for version, *_ in taken[:size]), default=None)
        page.rows = [_whole(*one) for one in taken[:size]]
        return page

    def modified(self, rows: list[Any]) -> dt.datetime | None:
        """Return when the newest version on the page was registered."""
        return self.newest


def _whole(version: Version, position: int, part: dict[str, Any]) -> dict[str, Any]:
    return {
        **part,
        "trial_id": version["trial__number"],
        "protocol_version": f"{version['major']}.{version['minor']}",
        "registration_hash": version["sha256"],
        "position": position,
        "is_simulated": version["trial__is_simulated"],
    }


class ArmSerializer(PartSerializer):
    """One arm as registered."""

    arm = serializers.CharField(help_text="Code of the arm in allocation, plan and data.")
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # the field, not DRF's own
    role = serializers.CharField(allow_null=True)
    share = serializers.IntegerField(allow_null=True, help_text="Its part of the draw, as registered.")
    must_happen = serializers.JSONField(allow_null=True, help_text="A list of texts.")
    must_not_happen = serializers.JSONField(allow_null=True, help_text="A list of texts.")
    dose_measure = serializers.CharField(allow_null=True)
    dose_planned = serializers.FloatField(allow_null=True)
    dose_min_acceptable = serializers.FloatField(allow_null=True)
    deliverer = serializers.CharField(allow_null=True)
    training = serializers.CharField(allow_null=True)


class ArmList(PartList):
    """The arms of all trials, as registered: one row is one arm."""

    serializer_class = ArmSerializer
    paths: ClassVar = {"arms": "arms", "ratio": "allocation__ratio"}

    def parts(self, versions: Sequence[Version]) -> Iterator[tuple[Version, list[dict[str, Any]]]]:
        """Give each version with its arms."""
        for version in versions:
            shares = {one["arm"]: one.get("share") for one in version["ratio"] or ()}
            yield version, [_arm(one, shares) for one in version["arms"] or ()]


def _arm(arm: Mapping[str, Any], shares: Mapping[str, int | None]) -> dict[str, Any]:
    dosage = arm.get("dosage") or {}
    doses = {f"dose_{name}": dosage.get(name) for name in ("measure", "planned", "min_acceptable")}
    return {**arm, **doses, "arm": arm["id"], "share": shares.get(arm["id"])}


class OutcomeSerializer(PartSerializer):
    """One outcome as registered."""

    outcome_id = serializers.CharField(help_text="Id of the outcome, as in the table of estimates.")
    name = serializers.CharField(allow_null=True)
    outcome_domain = serializers.CharField(allow_null=True, help_text="What the library rates it under.")
    role = serializers.CharField(allow_null=True)
    family = serializers.CharField(allow_null=True)
    definition = serializers.CharField(allow_null=True)
    data_source = serializers.CharField(allow_null=True)
    hub_measure = serializers.CharField(
        allow_null=True, help_text="What the data hub counts it from; empty where it comes from elsewhere."
    )
    recorded_by = serializers.CharField(allow_null=True)
    recording_rule = serializers.CharField(allow_null=True)
    unit = serializers.CharField(allow_null=True)
    aggregation = serializers.CharField(allow_null=True)
    level = serializers.CharField(allow_null=True)
    timepoint = serializers.CharField(allow_null=True)
    measure = serializers.CharField(allow_null=True)
    direction_of_benefit = serializers.CharField(allow_null=True)
    min_worthwhile_effect = serializers.FloatField(allow_null=True)
    is_proxy = serializers.BooleanField(allow_null=True)
    validity_note = serializers.CharField(allow_null=True)
    subject = serializers.CharField(allow_null=True, help_text="Whom it is about.")

    class Meta:
        ref_name = "RegisteredOutcome"


class OutcomeList(PartList):
    """The outcomes of all trials, as registered: one row is one outcome."""

    serializer_class = OutcomeSerializer
    paths: ClassVar = {"outcomes": "outcomes"}

    def parts(self, versions: Sequence[Version]) -> Iterator[tuple[Version, list[dict[str, Any]]]]:
        """Give each version with its outcomes."""
        for version in versions:
            yield version, [{**one, "outcome_id": one["id"]} for one in version["outcomes"] or ()]


class FlowRowSerializer(PartSerializer):
    """One count of the CONSORT flow."""

    stage = serializers.CharField(
        help_text="planned, listed or assigned. Analysed: n_units_… of the estimates."
    )
    arm = serializers.CharField(allow_null=True, help_text="Null: all arms together.")
    units = serializers.IntegerField()
    clusters = serializers.IntegerField(allow_null=True, help_text="Null: no clusters, or not counted here.")


class FlowList(PartList):
    """The flow of all trials up to the draw: one row is one count. Arms are counted after the reveal alone."""

    serializer_class = FlowRowSerializer
    paths: ClassVar = {"size": "sample_size"}

    def parts(self, versions: Sequence[Version]) -> Iterator[tuple[Version, list[dict[str, Any]]]]:
        """Give each version with what was planned, listed and, after the reveal, assigned."""
        of_trials = Allocation.objects.filter(trial__in=[one["trial_id"] for one in versions])
        listed = {one.trial_id: one.n_so_far for one in of_trials.counted()}
        assigned: dict[int, list[dict[str, Any]]] = {}
        for one in _by_arm(of_trials.filter(revealed_at__isnull=False)):
            assigned.setdefault(one.pop("allocation__trial_id"), []).append(one)
        for version in versions:
            size, trial = version["size"] or {}, version["trial_id"]
            rows = [_count("planned", size.get("planned_units"), size.get("planned_clusters"))]
            rows += [_count("listed", listed.get(trial)), *assigned.get(trial, ())]
            yield version, [row for row in rows if row["units"] is not None]


def _count(stage: str, units: int | None, clusters: int | None = None) -> dict[str, Any]:
    return {"stage": stage, "arm": None, "units": units, "clusters": clusters}


def _by_arm(allocations: Any) -> Iterator[dict[str, Any]]:
    """Count what was assigned to each arm; where arms change by the day, a unit has none of its own."""
    rows = Assignment.objects.filter(allocation__in=allocations).exclude(arm="")
    clusters = Count("cluster", distinct=True, filter=~Q(cluster=""))
    counted = rows.order_by("allocation__trial_id", "arm").values("allocation__trial_id", "arm")
    for one in counted.annotate(units=Count("pk"), clusters=clusters):
        yield {**one, "stage": "assigned", "clusters": one["clusters"] or None}

"""How good a force's files are: its scorecards and findings, as judged now."""

import datetime as dt
from typing import Any

from django.db.models import Max, QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from centre.api.computed import ComputedList
from centre.api.permissions import SignedIn, person
from centre.api.serializers import Prunable
from centre.api.views import visible
from centre.hub import judging
from centre.hub.judging import Judged
from centre.models import Force, MonthlyFile
from centre.permissions import Permission, forces_on, has_permission, require


class ScorecardSerializer(Prunable):
    """One month of one force, in six dimensions."""

    force = serializers.CharField()
    month = serializers.CharField(help_text="YYYY-MM.")
    rows = serializers.IntegerField(allow_null=True, help_text="Null: no file.")
    grades = serializers.DictField(
        child=serializers.CharField(), help_text="good, fair, poor or not known, of each dimension."
    )
    counts = serializers.CharField(
        help_text="Whether the month’s counts may be compared, and if not all was checked why."
    )
    outcomes = serializers.CharField(help_text="Whether what became of its crimes may be compared.")
    findings = serializers.ListField(
        child=serializers.CharField(), help_text="The checks that found something."
    )
    rules_version = serializers.CharField()


class QualityFindingSerializer(Prunable):
    """One finding on months of one force."""

    force = serializers.CharField()
    check = serializers.CharField()
    dimension = serializers.CharField()
    severity = serializers.CharField(help_text="stop: not to be compared; warn: to be said beside; note.")
    months = serializers.ListField(child=serializers.CharField(), help_text="Each YYYY-MM.")
    words = serializers.CharField()
    action = serializers.CharField(help_text="What to do.")
    rows = serializers.IntegerField(allow_null=True)
    of = serializers.IntegerField(allow_null=True, help_text="What rows are a share of.")


class OfForcesList(ComputedList):
    """Rows that are worked out of what the hub keeps of forces."""

    permission_classes = (SignedIn,)
    queryset = Force.objects.all()

    def seen(self, request: Request) -> QuerySet[Force]:
        """Return the forces whose data the person may see."""
        by = person(request)
        require(by, Permission.HUB_SEE)
        if has_permission(by, Permission.HUB_SEE_ALL):
            return Force.objects.all()
        return Force.objects.filter(pk__in=forces_on(by, Permission.HUB_SEE))

    def modified(self, rows: list[Any]) -> dt.datetime | None:
        """Return nothing: what the rows are made of changes in more than one table."""
        return None


class JudgedList(OfForcesList):
    """Rows out of the judgement of one force's newest files."""

    def matching(self, request: Request) -> Any:
        """Return the rows of the force, if the person may see it."""
        self.force = visible(self.seen(request), slug=self.kwargs["force"])
        judged = judging.judged(self.force)
        return self.rows(judged) if judged else []

    def rows(self, judged: Judged) -> list[dict[str, Any]]:
        """Return what is listed of it."""
        raise NotImplementedError

    def modified(self, rows: list[Any]) -> dt.datetime | None:
        """Return when the force's newest file came."""
        files = MonthlyFile.objects.filter(force=self.force)
        newest: dt.datetime | None = files.aggregate(at=Max("submission__received_at"))["at"]
        return newest


class ScorecardList(JudgedList):
    """A force's scorecards, the oldest month first: what may be compared."""

    serializer_class = ScorecardSerializer

    def rows(self, judged: Judged) -> list[dict[str, Any]]:
        """Return the scorecards."""
        return [one.as_json() for one in judged.scorecards]


class QualityFindingList(JudgedList):
    """What is found in a force's files, and what to do."""

    serializer_class = QualityFindingSerializer

    def rows(self, judged: Judged) -> list[dict[str, Any]]:
        """Return the findings."""
        return [one.as_json() for one in judged.findings]

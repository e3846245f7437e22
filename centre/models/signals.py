"""What is rising: scans of every series at once, the signals they found, and what people judged of each."""

import datetime as dt
import uuid
from math import floor
from typing import Any, ClassVar

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from centre.frozen import FrozenModel, FrozenQuerySet
from centre.hub.trends.fired import FIRED
from centre.models.forces import Force
from centre.models.of_forces import OfForceQuerySet
from centre.models.people import User


class TrendScanQuerySet(FrozenQuerySet):
    """Questions about many scans."""

    def newest(self) -> "TrendScan | None":
        """Return the newest scan; None before the first."""
        return self.order_by("-scanned_at", "-pk").first()


class TrendScan(FrozenModel):
    """One look at every series: by which rules, from which files, how many tests, and what could not be judged."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scanned_at = models.DateTimeField(default=timezone.now)
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+"
    )  # null: the registry itself, by its timetable
    rules = models.JSONField()
    first_month = models.DateField()
    last_month = models.DateField()
    files_as_of = models.DateTimeField()  # the newest submission that it has seen
    n_files = models.PositiveIntegerField()
    n_series = models.PositiveIntegerField()
    n_tests = models.PositiveIntegerField()
    n_signals = models.PositiveIntegerField()
    unjudged = models.JSONField()  # force, measure, name, month and reason of each
    # No signals: force, measure, name, month, and since when how much was counted and expected.
    watched = models.JSONField(default=list)
    inputs_sha256 = models.CharField(max_length=64, unique=True)  # of the files and the rules
    results_sha256 = models.CharField(max_length=64)  # of the figures of every test

    objects: ClassVar[models.Manager[Any]] = TrendScanQuerySet.as_manager()

    class Meta:
        ordering = ("-scanned_at", "-pk")

    def __str__(self) -> str:
        return f"Scan of {self.scanned_at:%-d %B %Y}, to {self.last_month:%B %Y}"


class SignalQuerySet(OfForceQuerySet):
    """Questions about many signals."""

    def current(self) -> "SignalQuerySet":
        """Return what the newest look at each month found: an earlier look at the same month is history."""
        later = TrendScan.objects.filter(
            scanned_at__gt=OuterRef("scan__scanned_at"),
            first_month__lte=OuterRef("month"),
            last_month__gte=OuterRef("month"),
        )
        return self.exclude(Exists(later))

    def same(self, signal: "Signal") -> "SignalQuerySet":
        """Return the signals of the same month of the same series, from every look at it."""
        return self.filter(force=signal.force_id, measure=signal.measure, month=signal.month)

    def with_state(self) -> "SignalQuerySet":
        """Annotate `state`: what was judged last of this month of the series, whichever scan it was said of."""
        said = SignalJudgement.objects.filter(
            signal__force=OuterRef("force"),
            signal__measure=OuterRef("measure"),
            signal__month=OuterRef("month"),
        ).order_by("-at", "-pk")
        return self.annotate(state=Coalesce(Subquery(said.values("state")[:1]), Value(Signal.NEW)))

    def most_pressing_first(self) -> "SignalQuerySet":
        """Order the new before the escalated, explained and closed; then the clearest first. Needs `with_state`."""
        ranks = [When(state=state, then=Value(rank)) for rank, state in enumerate(Signal.STATES)]
        return self.order_by(Case(*ranks, output_field=models.IntegerField()), "-month", "p_value", "pk")


class Signal(FrozenModel):
    """One month of one series that a scan found to be rising. Its state is what was judged of it; none yet is new."""

    NEW = "new"
    STATES: ClassVar[dict[str, str]] = {
        NEW: "New",
        "escalated": "Escalated",
        "explained": "Explained",
        "closed": "Closed",
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scan = models.ForeignKey(TrendScan, on_delete=models.PROTECT, related_name="signals")
    force = models.ForeignKey(Force, on_delete=models.PROTECT, related_name="signals")
    measure = models.SlugField(max_length=60)
    measure_name = models.CharField(max_length=120)
    month = models.DateField()  # its first day
    observed = models.FloatField()
    expected = models.FloatField()
    upper_bound = models.FloatField()
    p_value = models.FloatField()
    q_value = models.FloatField()
    rules_fired = models.JSONField()  # keys of FIRED
    statistics = models.JSONField(default=list)  # rule, value and bound of those that have one and no p value
    years_back = models.PositiveSmallIntegerField()
    same_season = models.PositiveSmallIntegerField()  # counts of it that the month was compared with
    history = models.JSONField()  # months, counts, bounds, and the months it was compared with

    objects: ClassVar[models.Manager[Any]] = SignalQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("scan", "force", "measure", "month"), name="centre_signal_once_in_a_scan"
            ),
        )
        indexes = (models.Index(fields=("force", "measure", "month"), name="centre_signal_of_series"),)

    def __str__(self) -> str:
        return f"{self.measure_name}, {self.force}, {self.month:%B %Y}"

    def get_absolute_url(self) -> str:
        """Return the address of the signal's page."""
        return reverse("hub-signal", args=[self.pk])

    @property
    def sentence(self) -> str:
        """Return what happened, in one sentence."""
        return (
            f"{self.measure_name} recorded by {self.force} was {self.observed:,.0f} in {self.month:%B %Y}; "
            f"{self.expected_in_words} were expected, and up to {self.ordinary_up_to:,} would be ordinary."
        )

    @property
    def expected_in_words(self) -> str:
        """Return the expected count as it is said: without a fraction, unless it is small."""
        return f"{self.expected:,.0f}" if self.expected >= 10 else f"{self.expected:,.1f}"

    @property
    def ordinary_up_to(self) -> int:
        """Return the highest count that is within the bound."""
        return floor(self.upper_bound)

    @property
    def rules_in_words(self) -> list[str]:
        """Return the rules that fired, for everybody."""
        return [FIRED[key] for key in self.rules_fired]

    @property
    def statistics_in_words(self) -> list[dict[str, Any]]:
        """Return what each rule with a statistic came to, fired or not."""
        return [
            one | {"words": FIRED[one["rule"]], "has_fired": one["rule"] in self.rules_fired}
            for one in self.statistics
        ]

    @property
    def compared(self) -> list[dt.date]:
        """Return the months that it was compared with."""
        return [dt.date.fromisoformat(month) for month in self.history["compared"]]


class SignalJudgement(FrozenModel):
    """What somebody made of a signal: explained, escalated or closed. The newest is its state."""

    class State(models.TextChoices):
        """What can be said of a signal."""

        EXPLAINED = "explained", "Explained"  # it is known why, and nothing more is asked
        ESCALATED = "escalated", "Escalated"  # somebody is to act on it
        CLOSED = "closed", "Closed"  # nothing more will be said of it

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="judgements")
    state = models.CharField(max_length=10, choices=State)
    words = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Any]] = FrozenQuerySet.as_manager()

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("signal",), condition=Q(state="closed"), name="centre_signaljudgement_closed_once"
            ),
            models.CheckConstraint(
                condition=Q(state="closed") | ~Q(words=""), name="centre_signaljudgement_says_why"
            ),
        )

    def __str__(self) -> str:
        return f"{self.signal}: {self.get_state_display()}"

"""Visits of the data-quality team: which are planned, and one of them before, during and after."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from centre.forms import DatePartsField, PlainCharField, PlainTextField
from centre.hub import following, judging
from centre.hub.actions import visits
from centre.hub.judging import Judged
from centre.hub.quality import remeasured
from centre.hub.quality.findings import Dimension
from centre.hub.quality.remeasured import Fate, Pair
from centre.models import Force, QualityAction, Submission, Visit
from centre.paging import Pages
from centre.permissions import Permission, require
from centre.views.acts import FormPage
from centre.views.hub.pages import HubPage
from centre.views.hub.quality import newest_first, tier, urgent_first

PAGE_SIZE = 50
FATES = {Fate.WENT: ("Gone", "green"), Fate.STAYED: ("Still found", "yellow"), Fate.NEW: ("New", "red")}


class PlanForm(forms.Form):
    """Which force, on which day, and who goes."""

    force = forms.ChoiceField(
        label="Force",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a force from the list"),
    )
    visited_on = DatePartsField(label="The day of the visit", help_text="For example, 27 3 2027")
    team = PlainCharField(
        name="Who goes", label="Who goes?", max_length=300, error_messages={"required": "Say who goes"}
    )

    def __init__(self, forces: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [(one.slug, one.name) for one in forces]
        self.fields["force"].choices = [("", "Choose a force"), *listed]  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """What was seen, and what was said."""

    seen = PlainTextField(
        name="What you saw", label="What did you see?", required=False, max_length=4_000, rows=4
    )
    said = PlainTextField(
        name="What the force said",
        label="What did the force say?",
        help_text="Do not name people.",
        required=False,
        max_length=4_000,
        rows=4,
    )


class CallOffForm(forms.Form):
    """Why a visit does not take place."""

    because = PlainCharField(
        name="Why",
        label="Why is it called off?",
        help_text="The force reads this.",
        max_length=500,
        error_messages={"required": "Say why it is called off"},
    )


class VisitList(HubPage):
    """Visits that are planned and those that were, and the actions that are open."""

    template = "hub/visits.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        seen = Visit.objects.visible_to(self.by).for_list()
        today = timezone.localdate()
        ahead = seen.standing().filter(visited_on__gte=today).order_by("visited_on", "pk")
        actions = QualityAction.objects.visible_to(self.by).open().select_related("force", "visit")
        return self.page(
            ahead=ahead,
            page=Pages(seen.exclude(pk__in=ahead.values("pk")), PAGE_SIZE).get_page(request.GET.get("page")),
            actions=following.of_all(actions),
            n_overdue=sum(one.is_overdue for one in actions),
            may_plan=self.may(Permission.VISIT_KEEP),
        )


class VisitPlan(FormPage, HubPage):
    """Plan a visit."""

    template = "hub/visit_plan.html"
    needs: ClassVar[Permission] = Permission.VISIT_KEEP

    def form(self, *sent: Any) -> PlanForm:
        """Return the form; a link may have chosen the force."""
        return PlanForm(self.forces(), *sent, initial=self.request.GET.dict())

    def act(self, form: Any) -> str:
        """Plan it."""
        given = form.cleaned_data
        made = visits.plan(
            force=self.force(given["force"]), visited_on=given["visited_on"], team=given["team"], by=self.by
        )
        return reverse("hub-visit", args=[made.pk])


class OfVisit(HubPage):
    """A page about one visit."""

    @property
    def visit(self) -> Visit:
        """Return it, among those that the person may see."""
        rows = Visit.objects.visible_to(self.by).select_related("force", "planned_by", "called_off_by")
        found: Visit = get_object_or_404(rows, pk=self.kwargs["visit_id"])
        return found


class VisitCallOff(FormPage, OfVisit):
    """Call a visit off."""

    template = "hub/visit_call_off.html"
    needs: ClassVar[Permission] = Permission.VISIT_KEEP

    def form(self, *sent: Any) -> CallOffForm:
        """Return the form."""
        return CallOffForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return the visit."""
        return {"visit": self.visit}

    def act(self, form: Any) -> str:
        """Call it off."""
        gone = visits.call_off(visit=self.visit, because=form.cleaned_data["because"], by=self.by)
        return reverse("hub-visit", args=[gone.pk])


class VisitDetail(FormPage, OfVisit):
    """One visit: what is found before it, what was noted and agreed at it, and what was measured again after it."""

    template = "hub/visit.html"

    def form(self, *sent: Any) -> NoteForm:
        """Return the form of a note."""
        return NoteForm(*sent)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Write a note, for those who may."""
        require(self.by, Permission.VISIT_KEEP, on=self.visit.force)
        return super().post(request, **kwargs)

    def act(self, form: Any) -> str:
        """Write it."""
        visits.note(visit=self.visit, by=self.by, **form.cleaned_data)
        return reverse("hub-visit", args=[self.visit.pk])

    def context(self) -> dict[str, Any]:
        """Return everything that is known of it."""
        visit = self.visit
        force, now = visit.force, judging.judged(visit.force)
        is_held = visit.has_come and visit.called_off_at is None
        actions = QualityAction.objects.filter(force=force).select_related("visit")
        keeps = self.may(Permission.VISIT_KEEP, on=force)
        return {
            "visit": visit,
            "is_held": is_held,
            "found": now,
            "findings": urgent_first(now) if now else [],
            "newest": tier(now.newest.counts) if now else None,
            "again": _again(visit, now) if is_held and now else None,
            "notes": visit.notes.select_related("by"),
            "agreed": following.followed(actions.filter(visit=visit), now),
            "others": following.followed(actions.open().exclude(visit=visit), now),
            "earlier": Visit.objects.for_list().filter(force=force, visited_on__lt=visit.visited_on),
            "dimensions": [one.value.capitalize() for one in Dimension],
            "months": newest_first(now) if now else [],
            "may_write": keeps and is_held,
            "may_call_off": keeps and visit.called_off_at is None,
        }


def _again(visit: Visit, now: Judged) -> dict[str, Any] | None:
    """Return what was measured again; None where nothing had been sent before the visit."""
    before = judging.judged(visit.force, as_of=visit.begins_at)
    if before is None:
        return None
    pairs = remeasured.pairs(before.findings, now.findings)
    return {
        "before": before,
        "now": now,
        "sent": _sent_since(visit.force, visit),
        "rows": [{"pair": one, "tag": FATES[one.fate]} for one in sorted(pairs, key=_news)],
        "counts": {fate.value: sum(one.fate is fate for one in pairs) for fate in Fate},
        "n_before": len(before.findings),
        "months": [
            {"month": one.month, "before": tier(one.before), "now": tier(one.now)}
            for one in remeasured.months(before.scorecards, now.scorecards)
        ],
    }


def _news(pair: Pair) -> int:
    """Order findings by what a reader looks for first: what went, what is new, what stayed."""
    return (Fate.WENT, Fate.NEW, Fate.STAYED).index(pair.fate)


def _sent_since(force: Force, visit: Visit) -> Any:
    sent = Submission.objects.filter(files__force=force, received_at__gt=visit.begins_at)
    return sent.distinct().order_by("received_at")

"""What is rising: the signals of a month, and one signal with what speaks for and against it and what is made of it."""

from collections import Counter
from datetime import date
from math import floor
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from centre.forms import HintedRadios, PlainTextField
from centre.hub import judging, known, markers
from centre.hub.actions import signals, trend_scans
from centre.hub.drawings import Marker
from centre.hub.quality.scorecard import OF_COUNTS
from centre.models import Signal, SignalJudgement, Submission, TrendScan
from centre.paging import Pages
from centre.permissions import Permission, require
from centre.views.acts import FormPage
from centre.views.hub import charts
from centre.views.hub.pages import HubPage
from centre.views.hub.quality import SEVERITIES

PAGE_SIZE = 50
ALL_MONTHS = "all"


class SignalFilter(forms.Form):
    """Which signals to show; what can be chosen is what there is."""

    month = forms.ChoiceField(required=False)
    force = forms.ChoiceField(required=False)
    measure = forms.ChoiceField(required=False)
    state = forms.ChoiceField(required=False, choices=[("", "Any"), *Signal.STATES.items()])

    def __init__(self, sent: Any, *, visible: Any, newest: date) -> None:
        super().__init__(sent)
        rows = list(visible.values_list("month", "force__slug", "force__name", "measure", "measure_name"))
        months = sorted({row[0] for row in rows} - {newest}, reverse=True)
        self.fields["month"].choices = [  # type: ignore[attr-defined]
            ("", f"{newest:%B %Y}, the newest"),
            *((f"{month:%Y-%m}", f"{month:%B %Y}") for month in months),
            (ALL_MONTHS, "All months"),
        ]
        for name, place in (("force", 1), ("measure", 3)):
            found = sorted({row[place : place + 2] for row in rows}, key=lambda pair: pair[1])
            self.fields[name].choices = [("", "Any"), *found]  # type: ignore[attr-defined]


class SignalList(HubPage):
    """The signals of the newest month, those that nobody has looked at first; and what could not be judged."""

    template = "hub/signals.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        scan = TrendScan.objects.newest()
        may_judge = self.may(Permission.SIGNAL_JUDGE)
        if scan is None:
            has_files = Submission.objects.visible_to(self.by).exists()
            return self.page(scan=None, may_judge=may_judge, has_files=has_files)
        visible = Signal.objects.visible_to(self.by).current()
        form = SignalFilter(request.GET, visible=visible, newest=scan.last_month)
        rows = visible.with_state().select_related("force").most_pressing_first()
        chosen = _chosen(rows, form, scan)
        of_month = [one.state for one in rows if one.month == scan.last_month]
        n_before = sum(scan.first_month <= one.month < scan.last_month for one in rows)
        unjudged = self._unjudged(scan)
        n_judged = scan.n_series - sum(one["month"] == f"{scan.last_month:%Y-%m}" for one in scan.unjudged)
        return self.page(
            scan=scan,
            form=form,
            page=Pages(chosen, PAGE_SIZE).get_page(request.GET.get("page")),
            query=_query(request),
            is_filtered=any(form.data.get(name) for name in form.fields),
            n_of_month=len(of_month),
            n_before=n_before,
            n_new=of_month.count(Signal.NEW),
            n_judged=n_judged,
            rate=scan.rules["false_discovery_rate"],
            by_chance=round(n_judged * scan.rules.get("watched_by_chance", 0)),
            of_forces=self._places_of(form),
            watched=self._watched(scan),
            has_watched="watched_by_chance" in scan.rules,  # a scan by earlier rules did not look
            unjudged=unjudged,
            n_unjudged=sum(one["n"] for one in unjudged),
            is_stale=self.sees_all and Submission.objects.filter(received_at__gt=scan.files_as_of).exists(),
            may_judge=may_judge,
        )

    def _places_of(self, form: SignalFilter) -> Any:
        """Return the forces whose places are one step away: the chosen one, or who sees few sees theirs."""
        if form.is_valid() and (chosen := form.cleaned_data["force"]):
            return self.forces().filter(slug=chosen)
        return () if self.sees_all else self.forces()

    def _watched(self, scan: TrendScan) -> list[dict[str, Any]]:
        """Return what is worth watching, for the forces that the person may see."""
        names = dict(self.forces().values_list("slug", "name"))
        return [
            one
            | {
                "force_name": names[one["force"]],
                "since": date.fromisoformat(f"{one['since']}-01"),
                "month": date.fromisoformat(f"{one['month']}-01"),
                "above": 100 * (one["observed"] / one["expected"] - 1),
            }
            for one in scan.watched
            if one["force"] in names
        ]

    def _unjudged(self, scan: TrendScan) -> list[dict[str, Any]]:
        """Return why series of the newest month could not be judged, for the forces that the person may see."""
        names = dict(self.forces().values_list("slug", "name"))
        month = f"{scan.last_month:%Y-%m}"
        counted = Counter(
            (one["force"], one["reason"])
            for one in scan.unjudged
            if one["month"] == month and one["force"] in names
        )
        return [
            {"force": names[force], "reason": reason, "n": n}
            for (force, reason), n in sorted(counted.items())
        ]


class SignalScan(HubPage):
    """Have every series judged; the answer is the page of the run that does it."""

    needs = Permission.SIGNAL_JUDGE
    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for it."""
        return redirect("run-detail", trend_scans.request(by=self.by).pk)


class SignalForm(forms.Form):
    """What somebody makes of a signal."""

    state = forms.ChoiceField(
        label="What is it?",
        choices=SignalJudgement.State.choices,
        widget=HintedRadios(
            {
                "explained": "It is known why, and nothing more is asked for now",
                "escalated": "Somebody is to act on it",
                "closed": "Nothing more will be said of it; this cannot be taken back",
            }
        ),
        error_messages={"required": "Say whether it is explained, escalated or closed"},
    )
    words = PlainTextField(
        name="Why",
        label="Why",
        help_text="What explains it, or to whom it goes and what they are to do. Name no person outside the police.",
        max_length=signals.LONGEST,
        rows=4,
        required=False,
    )


class SignalDetail(FormPage, HubPage):
    """One signal: what happened, how it was judged, what else may be why, what works against it, and its state."""

    template = "hub/signal.html"

    def signal(self) -> Signal:
        """Return the signal; of another force the person learns nothing."""
        rows = Signal.objects.visible_to(self.by).with_state().select_related("force", "scan")
        found: Signal = get_object_or_404(rows, pk=self.kwargs["signal_id"])
        return found

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take what somebody made of it, from those who may."""
        require(self.by, Permission.SIGNAL_JUDGE, on=self.signal().force)
        return super().post(request, **kwargs)

    def form(self, *sent: Any) -> SignalForm:
        """Return the form."""
        return SignalForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return what the page shows."""
        signal = self.signal()
        newest = Signal.objects.current().same(signal).first()
        changes = [one for one in markers.of(signal.force.slug) if one.month in signal.history["months"]]
        is_closed = signal.state == SignalJudgement.State.CLOSED  # type: ignore[attr-defined]
        return {
            "signal": signal,
            "newest": newest if newest != signal else None,
            "is_outdated": newest != signal,
            "p_value": _chance(signal.p_value),
            "q_value": _chance(signal.q_value),
            "drawing": _drawing(signal, [Marker(one.month, one.words) for one in changes]),
            "changes": changes,
            "rows": _rows(signal),
            "findings": _findings(signal),
            "said": SignalJudgement.objects.filter(signal__in=Signal.objects.same(signal)).select_related(
                "by", "signal"
            ),
            "about": known.about(signal.measure),
            "may_judge": self.may(Permission.SIGNAL_JUDGE, on=signal.force)
            and newest == signal
            and not is_closed,
        }

    def act(self, form: Any) -> str:
        """Keep it."""
        given = form.cleaned_data
        signal = self.signal()
        signals.judge(signal=signal, state=given["state"], words=given["words"], by=self.by)
        return f"{signal.get_absolute_url()}#state"


def _chosen(rows: Any, form: SignalFilter, scan: TrendScan) -> Any:
    if not form.is_valid():
        return rows.none()
    given = form.cleaned_data
    if given["month"] != ALL_MONTHS:
        month = f"{given['month']}-01" if given["month"] else scan.last_month
        rows = rows.filter(month=month)
    named = {"force": "force__slug", "measure": "measure", "state": "state"}
    return rows.filter(**{path: given[name] for name, path in named.items() if given[name]})


def _chance(p: float) -> str:
    """Return a chance in words that a person reads: one figure, and a floor."""
    return f"{p:.2g}" if p >= 0.0001 else "less than 0.0001"


def _query(request: HttpRequest) -> str:
    rest = request.GET.copy()
    rest.pop("page", None)
    return rest.urlencode()


def _drawing(signal: Signal, changes: list[Marker]) -> str:
    kept = signal.history
    return charts.monthly(
        f"signal-{signal.pk}",
        f"{signal.measure_name}, {signal.force}, month by month",
        kept["months"],
        kept["counts"],
        described="A diamond is the month of the signal, a bar the bound of a judged month, a cross a missing month.",
        flagged=frozenset({f"{signal.month:%Y-%m}"}),
        bounds=kept["bounds"],
        markers=changes,
    )


def _rows(signal: Signal) -> list[dict[str, Any]]:
    """Return the months of the chart, the newest first."""
    kept, compared = signal.history, {f"{month:%Y-%m}" for month in signal.compared}
    return [
        {
            "month": month,
            "count": count,
            "bound": None if bound is None else floor(bound),
            "is_compared": month in compared,
        }
        for month, count, bound in zip(kept["months"], kept["counts"], kept["bounds"], strict=True)
    ][::-1]


def _findings(signal: Signal) -> list[dict[str, Any]]:
    """Return what was found of counts in the months that it rests on, as the scan saw them, the gravest first."""
    found = judging.judged(signal.force, as_of=signal.scan.files_as_of)
    rests_on = {f"{month:%Y-%m}" for month in (signal.month, *signal.compared)}
    order = list(SEVERITIES)
    return [
        {"finding": one, "words": SEVERITIES[one.severity][0], "colour": SEVERITIES[one.severity][1]}
        for one in sorted(found.findings if found else (), key=lambda one: order.index(one.severity))
        if one.dimension in OF_COUNTS and rests_on & set(one.months)
    ]

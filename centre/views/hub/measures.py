"""The dictionary of measures: what each is and is not, its figures by force, and the way to a new version."""

from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404
from django.urls import reverse
from django.utils import timezone

from centre.errors import Invalid
from centre.forms import DatePartsField, PlainCharField, PlainTextField
from centre.hub import judging
from centre.hub.actions import measures
from centre.hub.classifications import OFFENCE_GROUP, mapped
from centre.hub.judging import Judged
from centre.hub.street.counting import count, is_counted
from centre.models import Force, Measure, WeightTable
from centre.permissions import Permission
from centre.views.acts import FormPage
from centre.views.hub import charts, harm
from centre.views.hub.pages import HubPage
from centre.views.hub.quality import TIERS

OF_FORCES = "crime-per-1000"  # a figure of each force's row, of a year and not of months

_FIXED = ("key", "unit", "weights")  # of a measure, in all its versions


class MeasureList(HubPage):
    """Every measure as it holds today."""

    template = "hub/measures.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        today = list(Measure.objects.visible_to(self.by).in_force())
        by_kind = [
            (kind.label.capitalize(), [one for one in today if one.kind == kind])
            for kind in reversed(Measure.Kind)
        ]
        return self.page(
            by_kind=[(kind, rows) for kind, rows in by_kind if rows],
            n_measures=len(today),
            to_come=Measure.objects.visible_to(self.by).to_come(),
            weights=WeightTable.objects.all(),
            may_keep=self.may(Permission.HUB_KEEP),
            may_submit=self.may(Permission.HUB_SUBMIT),
        )


class MeasureDetail(HubPage):
    """One measure: in plain words first, then its figures, then its versions."""

    template = "hub/measure.html"

    def get(self, request: HttpRequest, measure: str) -> HttpResponse:
        """Show it."""
        versions = _versions(self.by, measure)
        held = Measure.objects.in_force().filter(key=measure).first() or versions[0]
        found = judging.all_judged(self.forces()) if is_counted(measure) else []
        shown = None if held.weights else self._shown(found)
        return self.page(
            measure=held,
            versions=versions,
            rows=[_row(one, measure) for one in found],
            shown=shown.force if shown else None,
            months=_months(shown, measure) if shown else [],
            drawing=_drawing(shown, held) if shown else "",
            group=mapped(OFFENCE_GROUP, held.name, month=f"{timezone.localdate():%Y-%m}"),
            rates=_rates() if measure == OF_FORCES else [],
            harm=harm.shown(held, self.forces(), self.request.GET) if held.weights else {},
            may_submit=self.may(Permission.HUB_SUBMIT),
            may_keep=self.may(Permission.HUB_KEEP),
        )

    def _shown(self, found: list[Judged]) -> Judged | None:
        """Return the force that is asked for, or the first."""
        wanted = self.request.GET.get("force")
        if wanted is None:
            return found[0] if found else None
        for one in found:
            if one.force.slug == wanted:
                return one
        raise Http404


class MeasureForm(forms.Form):
    """One version of a measure."""

    key = PlainCharField(
        name="Key",
        label="Key",
        help_text="Small letters, figures and hyphens, like burglary-dwelling. It stays.",
        max_length=60,
    )
    name = PlainCharField(name="Name", label="Name", max_length=120)
    definition = PlainTextField(
        name="What it is", label="What it is", help_text="In plain words.", max_length=600, rows=3
    )
    exclusions = PlainTextField(
        name="What it is not",
        label="What it is not",
        help_text="What somebody might take it for, and why it is not that.",
        max_length=600,
        rows=3,
    )
    recording_rule = PlainTextField(
        name="Recording rule",
        label="Recording rule",
        help_text="When a thing is counted, and whether once or more often.",
        max_length=600,
        rows=3,
    )
    kind = forms.ChoiceField(label="Kind", choices=Measure.Kind.choices, widget=forms.RadioSelect)
    unit = forms.ChoiceField(label="Unit", choices=Measure.Unit.choices, widget=forms.RadioSelect)
    direction = forms.ChoiceField(
        label="Which way is better?", choices=Measure.Direction.choices, widget=forms.RadioSelect
    )
    denominator = PlainCharField(
        name="Denominator",
        label="Denominator",
        help_text="Of a rate or a share: of what it is one.",
        max_length=200,
        required=False,
    )
    weights = forms.ChoiceField(
        label="Weights, of a harm score",
        help_text="The hub works it out from counts of offences, by the newest version of the table.",
        required=False,
        choices=lambda: [("", "None: its figures are sent"), *_tables()],
    )
    source = PlainCharField(name="Source", label="Source", max_length=200)
    licence = PlainCharField(name="Licence", label="Licence of the figures", max_length=120)
    standard = PlainCharField(
        name="Standard", label="Standard it belongs to, if any", max_length=120, required=False
    )
    valid_from = DatePartsField(label="The day from which it holds")
    reason = PlainTextField(
        name="Reason",
        label="Why the measure changes",
        help_text="Everybody can read it.",
        max_length=600,
        rows=3,
    )


class MeasureNew(FormPage, HubPage):
    """Adopt a measure that the dictionary does not have."""

    template = "hub/measure_adopt.html"
    needs: ClassVar[Permission] = Permission.HUB_KEEP

    def form(self, *sent: Any) -> forms.Form:
        """Return the form: a first version needs no reason."""
        form = MeasureForm(*sent)
        del form.fields["reason"]
        return form

    def act(self, form: Any) -> str:
        """Adopt it."""
        if Measure.objects.filter(key=form.cleaned_data["key"]).exists():
            raise Invalid.field("/key", "There is a measure with this key: adopt a new version on its page")
        made = measures.adopt(**form.cleaned_data, by=self.by)
        return reverse("hub-measure", args=[made.key])


class MeasureAdopt(FormPage, HubPage):
    """Adopt a new version of a measure, with what the newest one says to start from."""

    template = "hub/measure_adopt.html"
    needs: ClassVar[Permission] = Permission.HUB_KEEP

    def form(self, *sent: Any) -> forms.Form:
        """Return the form of the newest version; its key, its unit and its weights stay."""
        newest = _versions(self.by, self.kwargs["measure"])[0]
        form = MeasureForm(*sent)
        form.initial = {name: getattr(newest, name) for name in measures.FIELDS}
        for fixed in _FIXED:
            del form.fields[fixed]
        self.newest = newest
        return form

    def context(self) -> dict[str, Any]:
        """Return what it replaces."""
        return {"newest": self.newest}

    def act(self, form: Any) -> str:
        """Adopt it."""
        fixed = {name: getattr(self.newest, name) for name in _FIXED}
        made = measures.adopt(**fixed, **form.cleaned_data, by=self.by)
        return reverse("hub-measure", args=[made.key])


def _tables() -> list[tuple[str, str]]:
    names = WeightTable.objects.order_by("name").values_list("name", flat=True).distinct()
    return [(name, name) for name in names]


def _versions(by: Any, key: str) -> list[Measure]:
    rows = Measure.objects.visible_to(by).filter(key=key).select_related("adopted_by").order_by("-version")
    found: list[Measure] = get_list_or_404(rows)
    return found


def _counts(one: Judged, key: str) -> dict[str, int]:
    return {profile.month: count(profile, key) for profile in one.series.profiles}


def _row(one: Judged, key: str) -> dict[str, Any]:
    """Return a force's newest month, and the same month a year before; a month without a file is not known."""
    by_month = _counts(one, key)
    newest = one.newest.month
    words, colour, _ = TIERS[one.newest.counts]
    year_before = f"{int(newest[:4]) - 1}{newest[4:]}"
    return {
        "force": one.force,
        "month": newest,
        "count": by_month.get(newest),
        "year_before": by_month.get(year_before),
        "words": words,
        "colour": colour,
    }


def _months(one: Judged, key: str) -> list[dict[str, Any]]:
    """Return each month with its count, the newest first."""
    by_month = _counts(one, key)
    found = []
    for card in reversed(one.scorecards):
        words, colour, _ = TIERS[card.counts]
        found.append(
            {"month": card.month, "count": by_month.get(card.month), "words": words, "colour": colour}
        )
    return found


def _drawing(one: Judged, measure: Measure) -> str:
    by_month = _counts(one, measure.key)
    return charts.of_months(
        f"{measure.key}-{one.force.slug}",
        f"{measure.name} in each month, {one.force}",
        one,
        [by_month.get(card.month) for card in one.scorecards],
    )


def _rates() -> list[Force]:
    """Return the forces of which there is a rate: public figures, so every force to everybody."""
    rated = [one for one in Force.objects.official() if one.crime_rate is not None]
    return sorted(rated, key=lambda one: one.name)

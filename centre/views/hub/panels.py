"""National panels: sending one, and each at a glance from its sums, the country by month and each force's newest."""

from typing import Any, ClassVar

import numpy as np
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre.forms import PlainCharField
from centre.hub import panelling
from centre.hub.actions import panels
from centre.hub.panels.rollup import Rollup
from centre.models import AreaLookup, Measure, Panel, Run
from centre.permissions import Permission
from centre.views.acts import FormPage
from centre.views.hub import charts
from centre.views.hub.pages import HubPage


class PanelForm(forms.Form):
    """A panel, and what is said of it."""

    file = forms.FileField(
        label="Panel",
        help_text="A CSV (also as .csv.gz) or Parquet, or a .zip or .tar of several with the same columns.",
        error_messages={"required": "Choose the file", "empty": "The file is empty"},
    )
    name = PlainCharField(
        name="Name",
        label="Name",
        help_text="The same name again makes a new version.",
        max_length=120,
        error_messages={"required": "Give the panel a name, the same for each version"},
    )
    source = PlainCharField(
        name="Where the figures come from",
        label="Where the figures come from",
        help_text="For example: the Home Office’s data hub, extract of 3 March 2026",
        max_length=200,
    )
    vintage = forms.ChoiceField(
        label="Of which census are the areas?",
        choices=Panel.Vintage.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say of which census the areas are"},
    )
    absent_is_zero = forms.BooleanField(
        label="Rows without a count were left out",
        help_text="Tick this if an area without a row had no count, in a month of which its force has any row.",
        required=False,
    )


class PanelList(HubPage):
    """Every panel, each name's newest version first."""

    template = "hub/panels.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        under_way = Run.objects.visible_to(self.by).filter(task=panels.TASK).exclude(state=Run.State.DONE)
        return self.page(
            panels=Panel.objects.visible_to(self.by),
            runs=under_way.order_by("-created_at")[:10],
            may_keep=self.may(Permission.HUB_KEEP),
        )


class PanelSend(FormPage, HubPage):
    """Send a panel; the answer is the page of the run that reads it."""

    template = "hub/panel_send.html"
    needs: ClassVar[Permission] = Permission.HUB_KEEP

    def form(self, *sent: Any) -> PanelForm:
        """Return the form, with what was said of a panel that was refused."""
        made = PanelForm(*sent)
        made.initial = self.request.GET.dict()
        return made

    def context(self) -> dict[str, Any]:
        """Return what is said before."""
        return {
            "limit": settings.UPLOAD_LIMIT_BYTES // 1_000_000,
            "lookup": AreaLookup.objects.current(),
            "measures": sorted(panelling.known()),
        }

    def act(self, form: Any) -> str:
        """Stage it and have it read."""
        given = form.cleaned_data
        run = panels.send(**given, filename=given["file"].name or "", by=self.by)
        return reverse("run-detail", args=[run.pk])


class PanelDetail(HubPage):
    """One panel: every measure's newest month, and one measure by month and by force."""

    template = "hub/panel.html"

    def get(self, request: HttpRequest, panel_id: str) -> HttpResponse:
        """Show it."""
        panel = get_object_or_404(Panel.objects.visible_to(self.by).select_related("lookup"), pk=panel_id)
        sums = panelling.sums(panel)
        key = request.GET.get("measure", sums.measures[0])
        if key not in sums.measures:
            raise Http404
        names = dict(Measure.objects.in_force().filter(key__in=sums.measures).values_list("key", "name"))
        months = [f"{month:%Y-%m}" for month in sums.months]
        national = [_plain(one) for one in sums.national(key)]
        return self.page(
            panel=panel,
            name=names.get(key, key),
            newest=months[-1],
            measures=[_row(names.get(one, one), one, sums.national(one)) for one in sums.measures],
            chosen=key,
            forces=self._of_forces(sums, key),
            months=list(zip(reversed(months), reversed(national), strict=True)),
            drawing=_drawing(names.get(key, key), key, months, national),
        )

    def _of_forces(self, sums: Rollup, key: str) -> list[dict[str, Any]]:
        """Return the forces that the person may see, with the measure's newest month."""
        at, areas = sums.measures.index(key), sums.areas[sums.measures.index(key), -1]
        found = []
        for force in self.forces().filter(slug__in=sums.forces):
            place = sums.forces.index(force.slug)
            row = _row(force.name, force.slug, sums.values[at, :, place])
            found.append({**row, "areas": int(areas[place]), "of_areas": int(sums.of_areas[place])})
        return found


def _row(name: str, key: str, values: Any) -> dict[str, Any]:
    """Return the newest month, the same a year before, and the change in per cent where both are known."""
    now, before = _plain(values[-1]), _plain(values[-13]) if len(values) > 12 else None
    change = 100 * (now - before) / before if now is not None and before else None
    return {"name": name, "key": key, "now": now, "before": before, "change": change}


def _plain(value: float) -> float | int | None:
    """Return a number to be shown: a whole one without its point; None where it is not known."""
    if np.isnan(value):
        return None
    return int(value) if float(value).is_integer() else round(float(value), 1)


def _drawing(name: str, key: str, months: list[str], values: list[Any]) -> str:
    if all(one is None for one in values):
        return ""
    return charts.monthly(
        f"panel-{key}",
        f"{name} in each month, all forces",
        months,
        values,
        described="A cross is a month in which areas are missing, so that the sum is not known.",
    )

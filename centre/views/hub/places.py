"""Where within a force something rises: what was scanned, the asking for a scan, and one scan with its map."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from centre.hub import maps, placing
from centre.hub.actions import place_scans
from centre.hub.months import between
from centre.models import PlaceScan, Run
from centre.permissions import Permission, require
from centre.views.acts import FormPage
from centre.views.hub.pages import HubPage


class PlaceScanForm(forms.Form):
    """What to look for."""

    measure = forms.ChoiceField(
        label="What is counted",
        help_text="Every category is scanned for itself, and what is beyond chance is judged among all of them.",
        error_messages={"required": "Choose one category, or every category"},
    )

    def __init__(self, *sent: Any, chosen: str = "") -> None:
        super().__init__(*sent)
        self.initial = {"measure": chosen}
        self.fields["measure"].choices = list(placing.names().items())  # type: ignore[attr-defined]


class ForcePlaces(FormPage, HubPage):
    """The scans of a force, the newest first; who judges signals may ask for one."""

    template = "hub/force_places.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show them, with the category that a signal was of."""
        return self.page(form=PlaceScanForm(chosen=request.GET.get("measure", "")), **self.context())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for a scan; the answer is the page of the run that does it."""
        require(self.by, Permission.SIGNAL_JUDGE, on=self.force(kwargs["force"]))
        return super().post(request, **kwargs)

    def form(self, *sent: Any) -> PlaceScanForm:
        """Return the form."""
        return PlaceScanForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return what was scanned."""
        force = self.force(self.kwargs["force"])
        return {
            "force": force,
            "scans": PlaceScan.objects.visible_to(self.by).filter(force=force).select_related("force"),
            "under_way": Run.objects.unfinished().filter(task=place_scans.TASK, params__force=force.slug),
            "may_judge": self.may(Permission.SIGNAL_JUDGE, on=force),
        }

    def act(self, form: Any) -> str:
        """Ask for it."""
        force = self.force(self.kwargs["force"])
        run = place_scans.request(force=force, measure=form.cleaned_data["measure"], by=self.by)
        return reverse("run-detail", args=[run.pk])


class PlaceScanDetail(HubPage):
    """One scan: where something rose, on a map and in a table, and what could not be scanned."""

    template = "hub/place_scan.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it; of another force the person learns nothing."""
        rows = PlaceScan.objects.visible_to(self.by).select_related("force", "lookup", "requested_by")
        scan = get_object_or_404(rows, pk=kwargs["place_scan_id"])
        names = dict(zip(scan.places["areas"], scan.places["names"], strict=True))
        found = [
            one
            | {
                "number": number,
                "ratio": one["observed"] / one["expected"],
                "middle": names[one["centre"]],
                "named": [f"{names[area]} ({area})" for area in one["areas"]],
            }
            for number, one in enumerate(scan.found, start=1)
        ]
        return self.page(
            scan=scan,
            found=found,
            drawing=_drawing(scan, found),
            clearest=found[0] if found else None,
            gaps=_gaps(scan.months),
        )


def _drawing(scan: PlaceScan, found: list[dict[str, Any]]) -> SafeString:
    at = {area: place for place, area in enumerate(scan.places["areas"])}
    circles = [
        maps.Circle(
            str(one["number"]),
            one["longitude"],
            one["latitude"],
            one["radius_km"],
            frozenset(at[area] for area in one["areas"]),
        )
        for one in found
    ]
    drawn = maps.of_clusters(
        f"places-{scan.pk}",
        f"Where it rose within {scan.force}",
        scan.places["longitude"],
        scan.places["latitude"],
        circles,
    )
    return mark_safe(drawn)  # noqa: S308  drawn here; every word in it is escaped


def _gaps(months: list[str]) -> int:
    """Return how many months between the first and the last were not to be compared."""
    return len(between(months[0], months[-1])) - len(months)

"""Sending figures of measures as a CSV, and what came of one."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre.forms import PlainCharField
from centre.hub.actions import figures
from centre.hub.standards.figures_file import COLUMNS
from centre.models import FigureFile, Measure
from centre.permissions import Permission
from centre.views.acts import FormPage
from centre.views.hub.pages import HubPage


class FiguresForm(forms.Form):
    """A CSV, and where its figures come from."""

    file = forms.FileField(
        label="Figures",
        help_text="A CSV (UTF-8), up to 2 MB.",
        error_messages={"required": "Choose the file", "empty": "The file is empty"},
    )
    source = PlainCharField(
        name="Where the figures come from",
        label="Where the figures come from",
        help_text="For example: the force’s duty management system, on 3 March 2026",
        max_length=200,
    )


class FiguresSend(FormPage, HubPage):
    """Send figures; every row is checked at once."""

    template = "hub/figures_send.html"
    needs: ClassVar[Permission] = Permission.HUB_SUBMIT

    def form(self, *sent: Any) -> FiguresForm:
        """Return the form."""
        return FiguresForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return what is said before."""
        taken = [one for one in Measure.objects.in_force().order_by("name") if not figures.why_not_sent(one)]
        return {
            "columns": ",".join(COLUMNS),
            "measures": taken,
            "own": None if self.sees_all else list(self.forces()),
        }

    def act(self, form: Any) -> str:
        """Keep them."""
        given = form.cleaned_data
        made = figures.receive(
            content=given["file"].read(figures.LARGEST + 1),
            filename=given["file"].name or "",
            source=given["source"],
            by=self.by,
        )
        return reverse("hub-figure-file", args=[made.pk])


class FigureFileDetail(HubPage):
    """One file of figures: each row that said something new, with what it replaced."""

    template = "hub/figure_file.html"

    def get(self, request: HttpRequest, figure_file_id: str) -> HttpResponse:
        """Show it."""
        file = get_object_or_404(
            FigureFile.objects.visible_to(self.by).select_related("received_by"), pk=figure_file_id
        )
        names = dict(Measure.objects.in_force().values_list("key", "name"))
        rows = file.figures.select_related("force").order_by("line")
        return self.page(
            file=file,
            figures=[{"figure": one, "measure": names.get(one.measure, one.measure)} for one in rows],
            n_again=sum(one.version > 1 for one in rows),
        )

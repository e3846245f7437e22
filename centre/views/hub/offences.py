"""Sending counts of recorded offences by title as a CSV, and what came of one."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre.hub.actions import offences
from centre.hub.offences_file import COLUMNS
from centre.models import OffenceFile, OffenceMonth, WeightTable
from centre.permissions import Permission
from centre.views.acts import FormPage
from centre.views.hub.figures import FiguresForm
from centre.views.hub.pages import HubPage


class OffencesForm(FiguresForm):
    """A CSV, where its counts come from, and what an absent offence means."""

    file = forms.FileField(
        label="Counts of offences",
        help_text="A CSV (UTF-8), up to 5 MB.",
        error_messages={"required": "Choose the file", "empty": "The file is empty"},
    )
    absent_is_none = forms.BooleanField(
        label="An offence without a row was not recorded in that month",
        help_text="If you leave this open, its count is not known, and no harm is worked out for the month.",
        required=False,
    )


class OffencesSend(FormPage, HubPage):
    """Send counts; every row is checked at once."""

    template = "hub/offences_send.html"
    needs: ClassVar[Permission] = Permission.HUB_SUBMIT

    def form(self, *sent: Any) -> OffencesForm:
        """Return the form."""
        return OffencesForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return what is said before."""
        return {
            "columns": ",".join(COLUMNS),
            "tables": WeightTable.objects.newest(),
            "own": None if self.sees_all else list(self.forces()),
        }

    def act(self, form: Any) -> str:
        """Keep them."""
        given = form.cleaned_data
        made = offences.receive(
            content=given["file"].read(offences.LARGEST + 1),
            filename=given["file"].name or "",
            source=given["source"],
            absent_is_none=given["absent_is_none"],
            by=self.by,
        )
        return reverse("hub-offence-file", args=[made.pk])


class OffenceFileDetail(HubPage):
    """One file of counts: each month that said something new, beside the version that it replaced."""

    template = "hub/offence_file.html"

    def get(self, request: HttpRequest, offence_file_id: str) -> HttpResponse:
        """Show it."""
        file = get_object_or_404(
            OffenceFile.objects.visible_to(self.by).select_related("received_by"), pk=offence_file_id
        )
        months = list(file.months.select_related("force"))
        before = _before(months)
        return self.page(
            file=file,
            months=[
                {"month": one, "before": before.get((one.force_id, one.month, one.version - 1))}
                for one in months
            ],
            n_again=sum(one.version > 1 for one in months),
        )


def _before(months: list[OffenceMonth]) -> dict[tuple[Any, ...], OffenceMonth]:
    """Return every version of the same forces' months, by force, month and version."""
    rows = OffenceMonth.objects.filter(
        force__in={one.force_id for one in months}, month__in={one.month for one in months}
    )
    return {(one.force_id, one.month, one.version): one for one in rows}

"""Places for a trial, from the hub: chosen by a rule, with power and trends at once, and frozen under a hash."""

import csv
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.safestring import mark_safe

from centre import vault
from centre.errors import NotFound, NotPermitted, Refusal
from centre.hub.drawings import over_time
from centre.hub.months import between
from centre.hub.street import counting
from centre.middleware import record_refusal
from centre.permissions import Permission
from centre.views.acts import as_refusal, note
from experiments import protocol
from experiments.actions import extracts, trials
from experiments.analysis import extracting
from experiments.analysis.extracting import Found
from experiments.forms.extract import ExtractForm
from experiments.models import Extract
from experiments.views import power_words
from experiments.views.pages import TrialPage

SHOWN = 50


class TrialUnits(TrialPage):
    """Everything is in the address, so that a choice can be sent to a colleague; freezing it is a POST of the same."""

    template = "extracts/units.html"
    needs = (Permission.TRIAL_DRAFT,)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Ask for the rule, then show what it chooses."""
        form = ExtractForm(request.GET or None, person=self.person)
        if not form.is_bound:
            return self._shown(form)
        found = self._looked(form)
        return self._shown(form, found, status=200 if found else 422)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Freeze what the rule in the address chooses, and name it in the protocol."""
        form = ExtractForm(request.GET, person=self.person)
        if not form.is_valid():
            return self._refused(form, as_refusal(form))
        try:
            made = extracts.freeze(trial=self.trial, rule=form.rule(), by=self.person)
            self._name(made)
        except (NotPermitted, NotFound):
            raise
        except Refusal as refusal:
            note(form, refusal)
            return self._refused(form, refusal)
        messages.success(
            request, "Frozen, and named in the protocol under “Data seen, sharing and publication”."
        )
        return redirect("trial-units", self.trial.ref)

    def _name(self, made: Extract) -> None:
        """Write the extract's hash into the draft."""
        self.trial.refresh_from_db()
        section = protocol.to_json(self.trial.draft)["data"]
        named = {"title": str(made), "sha256": made.sha256}
        trials.save_step(
            trial=self.trial,
            section="data",
            value={**section, "baseline_extract": named},
            edition=self.trial.protocol_edition,
            by=self.person,
        )

    def _looked(self, form: ExtractForm) -> Found | None:
        if not form.is_valid():
            record_refusal(self.request, as_refusal(form))
            return None
        try:
            return extracting.look(self.trial, form.rule(), self.person)
        except Refusal as refusal:
            record_refusal(self.request, refusal)
            note(form, refusal)
            return None

    def _refused(self, form: ExtractForm, refusal: Refusal) -> HttpResponse:
        record_refusal(self.request, refusal)
        return self._shown(form, status=refusal.page_status)

    def _shown(self, form: ExtractForm, found: Found | None = None, *, status: int = 200) -> HttpResponse:
        context: dict[str, Any] = {
            "form": form,
            "has_files": bool(form.fields["forces"].choices),  # type: ignore[attr-defined]
            "frozen": self.trial.extracts.select_related("frozen_by"),
            "may_freeze": trials.may_edit(self.trial, self.person) and self.trial.is_editable,
            "found": found,
        }
        if found is not None:
            context |= _told(found)
        return self.page(status=status, **context)


class ExtractFile(TrialPage):
    """The counts, or the list of units, as the custodian takes it."""

    needs = (Permission.TRIAL_DRAFT,)
    template = ""

    def get(self, request: HttpRequest, extract_id: str, kind: str, **kwargs: Any) -> HttpResponse:
        """Give the file."""
        made = get_object_or_404(self.trial.extracts, public_id=extract_id)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{kind}-{made.sha256[:12]}.csv"'
        content = vault.read(made.sha256)
        if kind == "counts":
            response.write(content)
            return response
        rows = csv.DictReader(content.decode().splitlines())
        writer = csv.writer(response, lineterminator="\n")
        writer.writerow(("unit",))
        writer.writerows((unit,) for unit in dict.fromkeys(row["unit"] for row in rows))
        return response


def _told(found: Found) -> dict[str, Any]:
    """Return the page's words, tables and drawing."""
    totals = found.counts.values.sum(axis=1)
    order = sorted(range(len(totals)), key=lambda at: (-totals[at], found.counts.units[at]))
    n_months = len(found.counts.months)
    means = found.means
    return {
        "power": power_words.tell(found.power) if found.power else None,
        "rows": [(found.counts.units[at], int(totals[at]), totals[at] / n_months) for at in order[:SHOWN]],
        "means": means,
        "top_share": round(100 * found.summary.top_share) if found.summary else None,
        "has_treated": bool(found.rule.treated),
        "drawing": mark_safe(_drawing(found)),  # noqa: S308  drawn by our own engine, its words escaped
    }


def _drawing(found: Found) -> str:
    """Draw the mean of the pool, and beside it that of the treated where there are any."""
    months = between(found.counts.months[0], found.counts.months[-1])
    by_month = {month: (treated, others) for month, treated, others in found.means}
    return over_time(
        "units-by-month",
        f"{counting.names()[found.rule.measure]}: mean count of an area by month",
        months,
        [by_month[month][1] if month in by_month else None for month in months],
        described="A cross is a month that is left out.",
        beside=[by_month[month][0] if month in by_month else None for month in months],
    )

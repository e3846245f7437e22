"""A trial in the forms that other registries and checklists ask for, to read or print."""

from django.http import Http404, HttpRequest, HttpResponse

from experiments.export_record import record_of
from experiments.exports import TARGETS, export
from experiments.views.pages import TrialPage


class TrialExports(TrialPage):
    """Which exports there are, and what each is for."""

    template = "trials/exports.html"
    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        return self.page(targets=TARGETS.values())


class TrialExport(TrialPage):
    """One export, item by item, with links to the fields of the protocol."""

    template = "trials/export.html"
    is_inside = False

    def get(self, request: HttpRequest, target: str) -> HttpResponse:
        """Show each item with its answer, or why it has none."""
        if target not in TARGETS:
            raise Http404
        record = record_of(self.trial, request.user, request.build_absolute_uri, is_inside=self.works_on_it)
        made = export(TARGETS[target], record)
        open_items = sum(1 for one in made.items if one.status == "not_recorded")
        return self.page(
            target=made.target, items=made.items, open_items=open_items, registration=self.trial.registration
        )

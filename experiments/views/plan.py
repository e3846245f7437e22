"""The analysis plan of a protocol: in a form, or as JSON."""

from typing import Any

from django.http import QueryDict

from experiments.forms.plan import PlanForm, ProtocolPlanJsonForm, as_text, fits_the_form
from experiments.forms.sources import sources_for
from experiments.views.protocol import ProtocolStep


class PlanStep(ProtocolStep):
    """The analysis plan: a form for the usual estimators, JSON for everything else."""

    template = "trials/plan.html"

    @property
    def is_json(self) -> bool:
        """Return whether the plan is shown as JSON: because it was asked for, or because the form cannot hold it."""
        asked = self.request.POST.get("as") or self.request.GET.get("as")
        if asked in ("json", "form"):
            return asked == "json"
        return not fits_the_form(self.plan, sources_for(self.trial, self.person)["arms"])

    @property
    def plan(self) -> dict[str, Any]:
        """Return the plan as it stands."""
        return dict(self.document.get("analysis_plan") or {})

    def form(self, *sent: Any) -> Any:
        """Return the plan's form."""
        if self.is_json:
            initial = {"edition": self.edition, "plan_json": as_text(self.plan)}
            return ProtocolPlanJsonForm(sent[0] if sent else None, initial=initial, auto_id="%s")
        return PlanForm(self.plan, sources_for(self.trial, self.person), *sent[:1], edition=self.edition)

    def unchecked(self, data: QueryDict) -> Any:
        """Return the form over what was sent."""
        return PlanForm(self.plan, sources_for(self.trial, self.person), data, edition=self.edition)

    def act(self, form: Any) -> str:
        """Save the plan."""
        self.write({**self.document, "analysis_plan": form.plan()}, form.cleaned_data["edition"])
        return self.next_url()

    def context(self) -> dict[str, Any]:
        """Return which of the two forms it is, and whether the other one can show the plan."""
        fits = fits_the_form(self.plan, sources_for(self.trial, self.person)["arms"])
        return {**super().context(), "is_json": self.is_json, "fits": fits}

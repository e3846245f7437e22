"""The CONSORT flow of a trial as a page: from the plan to what was analysed."""

from django.http import HttpRequest, HttpResponse

from experiments.account import is_open_to
from experiments.flow import flow_of
from experiments.views.account import losses_shown
from experiments.views.pages import TrialPage


class TrialFlow(TrialPage):
    """How many units went which way, as far as the trial has come."""

    template = "trials/flow.html"
    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the flow."""
        allocation = self.trial.allocation
        return self.page(
            flow=flow_of(self.trial, request.user),
            losses=losses_shown(self.trial, request.user, exact=self.works_on_it),
            is_told=is_open_to(self.trial, request.user),
            is_drawn=allocation is not None and allocation.is_drawn,
            has_draw=allocation is None or allocation.needs_draw,
        )

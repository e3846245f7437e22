"""The page of a run: its progress, its outcome, and a way to cancel it."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre import runs
from centre.models import Run


def _visible(request: HttpRequest, run_id: str) -> Run:
    return get_object_or_404(Run.objects.visible_to(request.user), pk=run_id)


def _may_cancel(request: HttpRequest, run: Run) -> bool:
    return not run.is_finished and not run.cancel_requested_at


class RunDetail(LoginRequiredMixin, View):
    """The whole page; it refreshes itself only where there is JavaScript."""

    def get(self, request: HttpRequest, run_id: str) -> HttpResponse:
        """Show the run."""
        run = _visible(request, run_id)
        return render(request, "runs/detail.html", {"run": run, "can_cancel": _may_cancel(request, run)})


class RunProgress(LoginRequiredMixin, View):
    """The part that htmx asks for again and again; the last answer stops it."""

    def get(self, request: HttpRequest, run_id: str) -> HttpResponse:
        """Show the progress alone; when the run has ended, have the page loaded again."""
        run = _visible(request, run_id)
        response = render(request, "runs/_progress.html", {"run": run})
        if run.is_finished:
            response["HX-Refresh"] = "true"
        return response


class RunCancel(LoginRequiredMixin, View):
    """Cancel, and go back to the page."""

    def post(self, request: HttpRequest, run_id: str) -> HttpResponse:
        """Cancel the run."""
        runs.cancel(run=_visible(request, run_id), by=request.user)  # type: ignore[arg-type]  # signed in
        return redirect("run-detail", run_id=run_id)

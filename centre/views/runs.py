"""Runs: the list of them, and the page of one with its progress, its history, its outcome, and a way to cancel it."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre import runs
from centre.models import Run
from centre.paging import Pages

PAGE_SIZE = 50


def _visible(request: HttpRequest, run_id: str) -> Run:
    return get_object_or_404(Run.objects.visible_to(request.user), pk=run_id)


def _may_cancel(request: HttpRequest, run: Run) -> bool:
    return not run.is_finished and not run.cancel_requested_at


class RunList(LoginRequiredMixin, View):
    """A person's own runs, or everybody's for the Centre's staff: what waits and works first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of runs, of one state where one is asked for."""
        found = Run.objects.visible_to(request.user).select_related("requested_by")
        state = request.GET.get("state", "")
        if state not in Run.State.values:
            state = ""
        else:
            found = found.filter(state=state)
        page = Pages(found, PAGE_SIZE).get_page(request.GET.get("page"))
        choices = [("", "All"), *Run.State.choices]
        query = f"state={state}" if state else ""
        shown = {"page": page, "choices": choices, "state": state, "query": query}
        return render(request, "runs/list.html", shown)


class RunDetail(LoginRequiredMixin, View):
    """The whole page; it refreshes itself only where there is JavaScript."""

    def get(self, request: HttpRequest, run_id: str) -> HttpResponse:
        """Show the run."""
        run = _visible(request, run_id)
        shown = {"run": run, "attempts": run.attempts.all(), "can_cancel": _may_cancel(request, run)}
        return render(request, "runs/detail.html", shown)


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

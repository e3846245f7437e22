"""What every page of a trial has in common: the trial is loaded if it may be seen, and a refusal keeps the form."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from centre.accounts import confirming
from centre.errors import Invalid, NotFound, NotPermitted, Problem, Refusal
from centre.middleware import record_refusal
from centre.models import User
from centre.permissions import Permission, has_permission, require_any
from centre.views.posts import signed_in
from experiments import duties
from experiments.models import Allocation, Trial
from experiments.views.workspace import places


class TrialPage(View):
    """A page of one trial. What the person may not see answers 404; what they may not do, 403."""

    template: ClassVar[str]
    needs: ClassVar[tuple[Permission, ...]] = ()  # one of them is enough
    is_inside: ClassVar[bool] = True
    trial: Trial
    works_on_it: bool

    def dispatch(self, request: HttpRequest, *args: Any, ref: str, **kwargs: Any) -> HttpResponseBase:
        """Load the trial, and let only those in who may do what the page is for."""
        is_open = request.method in ("GET", "HEAD") and not (self.needs or self.is_inside)
        if not is_open and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        self.trial = get_object_or_404(
            Trial.objects.visible_to(request.user).for_list().with_sites().by_ref(ref)
        )
        self.works_on_it = Trial.objects.worked_on_by(request.user).filter(pk=self.trial.pk).exists()
        if self.is_inside and not self.works_on_it:
            raise NotPermitted("Only those who work on this trial, and Centre staff, can see this page.")
        if self.needs:
            require_any(request.user, self.needs, on=self.trial)
        return super().dispatch(request, *args, **kwargs)

    @property
    def person(self) -> User:
        """Return the signed-in person."""
        return signed_in(self.request)

    @cached_property
    def allocation(self) -> Allocation | None:
        """Return the trial's frozen unit list, read once for the page."""
        return self.trial.allocation

    def may(self, permission: Permission) -> bool:
        """Return whether the person may do this to the trial."""
        return has_permission(self.request.user, permission, on=self.trial)

    def may_ask_for_data(self) -> bool:
        """Return whether the page offers to ask for the rows behind its results: also before signing in."""
        return self.trial.is_public and (
            not self.request.user.is_authenticated or self.may(Permission.ACCESS_APPLY)
        )

    def page(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """Return the page with what every page of a trial shows."""
        shared = {
            "trial": self.trial,
            "places": places(self.trial, self.request.path, is_inside=self.works_on_it),
            "duty": duties.next_for(self.trial, self.request.user),
        }
        return render(self.request, self.template, {**shared, **context}, status=status)


class TrialAct(TrialPage):
    """A page with one form that asks for one act."""

    acts_with: ClassVar[
        tuple[Permission, ...]
    ] = ()  # what sending the form needs, where seeing it needs less
    asks_again: ClassVar[bool] = False  # who signed in some time ago says again who they are before the act

    def form(self, *sent: Any) -> Any:
        """Return the form, empty or with what was sent."""
        raise NotImplementedError

    def act(self, form: Any) -> str:
        """Do it; return where to go then."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """Return what the page shows beside the form."""
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self.page(form=self.form(), **self.context())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do what the form asks for, or show what is wrong with it."""
        if self.acts_with:
            require_any(request.user, self.acts_with, on=self.trial)
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.refused(form, as_refusal(form))
        try:
            if self.asks_again:
                confirming.require(request)
            return redirect(self.act(form))
        except (NotPermitted, NotFound):
            raise
        except Refusal as refusal:
            note(form, refusal)
            return self.refused(form, refusal)

    def refused(self, form: Any, refusal: Refusal, **context: Any) -> HttpResponse:
        """Return the form with what is wrong and what was typed; the audit log knows."""
        record_refusal(self.request, refusal)
        return self.page(form=form, status=refusal.page_status, **{**self.context(), **context})


def as_refusal(form: forms.BaseForm) -> Invalid:
    """Return what the form itself found wrong, for the audit log."""
    problems = [Problem(name, str(message)) for name, messages in form.errors.items() for message in messages]
    return Invalid("There is a problem", problems)


def note(form: Any, refusal: Refusal) -> None:
    """Put what an action refused at the fields that its problems point to."""
    if hasattr(form, "note"):
        form.note(refusal.problems)
    else:
        for problem in refusal.problems:
            name = problem.pointer.strip("/")
            form.add_error(name if name in form.fields else None, _placed(problem, name in form.fields))
    if not refusal.problems:
        form.add_error(None, refusal.message)


def _placed(problem: Problem, has_field: bool) -> str:
    """Say where in a file a problem is, where no field of the form can say it."""
    place = "" if has_field or problem.pointer.startswith("/") else problem.pointer
    is_said = not place or place == "file" or place in problem.message
    return problem.message if is_said else f"{place[0].upper()}{place[1:]}: {problem.message}"

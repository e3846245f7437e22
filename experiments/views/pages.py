"""What every page of a trial has in common: the trial is loaded if it may be seen."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views import View

from centre.errors import NotPermitted
from centre.models import User
from centre.permissions import Permission, has_permission, require_any
from centre.views.acts import FormPage
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


class TrialAct(FormPage, TrialPage):
    """A page of one trial with one form that asks for one act."""

    acts_with: ClassVar[
        tuple[Permission, ...]
    ] = ()  # what sending the form needs, where seeing it needs less

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do what the form asks for, or show what is wrong with it."""
        if self.acts_with:
            require_any(request.user, self.acts_with, on=self.trial)
        return super().post(request, **kwargs)

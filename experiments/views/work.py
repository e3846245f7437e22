"""What needs this person, across all trials."""

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from centre.models import Run
from centre.permissions import Permission, has_permission
from centre.views.posts import signed_in
from experiments import duties
from experiments.models import AccessApplication, AccessNotice, Trial
from tactics.models import Appeal, Rating, Tactic
from tactics.work import waiting_for


class MyWork(LoginRequiredMixin, View):
    """The first page after signing in: what waits, then what is one's own."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what waits for the person, by kind."""
        user = signed_in(request)
        waiting = list(duties.waiting_for(user))
        ratings = Rating.objects.waiting_for(user).select_related("tactic", "outcome_domain")
        may_publish = has_permission(user, Permission.TACTIC_PUBLISH)
        drafts = Tactic.objects.visible_to(user).drafts() if may_publish else Tactic.objects.none()
        appeals = Appeal.objects.waiting_for(user).select_related("rating__tactic", "rating__outcome_domain")
        still_done = (
            Tactic.objects.still_done().with_adopters() if user.is_centre_staff else Tactic.objects.none()
        )
        of_tactics = waiting_for(user)
        access = AccessApplication.objects.waiting_for(user).for_list()
        context = {
            "of_tactics": of_tactics,
            "waiting": waiting,
            "ratings": ratings,
            "appeals": appeals,
            "access": access,
            "drafts": drafts,
            "still_done": still_done,
            "total": sum(len(one.trials) for one in waiting)
            + sum(len(rows) for rows in (ratings, drafts, appeals, still_done, access))
            + of_tactics.total,
            "own": Trial.objects.visible_to(user).of_person(user).for_list(),
            # The parts of a diagnosis are shown together, on its own page.
            "runs": Run.objects.visible_to(user).filter(requested_by=user, diagnosis_part=None)[:5],
            "n_notices": user.notices.filter(seen_at=None).count(),
            "n_tactic_notices": user.tactic_notices.filter(seen_at=None).count(),
            "n_access_notices": AccessNotice.objects.visible_to(user).unseen().count(),
            "may_ask_for_data": has_permission(user, Permission.ACCESS_APPLY),
            "may_grant_access": has_permission(user, Permission.ACCESS_DECIDE),
            "may_draft": has_permission(user, Permission.TRIAL_DRAFT),
            "may_set_thresholds": has_permission(user, Permission.DISCLOSURE_SET),
            "may_propose": has_permission(user, Permission.TACTIC_PROPOSE),
        }
        return render(request, "work/my_work.html", context)

"""Access to restricted data: asking for it, deciding, reading it, taking it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.db.models import Count, Q
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views import View

from centre import vault
from centre.clock import database_today
from centre.models import AuditEvent
from centre.paging import Pages
from centre.permissions import Permission, has_permission, require
from centre.views.posts import signed_in
from experiments import analysis as bridge
from experiments.actions import access_applications, access_grants
from experiments.forms.access import AccessApplyForm, AccessDecisionForm, RevokeForm
from experiments.models import READS, AccessApplication, AccessDecision, AccessNotice, Dataset, Trial
from experiments.views.pages import TrialAct, TrialPage

SHOWN = 50  # of a list, on one page
_STATE = AccessApplication.State
_COLOURS = {
    _STATE.WAITING: "yellow",
    _STATE.WITHDRAWN: "grey",
    _STATE.REFUSED: "red",
    _STATE.NOT_YET: "blue",
    _STATE.OPEN: "green",
    _STATE.EXPIRED: "grey",
    _STATE.REVOKED: "red",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An application as a list shows it."""

    application: AccessApplication
    state: AccessApplication.State
    colour: str
    n_reads: int = 0
    n_refused: int = 0


class AccessList(LoginRequiredMixin, View):
    """What a person has asked for, and what became of it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show their applications and the notices that they have not read."""
        user = signed_in(request)
        own = AccessApplication.objects.visible_to(user).filter(applicant=user).for_list()
        unseen = AccessNotice.objects.visible_to(user).unseen()
        context = {
            "rows": standings(own),
            "notices": unseen.select_related("application__dataset__trial"),
            "may_apply": has_permission(user, Permission.ACCESS_APPLY),
            "may_decide": has_permission(user, Permission.ACCESS_DECIDE),
        }
        return render(request, "access/list.html", context)


class AccessAll(LoginRequiredMixin, View):
    """The Centre's list: what waits, then everything that was ever asked for, with how often it was read."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        require(request.user, Permission.ACCESS_DECIDE)
        seen = AccessApplication.objects.visible_to(request.user).for_list()
        page = Pages(seen.exclude(pk__in=seen.waiting().values("pk")), SHOWN).get_page(
            request.GET.get("page")
        )
        context = {"waiting": standings(seen.waiting()), "rows": standings(page.object_list), "page": page}
        return render(request, "access/all.html", context)


class AccessNoticeSeen(LoginRequiredMixin, View):
    """A notice is read: it goes, and leads to the application."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, access_notice_id: str) -> HttpResponse:
        """Mark it and go there."""
        user = signed_in(request)
        notice = get_object_or_404(AccessNotice.objects.visible_to(user), public_id=access_notice_id)
        access_applications.see(notice=notice, by=user)
        application = notice.application
        return redirect("access-detail", application.dataset.trial.ref, application.public_id)


class AccessApply(TrialAct):
    """Ask for the rows behind the published results of a trial."""

    template = "access/apply.html"
    needs = (Permission.ACCESS_APPLY,)
    is_inside = False

    def form(self, *sent: Any) -> AccessApplyForm:
        """Return the form, with the versions of the data that published results stand on."""
        datasets = self._datasets()
        if not datasets:
            raise Http404
        return AccessApplyForm(*sent[:1], datasets=datasets, longest_months=settings.ACCESS_MONTHS)

    def act(self, form: AccessApplyForm) -> str:
        """Send it."""
        given = dict(form.cleaned_data)
        chosen = given.pop("dataset")
        dataset = next(one for one in self._datasets() if str(one.public_id) == chosen)
        made = access_applications.apply(dataset=dataset, by=self.person, **given)
        messages.success(
            self.request, "Your application is with the Centre. You are told here what comes of it."
        )
        return reverse("access-detail", args=[self.trial.ref, made.public_id])

    def _datasets(self) -> list[Dataset]:
        return list(Dataset.objects.filter(trial=self.trial).released_from()) if self.trial.is_public else []


class _OfApplication(TrialPage):
    """A page of one application: for the applicant, and for those who decide."""

    is_inside = False
    application: AccessApplication

    def dispatch(self, request: HttpRequest, *args: Any, ref: str, **kwargs: Any) -> HttpResponseBase:
        """Load it if the person may know of it."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        seen = AccessApplication.objects.visible_to(request.user).for_list()
        wanted = {"public_id": kwargs["application_id"], "dataset__trial__in": Trial.objects.by_ref(ref)}
        self.application = get_object_or_404(seen, **wanted)
        return super().dispatch(request, *args, ref=ref, **kwargs)

    def shown(self) -> dict[str, Any]:
        """Return what every page of an application shows."""
        application = self.application
        decision: AccessDecision | None = getattr(application, "decision", None)
        return {
            "application": application,
            "standing": standings([application])[0],
            "decision": decision,
            "revocation": getattr(decision, "revocation", None),
            "is_own": application.applicant_id == self.person.pk,
        }

    @property
    def url(self) -> str:
        """Return the address of the application's own page."""
        return reverse("access-detail", args=[self.trial.ref, self.application.public_id])


class AccessDetail(_OfApplication):
    """One application: what was asked and decided, what may be read, and every read."""

    template = "access/detail.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it."""
        page = Pages(self.application.reads(), SHOWN).get_page(request.GET.get("page"))
        concerned = access_applications.is_concerned(self.application, self.person)
        decides = self.may(Permission.ACCESS_DECIDE)
        return self.page(**self.shown(), page=page, decides=decides, may_decide=decides and not concerned)


class AccessWithdraw(_OfApplication, TrialAct):
    """The applicant takes it back."""

    template = "access/withdraw.html"
    needs = (Permission.ACCESS_APPLY,)

    def form(self, *sent: Any) -> Form:
        """Return the form: a button."""
        return Form(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the application."""
        return self.shown()

    def act(self, form: Form) -> str:
        """Withdraw it."""
        access_applications.withdraw(application=self.application, by=self.person)
        messages.success(self.request, "Your application is withdrawn.")
        return self.url


class AccessDecide(_OfApplication, TrialAct):
    """Grant, or refuse."""

    template = "access/decide.html"
    needs = (Permission.ACCESS_DECIDE,)

    def form(self, *sent: Any) -> AccessDecisionForm:
        """Return the form; the last day that was asked for is its start."""
        return AccessDecisionForm(sent[0] if sent else None, initial={"ends_on": self.application.ends_on})

    def context(self) -> dict[str, Any]:
        """Return the application, and what the list of units gives away."""
        return {
            **self.shown(),
            "alone": bridge.alone(self.trial),
            "is_concerned": access_applications.is_concerned(self.application, self.person),
            "months": settings.ACCESS_MONTHS,
        }

    def act(self, form: AccessDecisionForm) -> str:
        """Put the decision on record."""
        given = dict(form.cleaned_data)
        outcome, reason = given.pop("outcome"), given.pop("reason")
        if outcome == AccessDecision.Outcome.GRANT:
            access_applications.grant(application=self.application, by=self.person, **given)
            words = "Access is granted. The applicant is told."
        else:
            access_applications.refuse(application=self.application, reason=reason, by=self.person)
            words = "Access is refused. The applicant is told why."
        messages.success(self.request, words)
        return self.url


class AccessRevoke(_OfApplication, TrialAct):
    """Take a grant back."""

    template = "access/revoke.html"
    needs = (Permission.ACCESS_DECIDE,)

    def form(self, *sent: Any) -> RevokeForm:
        """Return the form for the reason."""
        return RevokeForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the application."""
        return self.shown()

    def act(self, form: RevokeForm) -> str:
        """Revoke it."""
        access_grants.revoke(application=self.application, by=self.person, **form.cleaned_data)
        messages.success(self.request, "Access is revoked. The next read is refused.")
        return self.url


class AccessData(_OfApplication):
    """The granted file."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Send it, once the audit log has the read."""
        file = access_grants.read(application=self.application, via="page", by=self.person)
        answer = FileResponse(vault.open_file(file.sha256), content_type=file.media_type)
        answer["Content-Disposition"] = f'attachment; filename="{file.name}"'
        answer["Content-Length"] = str(file.size)
        add_never_cache_headers(answer)
        return answer


def standings(applications: Iterable[AccessApplication]) -> list[Standing]:
    """Return each application with how it stands today and how often it was read."""
    rows, day = list(applications), database_today()
    of_application = Q(subject_type=AccessApplication._meta.label_lower, event__in=READS)
    counted = (
        AuditEvent.objects.with_erased()
        .filter(of_application, subject_id__in=[str(one.pk) for one in rows])
        .order_by()
        .values("subject_id", "event")
        .annotate(n=Count("pk"))
    )
    found = {(one["subject_id"], one["event"]): one["n"] for one in counted}
    done, refused = READS
    return [
        Standing(
            one,
            state := one.state_on(day),
            _COLOURS[state],
            found.get((str(one.pk), done), 0),
            found.get((str(one.pk), refused), 0),
        )
        for one in rows
    ]

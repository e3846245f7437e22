"""Releases: prepared by one person, checked by two others, published by a fourth."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre import vault
from centre.canonical import document_json
from centre.permissions import Permission
from experiments import disclosure, promises
from experiments.account import remarks_of
from experiments.actions import factual_checks, releases, retractions, verifications
from experiments.forms.acts import ConfirmForm, WithdrawForm
from experiments.forms.life import ApprovalForm, FactsAnswerForm, FactsForm
from experiments.forms.releases import ReleaseCheckForm, ReleaseForm
from experiments.models import Analysis, Release, ReleaseCheck, Trial
from experiments.views import results
from experiments.views.account import departures, harms_shown
from experiments.views.allocations import attachment
from experiments.views.delivered import delivered
from experiments.views.packages import packaged
from experiments.views.pages import TrialAct, TrialPage


class TrialReleases(TrialPage):
    """The releases that the person may see: the public sees those that are out."""

    template = "releases/list.html"
    is_inside = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them, and which analyses could be released."""
        seen = Release.objects.visible_to(request.user).filter(trial=self.trial)
        ready = self.trial.analyses.exclude(result_sha256="") if self.may(Permission.RELEASE_PREPARE) else []
        return self.page(
            releases=seen.select_related("analysis", "prepared_by", "published_by").prefetch_related(
                "checks"
            ),
            ready=[
                one
                for one in ready
                if not any(not r.is_refused and not r.withdrawn_at for r in one.releases.all())
            ],
        )


class ReleasePrepare(TrialAct):
    """Prepare a release of one analysis."""

    template = "releases/prepare.html"
    needs = (Permission.RELEASE_PREPARE,)

    @property
    def analysis(self) -> Analysis:
        """Return the analysis."""
        found: Analysis = get_object_or_404(self.trial.analyses, public_id=self.kwargs["analysis_id"])
        return found

    def form(self, *sent: Any) -> ReleaseForm:
        """Return the form for the note."""
        return ReleaseForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the files that would be released."""
        return {"analysis": self.analysis, "files": self.analysis.files.all()}

    def act(self, form: ReleaseForm) -> str:
        """Prepare it."""
        made = releases.prepare(trial=self.trial, analysis=self.analysis, by=self.person, **form.cleaned_data)
        messages.success(self.request, "The release waits for two output checkers.")
        return reverse("release-detail", args=[self.trial.ref, made.public_id])


class _OfRelease(TrialPage):
    """A page of one release."""

    release: Release

    def dispatch(self, request: HttpRequest, *args: Any, ref: str, **kwargs: Any) -> HttpResponseBase:
        """Load the release if the person may see it."""
        if request.user.is_authenticated or not (self.needs or self.is_inside):
            seen = Release.objects.visible_to(request.user).select_related("trial", "analysis__registration")
            trials = Trial.objects.by_ref(ref)
            self.release = get_object_or_404(seen, public_id=kwargs["release_id"], trial__in=trials)
        return super().dispatch(request, *args, ref=ref, **kwargs)

    def of_release(self) -> dict[str, Any]:
        """Return what every page of a release shows."""
        release, user = self.release, self.request.user
        made = results.released(release)
        is_signed_in = user.is_authenticated
        return {
            "release": release,
            "files": release.files.all(),
            "checks": self.checks_shown(),
            "estimates": made,
            "delivered": delivered(release.analysis, made),
            "kept": promises.kept(release),
            "departures": departures(self.trial, user),
            "remarks": remarks_of(self.trial, user),
            "harms": harms_shown(self.trial, user, exact=False),
            "figures": results.figures(release.files.all()),
            "concerns": release.concerns if is_signed_in and self.person.is_centre_staff else [],
            "may_check": is_signed_in and may_check(self, release),
            "may_report": any(self.may(one) for one in ReleaseReport.needs),
            "may_publish": self.may(Permission.RELEASE_PUBLISH)
            and not release.published_at
            and not factual_checks.missing(release),
            "facts": getattr(release, "factual_check", None),
            "may_check_facts": is_signed_in and may_check_facts(self, release),
            "not_yet": "" if release.published_at else factual_checks.missing(release),
            "may_withdraw": release.is_published
            and (self.may(Permission.RELEASE_RETRACT) or self.may(Permission.TRIAL_DIRECT)),
        }

    def checks_shown(self) -> list[ReleaseCheck]:
        """Return the checks made so far; none to who has still to decide, lest one decision make the other."""
        if not self.request.user.is_authenticated or may_check(self, self.release):
            return []
        made = self.release.checks.select_related("checker").prefetch_related("file_decisions__file")
        return list(made)


def may_check(page: TrialPage, release: Release) -> bool:
    """Return whether this person's check is still open."""
    is_open = not release.published_at and not release.is_refused
    is_new = is_open and not release.checks.filter(checker=page.person).exists()
    return is_new and page.may(Permission.RELEASE_CHECK) and not releases.is_own(release, page.person)


def may_check_facts(page: TrialPage, release: Release) -> bool:
    """Return whether the force's lead is asked to check the facts."""
    is_asked = release.is_cleared and not release.published_at and not hasattr(release, "factual_check")
    return is_asked and factual_checks.is_lead(page.trial, page.person)


class ReleaseDetail(_OfRelease):
    """One release: its files with their hashes, what they say, and who cleared them."""

    template = "releases/detail.html"
    is_inside = False

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it, with its package and what came of computing it again."""
        release = self.release
        return self.page(
            **self.of_release(),
            package=packaged(release),
            may_ask_for_data=self.may_ask_for_data(),
            verified=release.verifications.first(),
            may_replicate=release.is_published and self.may(Permission.ANALYSIS_RUN),
        )


class ReleaseReplicate(_OfRelease, TrialAct):
    """Have a published release computed again."""

    template = "releases/replicate.html"
    needs = (Permission.ANALYSIS_RUN,)

    def form(self, *sent: Any) -> Form:
        """Return the form: a button."""
        return Form(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the release."""
        return {"release": self.release}

    def act(self, form: Form) -> str:
        """Ask for a Run."""
        made = verifications.request(release=self.release, by=self.person)
        messages.success(self.request, "The numbers are being computed again.")
        return reverse("run-detail", args=[made.pk])


class ReleaseCheckPage(_OfRelease, TrialAct):
    """An output checker reads the report and the files, and decides."""

    template = "releases/check.html"
    needs = (Permission.RELEASE_CHECK,)

    def form(self, *sent: Any) -> ReleaseCheckForm:
        """Return the form with every file of the release."""
        return ReleaseCheckForm(*sent[:1], names=[file.name for file in self.release.files.all()])

    def context(self) -> dict[str, Any]:
        """Return the release."""
        return self.of_release()

    def act(self, form: ReleaseCheckForm) -> str:
        """Put the decision on record."""
        files = {name: releases.Answer(*answer) for name, answer in form.answers().items()}
        comment = form.cleaned_data["comment"]
        made = releases.check(release=self.release, files=files, comment=comment, by=self.person)
        messages.success(self.request, f"Recorded: {made.get_decision_display().lower()}")
        return reverse("release-detail", args=[self.trial.ref, self.release.public_id])


class ReleaseReport(_OfRelease):
    """What disclosure control found, output by output: to read, or to keep as JSON."""

    template = "releases/report.html"
    needs = (Permission.RELEASE_CHECK, Permission.RELEASE_PREPARE, Permission.RELEASE_PUBLISH)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show it, or send it."""
        release = self.release
        made = disclosure.report(
            release.document,
            release.concerns,
            files=[file.name for file in release.files.all()],
            compared=[f"{one.published_at:%-d %B %Y}" for one in release.earlier()],
        )
        if request.GET.get("as") == "json":
            head = {"release": str(release.public_id), "trial": self.trial.ref}
            content = document_json({**head, **made.to_json()})
            return attachment(content, "application/json", "disclosure-report.json")
        return self.page(release=release, report=made, policy=release.document["disclosure"])


class ReleasePublish(_OfRelease, TrialAct):
    """Publish a cleared release; its finding goes to the tactic."""

    template = "releases/publish.html"
    needs = (Permission.RELEASE_PUBLISH,)
    asks_again = True

    def form(self, *sent: Any) -> ConfirmForm:
        """Return the confirmation."""
        return ConfirmForm(*sent[:1], word="publish")

    def context(self) -> dict[str, Any]:
        """Return the release."""
        return self.of_release()

    def act(self, form: ConfirmForm) -> str:
        """Publish it."""
        releases.publish(release=self.release, by=self.person)
        messages.success(self.request, "Published. The finding is with the tactic, and waits for its rating.")
        return reverse("release-detail", args=[self.trial.ref, self.release.public_id])


class ReleaseFacts(_OfRelease, TrialAct):
    """The force's lead checks the facts of a cleared release; who prepared or publishes it answers."""

    template = "releases/facts.html"

    @property
    def answers(self) -> bool:
        """Return whether a comment waits for this person's answer."""
        check = getattr(self.release, "factual_check", None)
        waits = check is not None and check.waits_for_answer
        return waits and any(self.may(one) for one in factual_checks.ANSWERERS)

    def form(self, *sent: Any) -> FactsForm | FactsAnswerForm:
        """Return the comment's form, or the answer's."""
        return FactsAnswerForm(*sent[:1]) if self.answers else FactsForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the release, and whether this person is asked."""
        return {
            **self.of_release(),
            "answers": self.answers,
            "is_asked": self.answers or may_check_facts(self, self.release),
        }

    def act(self, form: FactsForm | FactsAnswerForm) -> str:
        """Put the comment, or its answer, on record."""
        if self.answers:
            factual_checks.answer(release=self.release, by=self.person, **form.cleaned_data)
        else:
            factual_checks.record(release=self.release, by=self.person, **form.cleaned_data)
        messages.success(self.request, "Recorded. It is shown beside the release.")
        return reverse("release-detail", args=[self.trial.ref, self.release.public_id])


class ReleaseWithdraw(_OfRelease, TrialAct):
    """Ask to take a published release back; or, as the director, answer. Its place and the reason stay."""

    template = "releases/withdraw.html"
    needs = (Permission.RELEASE_RETRACT, Permission.TRIAL_DIRECT)

    @property
    def answers(self) -> bool:
        """Return whether the director is asked."""
        return retractions.waiting(self.release) is not None and self.may(Permission.TRIAL_DIRECT)

    def form(self, *sent: Any) -> WithdrawForm | ApprovalForm:
        """Return the reason's form, or the answer's."""
        return ApprovalForm(*sent[:1]) if self.answers else WithdrawForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the release, and what was asked."""
        return {
            "release": self.release,
            "waiting": retractions.waiting(self.release),
            "answers": self.answers,
            "may_ask": self.may(Permission.RELEASE_RETRACT),
            "refused": self.release.retractions.exclude(refused_at=None).select_related("refused_by"),
        }

    def act(self, form: WithdrawForm | ApprovalForm) -> str:
        """Ask, withdraw, or refuse."""
        given, release, by = form.cleaned_data, self.release, self.person
        if self.answers and given["decision"] == "approve":
            retractions.approve(release=release, by=by)
            words = "The release is withdrawn. The reason is public."
        elif self.answers:
            retractions.refuse(release=release, reason=given["reason"], by=by)
            words = "Refused. The release stands."
        else:
            retractions.ask(release=release, reason=given["reason"], by=by)
            words = "The director is asked to approve."
        messages.success(self.request, words)
        return reverse("release-detail", args=[self.trial.ref, release.public_id])


class ReleaseFileView(_OfRelease):
    """One file of a release, as it was cleared."""

    is_inside = False

    def get(self, request: HttpRequest, *, name: str, **kwargs: Any) -> HttpResponse:
        """Send the bytes whose hash is on the page."""
        file = self.release.file(name)
        if file is None:
            raise Http404
        return attachment(vault.read(file.sha256), file.media_type, file.name)

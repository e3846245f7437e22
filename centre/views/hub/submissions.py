"""What was sent to the hub, and sending more: what is expected is said before, what is wrong is said after."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre.forms import PlainCharField
from centre.hub import judging
from centre.hub.actions import submissions
from centre.models import AreaLookup, Run, Submission
from centre.paging import Pages
from centre.permissions import Permission
from centre.views.acts import FormPage
from centre.views.hub.pages import HubPage

PAGE_SIZE = 50


class SubmissionForm(forms.Form):
    """An archive, and where it comes from."""

    file = forms.FileField(
        label="Archive",
        help_text="A .zip, .tar or .tar.gz in the layout of data.police.uk, or one monthly file of it.",
        error_messages={"required": "Choose the archive", "empty": "The file is empty"},
    )
    source = PlainCharField(
        name="Where the files come from",
        label="Where the files come from",
        help_text="For example: data.police.uk, downloaded on 3 March 2026",
        max_length=200,
    )


class SubmissionList(HubPage):
    """Every archive, the newest first, and those that were refused."""

    template = "hub/submissions.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        found = Submission.objects.visible_to(self.by).for_list()
        refused = Run.objects.visible_to(self.by).filter(task=submissions.TASK).exclude(state=Run.State.DONE)
        return self.page(
            page=Pages(found, PAGE_SIZE).get_page(request.GET.get("page")),
            runs=refused.order_by("-created_at")[:10],
            may_submit=self.may(Permission.HUB_SUBMIT),
        )


class SubmissionDetail(HubPage):
    """One archive: its files, and what each changed where the month had been sent before."""

    template = "hub/submission.html"

    def get(self, request: HttpRequest, submission_id: str) -> HttpResponse:
        """Show it."""
        submission = get_object_or_404(
            Submission.objects.visible_to(self.by).for_list().select_related("areas"), pk=submission_id
        )
        files = list(submission.files.select_related("force"))
        revisions = {file.pk: found for file, found in judging.revisions(files)}
        return self.page(
            submission=submission,
            files=[(file, revisions.get(file.pk)) for file in files],
            n_revised=len(revisions),
        )


class SubmissionSend(FormPage, HubPage):
    """Send an archive; the answer is the page of the run that examines it."""

    template = "hub/submit.html"
    needs: ClassVar[Permission] = Permission.HUB_SUBMIT

    def form(self, *sent: Any) -> SubmissionForm:
        """Return the form."""
        return SubmissionForm(*sent)

    def context(self) -> dict[str, Any]:
        """Return what is said before."""
        return {
            "limit": settings.UPLOAD_LIMIT_BYTES // 1_000_000,
            "lookup": AreaLookup.objects.current(),
            "own": None if self.sees_all else list(self.forces()),
        }

    def act(self, form: Any) -> str:
        """Stage it and have it examined."""
        given = form.cleaned_data
        run = submissions.receive(
            file=given["file"], filename=given["file"].name or "", source=given["source"], by=self.by
        )
        return reverse("run-detail", args=[run.pk])

"""Data versions, and sending one: what is expected is said before, what is wrong is said line by line after."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from centre.errors import Refusal
from centre.hub.street import counting
from centre.models import Run
from centre.permissions import Permission
from experiments.actions import blind_reviews, datasets
from experiments.analysis import feeding
from experiments.analysis.expected import expected
from experiments.forms.acts import FeedForm, UploadForm
from experiments.forms.life import BlindReviewForm
from experiments.models import Dataset
from experiments.views.pages import TrialAct, TrialPage

KINDS = {
    "text": "Text, kept as it is (007 stays 007)",
    "count": "A whole number, 0 or more",
    "number": "A number with a point, without commas",
    "binary": "0 or 1",
    "period": "A whole number, or a date as YYYY-MM-DD",
    "first_treated": "The period of first treatment; blank if never treated",
    "date": "A date as YYYY-MM-DD",
}


class TrialData(TrialPage):
    """Every version of the data, with its hash, and the uploads that did not pass."""

    template = "datasets/list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the versions."""
        runs = Run.objects.visible_to(request.user).filter(
            subject_type="experiments.trial", subject_id=str(self.trial.pk), task=datasets.TASK
        )
        return self.page(
            datasets=self.trial.datasets.select_related("received_by", "force", "seal").order_by(
                "kind", "-version"
            ),
            runs=runs.exclude(state=Run.State.DONE)[:10],
            may_see=self.may(Permission.DATASET_SEE),
            may_upload=self.may(Permission.DATASET_UPLOAD),
            can_feed=feeding.can_feed(self.trial),
            reviews=self.trial.blind_reviews.select_related("reviewer", "dataset"),
        )


class DataUpload(TrialAct):
    """Send a file; the answer is the page of the run that checks it."""

    template = "datasets/upload.html"
    needs = (Permission.DATASET_UPLOAD,)

    def form(self, *sent: Any) -> UploadForm:
        """Return the upload form."""
        return UploadForm(*sent) if sent else UploadForm(initial={"kind": self.kind})

    @property
    def kind(self) -> str:
        """Return what the file is to hold: as it was sent, or as the link that led here said."""
        asked = self.request.POST.get("kind") or self.request.GET.get("kind")
        return asked if asked in Dataset.Kind.values else Dataset.Kind.OUTCOME.value

    def context(self) -> dict[str, Any]:
        """Return the columns that the registered protocol expects."""
        limit = settings.UPLOAD_LIMIT_BYTES // 1_000_000
        try:
            wanted = expected(self.trial, self.person, self.kind)
        except Refusal as refusal:
            return {"not_yet": refusal.message, "limit": limit}
        columns = [
            (one.name, KINDS.get(one.kind, one.kind), "May be left out" if one.optional else "Needed")
            for one in wanted.columns
        ]
        n_units = len(wanted.panel.units or ())
        return {"columns": columns, "kind": Dataset.Kind(self.kind), "n_units": n_units, "limit": limit}

    def act(self, form: UploadForm) -> str:
        """Stage the file and have it checked."""
        given = form.cleaned_data
        run = datasets.receive(
            trial=self.trial,
            file=given["file"],
            filename=given["file"].name or "",
            kind=given["kind"],
            reason=given["reason"],
            by=self.person,
        )
        return reverse("run-detail", args=[run.pk])


class DataFeed(TrialAct):
    """Take the outcomes that the hub counts, without a second upload."""

    template = "datasets/feed.html"
    needs = (Permission.DATASET_UPLOAD,)

    def form(self, *sent: Any) -> FeedForm:
        """Return the form."""
        return FeedForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return what would be taken, or why nothing can be."""
        registration = self.trial.registration
        named = registration.frozen_protocol.outcomes if registration else ()
        measures = [(one.name, counting.names()[one.hub_measure]) for one in named if one.hub_measure]
        try:
            return {"fed": feeding.outcomes(self.trial, self.person), "measures": measures}
        except Refusal as refusal:
            return {"not_yet": refusal.message, "measures": measures}

    def act(self, form: FeedForm) -> str:
        """Send them."""
        run = datasets.feed(trial=self.trial, by=self.person, **form.cleaned_data)
        return reverse("run-detail", args=[run.pk])


class DataReview(TrialAct):
    """Say that the newest outcome data were looked at, blind to arms; then they can be locked."""

    template = "datasets/review.html"
    needs = (Permission.DATASET_SEE,)

    def form(self, *sent: Any) -> BlindReviewForm:
        """Return the comment's form."""
        return BlindReviewForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the version that is reviewed."""
        return {"newest": self.trial.newest_outcomes}

    def act(self, form: BlindReviewForm) -> str:
        """Put it on record."""
        blind_reviews.record(trial=self.trial, by=self.person, **form.cleaned_data)
        messages.success(self.request, "Recorded. The data can be locked.")
        return reverse("trial-data", args=[self.trial.ref])

"""Reading a submitted protocol and deciding; registering it."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone

from centre.permissions import Permission
from experiments import protocol
from experiments.actions import cosignatures, registrations, reviews
from experiments.analysis.collisions import Collision, collisions
from experiments.forms import document
from experiments.forms.acts import ConfirmForm, RegisterForm, ReviewForm, SignForm
from experiments.forms.sources import sources_for
from experiments.views.pages import TrialAct


class TrialReview(TrialAct):
    """The whole protocol as a document, and the reviewer's decision under it."""

    template = "trials/review.html"
    needs = (Permission.TRIAL_REVIEW,)

    def form(self, *sent: Any) -> ReviewForm:
        """Return the decision's form."""
        return ReviewForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the document and what was said before."""
        read = self.trial.draft
        return {
            "chapters": document.chapters(read, sources_for(self.trial, self.person)),
            "warnings": protocol.warnings(read, today=timezone.localdate()),
            "digest": protocol.digest(read),
            "diagnosis": self.trial.diagnoses.exclude(document_sha256="")
            .filter(protocol_sha256=protocol.digest(read))
            .first(),
            "reviews": self.trial.reviews.select_related("reviewer"),
            "is_own": reviews.is_own(self.trial, self.person),
            "is_waiting": self.trial.registration_state in ("submitted", "in_review"),
            "collisions": collisions(self.trial, read),
        }

    def act(self, form: ReviewForm) -> str:
        """Put the reviewer's word on record."""
        review = reviews.decide(trial=self.trial, by=self.person, **form.cleaned_data)
        messages.success(self.request, f"Recorded: {review.get_decision_display().lower()}")
        return reverse("trial-detail", args=[self.trial.ref])


class TrialSign(TrialAct):
    """The whole protocol as a document, and the sponsor's signature under it."""

    template = "trials/sign.html"
    needs = (Permission.TRIAL_COSIGN,)

    def form(self, *sent: Any) -> SignForm:
        """Return the signature's form."""
        return SignForm(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return the document and who has signed it."""
        read = self.trial.draft
        digest = protocol.digest(read)
        return {
            "chapters": document.chapters(read, sources_for(self.trial, self.person)),
            "digest": digest,
            "signatures": self.trial.cosignatures.filter(protocol_sha256=digest).select_related("by"),
            "is_waiting": self.trial.registration_state in cosignatures.OPEN,
        }

    def act(self, form: SignForm) -> str:
        """Sign it."""
        cosignatures.sign(trial=self.trial, by=self.person)
        messages.success(self.request, "Signed. The protocol can be registered once it is reviewed.")
        return reverse("trial-detail", args=[self.trial.ref])


class TrialRegister(TrialAct):
    """Freeze the protocol: the hash is shown before, and the word is typed by hand."""

    template = "trials/register.html"
    needs = (Permission.TRIAL_REGISTER,)
    asks_again = True

    @cached_property
    def met(self) -> list[Collision]:
        """Return the trials that it meets; the form asks about those that it does not name."""
        return collisions(self.trial, self.trial.draft)

    def form(self, *sent: Any) -> RegisterForm:
        """Return the confirmation."""
        return RegisterForm(*sent[:1], meets=any(not one.declared for one in self.met))

    def context(self) -> dict[str, Any]:
        """Return what will be frozen, and what is still missing."""
        read, today = self.trial.draft, timezone.localdate()
        first = read.dates.first_unit.date
        return {
            "digest": protocol.digest(read),
            "problem_list": protocol.problems(read, today=today),
            "warnings": protocol.warnings(read, today=today),
            "is_prospective": first is None or today <= first,
            "is_signed": cosignatures.is_signed(self.trial, read),
            "signatures": self.trial.cosignatures.filter(
                protocol_sha256=protocol.digest(read)
            ).select_related("by"),
            "review": self.trial.reviews.select_related("reviewer").last(),
            "chapters": document.chapters(read, sources_for(self.trial, self.person)),
            "collisions": self.met,
        }

    def act(self, form: RegisterForm) -> str:
        """Register it."""
        reason = form.cleaned_data.get("collision_reason", "")
        made = registrations.register(trial=self.trial, by=self.person, collision_reason=reason)
        messages.success(self.request, f"Registered as {made.trial.number}. The protocol is frozen.")
        return reverse("trial-detail", args=[made.trial.ref])


class TrialReject(TrialAct):
    """Confirm that a protocol is turned down: a reviewer rejected it."""

    template = "trials/reject.html"
    needs = (Permission.TRIAL_REGISTER,)

    def form(self, *sent: Any) -> ConfirmForm:
        """Return the confirmation."""
        return ConfirmForm(*sent[:1], word="reject")

    def context(self) -> dict[str, Any]:
        """Return the reviewer's word, where it is of this very text."""
        return {"review": registrations.last_review(self.trial, self.trial.draft)}

    def act(self, form: ConfirmForm) -> str:
        """Reject it."""
        registrations.reject(trial=self.trial, by=self.person)
        messages.success(self.request, "The protocol is rejected. It is kept, and stays private.")
        return reverse("trial-detail", args=[self.trial.ref])

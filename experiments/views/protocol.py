"""Writing a protocol: its task list, one step at a time, and sending it for review."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils import timezone

from centre.errors import Problem, Refusal
from centre.permissions import Permission
from experiments import protocol
from experiments.actions import trials
from experiments.forms import document as reading
from experiments.forms import rows
from experiments.forms.questions import GROUPS, STEPS, Step, asked_at, step_of, words_for
from experiments.forms.sources import sources_for, with_tactic_version
from experiments.forms.step import StepForm
from experiments.views.comparison import Difference, differences
from experiments.views.pages import TrialAct, TrialPage

ANALYSIS, COMPLETED = "analysis", "Completed"


@dataclass(frozen=True, slots=True)
class Task:
    """One step in the task list: what is still to do in it."""

    step: Step
    url: str
    status: str
    problems: list[tuple[Problem, str, str]]

    @property
    def is_complete(self) -> bool:
        return self.status == COMPLETED


def tasks(read: protocol.Protocol, address: Any) -> list[tuple[str, list[Task]]]:
    """Return the steps in their groups, each with its problems and the place where each is solved."""
    found: dict[str, list[Problem]] = {}
    for problem in protocol.problems(read, today=timezone.localdate()):
        step = asked_at(problem.pointer) or STEPS[0]
        found.setdefault(step.slug, []).append(problem)
    return [
        (title, [_task(step, read, found.get(step.slug, []), address(step.slug)) for step in steps])
        for title, steps in GROUPS
    ]


def _task(step: Step, read: protocol.Protocol, problems: list[Problem], url: str) -> Task:
    linked = [(one, words_for(one.pointer), f"{url}#{anchor(one.pointer)}") for one in problems]
    if not problems:
        return Task(step, url, _settled(step, read), [])
    if reading.is_blank(read, step):
        return Task(step, url, "Not started", linked)
    return Task(step, url, f"{len(problems)} to answer", linked)


def _settled(step: Step, read: protocol.Protocol) -> str:
    """Return the status of a step in which nothing is missing."""
    design = read.design.design
    if step.slug != "comparison" or (design and design.needs_comparison_over_time):
        return COMPLETED
    return "Not needed for this design" if design else "Depends on the design"


def anchor(pointer: str) -> str:
    """Return the name of the form field that a pointer leads to."""
    return pointer.removeprefix("/analysis_plan").strip("/").replace("/", "__")


class ProtocolTasks(TrialPage):
    """The task list of the protocol, or the protocol itself once it is closed."""

    template = "trials/protocol.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show how far the protocol is."""
        read = self.trial.draft
        groups = tasks(read, lambda slug: reverse("trial-protocol-step", args=[self.trial.ref, slug]))
        every = [task for _, steps in groups for task in steps]
        return self.page(
            groups=groups,
            problem_count=sum(len(task.problems) for task in every),
            done=sum(task.is_complete for task in every),
            total=sum(task.is_complete or bool(task.problems) for task in every),
            warnings=protocol.warnings(read, today=timezone.localdate()),
            may_edit=self.trial.is_editable and trials.may_edit(self.trial, self.person),
            reviews=self.trial.reviews.select_related("reviewer"),
        )


class ProtocolStep(TrialAct):
    """One step: its questions, saved as they are; what registration still needs is listed."""

    template = "trials/step.html"
    needs = (Permission.TRIAL_DRAFT,)
    list_url_name = "trial-protocol"
    step_url_name = "trial-protocol-step"

    def dispatch(self, request: HttpRequest, *args: Any, ref: str, **kwargs: Any) -> HttpResponseBase:
        """Find the step."""
        found = step_of(kwargs.get("step", ANALYSIS))
        if found is None:
            raise Http404
        self.step = found
        return super().dispatch(request, *args, ref=ref, **kwargs)

    @property
    def document(self) -> dict[str, Any]:
        """Return the protocol that is being written."""
        written: dict[str, Any] = protocol.to_json(self.trial.draft)
        return written

    @property
    def edition(self) -> int:
        """Return the number of the save that the form was opened on."""
        return self.trial.protocol_edition

    def write(self, document: Mapping[str, Any], edition: int) -> None:
        """Save the whole protocol with the step's answers in it."""
        trials.save(trial=self.trial, document=document, edition=edition, by=self.person)

    def form(self, *sent: Any) -> Any:
        """Return the step's questions."""
        sources = sources_for(self.trial, self.person)
        make = StepForm.sent if sent else StepForm
        return make(self.step, self.document, sources, *sent[:1], edition=self.edition)

    def act(self, form: StepForm) -> str:
        """Save the answers."""
        sections = with_tactic_version(form.sections(), self.document, self.person)
        self.write({**self.document, **sections}, form.cleaned_data["edition"])
        return self.next_url()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save, or give one more row, or take one away."""
        if "add" in request.POST or "remove" in request.POST:
            return self.page(form=self.rearranged(request.POST), **self.context())
        return super().post(request, **kwargs)

    def rearranged(self, sent: QueryDict) -> Any:
        """Return the form with a row more or less, unchecked and unsaved."""
        if "add" in sent:
            data = rows.with_row(sent, sent.get("add", ""))
        else:
            name, _, place = sent.get("remove", "").rpartition("__")
            data = rows.without_row(sent, name, int(place) if place.isdigit() else -1)
        form = self.unchecked(data)
        form.is_checked = False
        return form

    def unchecked(self, data: QueryDict) -> Any:
        """Return the form over what was sent, blank rows included."""
        return StepForm(
            self.step, self.document, sources_for(self.trial, self.person), data, edition=self.edition
        )

    def context(self) -> dict[str, Any]:
        """Return the step, and what registration still needs of it."""
        read = protocol.from_json(self.document)
        needed = [
            (one, words_for(one.pointer), anchor(one.pointer))
            for one in protocol.problems(read, today=timezone.localdate())
            if (asked_at(one.pointer) or STEPS[0]) is self.step
        ]
        return {
            "step": self.step,
            "needed": [] if reading.is_blank(read, self.step) else needed,
            "list_url": reverse(self.list_url_name, args=[self.trial.ref]),
            "is_open": self.is_open(),
        }

    def is_open(self) -> bool:
        """Return whether the answers may still change."""
        return self.trial.is_editable and trials.may_edit(self.trial, self.person)

    def refused(self, form: Any, refusal: Refusal, **context: Any) -> HttpResponse:
        """Show a stale form beside what stands now, ready to be saved over it."""
        if isinstance(refusal, trials.StaleEdition):
            self.trial.refresh_from_db()
            form.data = form.data.copy()
            form.data["edition"] = self.edition
            context["changes"] = self.both(refusal)
        return super().refused(form, refusal, **context)

    def both(self, stale: trials.StaleEdition) -> list[Difference]:
        """Return the fields in which what stands now differs from what was sent."""
        return differences(protocol.diff(protocol.from_json(stale.theirs), protocol.from_json(stale.yours)))

    def next_url(self) -> str:
        """Return the next step, or the list where the person asked for it."""
        if self.request.POST.get("then") != "next":
            messages.success(self.request, f"Saved: {self.step.title}")
            return reverse(self.list_url_name, args=[self.trial.ref])
        after = STEPS[STEPS.index(self.step) + 1 :]
        if not after:
            return reverse(self.list_url_name, args=[self.trial.ref])
        return reverse(self.step_url_name, args=[self.trial.ref, after[0].slug])


class TrialSubmit(TrialAct):
    """Send the protocol for review."""

    template = "trials/submit.html"
    needs = (Permission.TRIAL_SUBMIT,)

    def form(self, *sent: Any) -> Any:
        """Return a form without questions."""
        return forms.Form(*sent[:1])

    def context(self) -> dict[str, Any]:
        """Return what is missing, with its place."""
        read = self.trial.draft
        groups = tasks(read, lambda slug: reverse("trial-protocol-step", args=[self.trial.ref, slug]))
        return {"problems": [one for _, steps in groups for task in steps for one in task.problems]}

    def refused(self, form: Any, refusal: Refusal, **context: Any) -> HttpResponse:
        """Show where the plan could not run, each with a link to its place."""
        if isinstance(refusal, trials.PlanDoesNotRun):
            url = reverse("trial-protocol-plan", args=[self.trial.ref])
            context["problems"] = [
                (one, words_for(one.pointer), f"{url}#{anchor(one.pointer)}") for one in refusal.problems
            ]
        return super().refused(form, refusal, **context)

    def act(self, form: Any) -> str:
        """Send it."""
        trials.submit(trial=self.trial, by=self.person)
        messages.success(
            self.request, "The protocol is with the methods reviewers. You cannot change it meanwhile."
        )
        return reverse("trial-detail", args=[self.trial.ref])

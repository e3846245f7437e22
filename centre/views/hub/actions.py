"""Agreed actions: agreeing one on a finding, and ending it."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from centre.forms import DatePartsField, PlainCharField, PlainTextField
from centre.hub import following, judging
from centre.hub.actions import quality_actions
from centre.models import Force, QualityAction
from centre.permissions import Permission, require_any
from centre.views.acts import FormPage
from centre.views.hub.pages import HubPage
from centre.views.hub.quality import urgent_first


class AgreeForm(forms.Form):
    """Which finding, what, whose, by when, and at which visit."""

    finding = forms.ChoiceField(
        label="Which finding does it answer?",
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of the findings"),
    )
    what = PlainTextField(name="What is to be done", label="What is to be done?", max_length=1_000, rows=3)
    owner = PlainCharField(
        name="Whose it is",
        label="Whose is it?",
        help_text="A post, and a name if need be. It is kept for good.",
    )
    due_on = DatePartsField(label="The date by when", help_text="For example, 27 3 2027")
    visit = forms.ChoiceField(
        label="Agreed at a visit? (optional)",
        required=False,
        error_messages={"invalid_choice": "Choose one of the visits to this force"},
    )

    def __init__(self, force: Force, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = judging.judged(force)
        listed = [one["finding"] for one in urgent_first(found)] if found else []
        self.fields["finding"].choices = [(one.key, one.words) for one in listed]  # type: ignore[attr-defined]
        self.visits = {str(one.pk): one for one in force.visits.standing() if one.has_come}
        days = [(key, f"{one.visited_on:%-d %B %Y}") for key, one in self.visits.items()]
        self.fields["visit"].choices = [("", "Not at a visit"), *days]  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """Done or dropped, and what is to be said of it."""

    outcome = forms.ChoiceField(
        label="How did it end?",
        choices=QualityAction.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose how it ended"),
    )
    words = PlainTextField(
        name="What was done, or why not",
        label="What was done, or why not?",
        max_length=1_000,
        rows=3,
        error_messages={"required": "Say what was done, or why not"},
    )

    def __init__(self, outcomes: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["outcome"]
        field.choices = [one for one in field.choices if one[0] in outcomes]
        if outcomes == [QualityAction.Outcome.DONE]:  # no question
            field.widget, field.initial = forms.HiddenInput(), outcomes[0]
            self.fields["words"].label = "What was done?"


class ActionAgree(FormPage, HubPage):
    """Agree an action on one of a force's findings."""

    template = "hub/agree.html"
    needs: ClassVar[Permission] = Permission.VISIT_KEEP

    def form(self, *sent: Any) -> AgreeForm:
        """Return the form; a link may have chosen the finding and the visit."""
        return AgreeForm(self.force(self.kwargs["force"]), *sent, initial=self.request.GET.dict())

    def context(self) -> dict[str, Any]:
        """Return whose findings they are."""
        return {"force": self.force(self.kwargs["force"])}

    def act(self, form: Any) -> str:
        """Agree it."""
        given = form.cleaned_data
        visit = form.visits.get(given.pop("visit"))
        force = self.force(self.kwargs["force"])
        quality_actions.agree(force=force, visit=visit, by=self.by, **given)
        return visit_or_force(visit, force)


class ActionDetail(FormPage, HubPage):
    """One action: what was agreed, whether the finding is still there, and how it ended or ends."""

    template = "hub/action.html"

    @property
    def action(self) -> QualityAction:
        """Return it, among those that the person may see."""
        rows = QualityAction.objects.visible_to(self.by).select_related(
            "force", "visit", "agreed_by", "ended_by"
        )
        found: QualityAction = get_object_or_404(rows, pk=self.kwargs["action_id"])
        return found

    def form(self, *sent: Any) -> EndForm:
        """Return the form with the ends that the person may choose."""
        is_team = self.may(Permission.VISIT_KEEP, on=self.action.force)
        return EndForm(quality_actions.outcomes(is_team=is_team), *sent)

    def context(self) -> dict[str, Any]:
        """Return the action with what is found now."""
        action = self.action
        (followed,) = following.of_all([action])
        ends = (Permission.VISIT_KEEP, Permission.HUB_SUBMIT)
        return {
            "one": followed,
            "may_end": action.is_open and any(self.may(one, on=action.force) for one in ends),
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """End it, for those who may."""
        require_any(self.by, (Permission.VISIT_KEEP, Permission.HUB_SUBMIT), on=self.action.force)
        return super().post(request, **kwargs)

    def act(self, form: Any) -> str:
        """End it."""
        ended = quality_actions.end(action=self.action, by=self.by, **form.cleaned_data)
        return reverse("hub-action", args=[ended.pk])


def visit_or_force(visit: Any, force: Force) -> str:
    """Return where an agreed action is seen: at its visit, or beside its finding."""
    return reverse("hub-visit", args=[visit.pk]) if visit else reverse("hub-force", args=[force.slug])

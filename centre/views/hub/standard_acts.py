"""Proposing a standard, and adopting what another proposed."""

from typing import Any, ClassVar

from django import forms
from django.shortcuts import get_list_or_404, get_object_or_404
from django.urls import reverse

from centre.errors import Invalid
from centre.forms import DatePartsField, PlainCharField, PlainTextField
from centre.hub import benchmarks
from centre.hub.actions import standards
from centre.models import Measure, Standard
from centre.permissions import Permission
from centre.views.acts import FormPage
from centre.views.hub.pages import HubPage

_SAME = ("name", "good", "direction", "target", "target_source", "valid_from")


class StandardForm(forms.Form):
    """One version of a standard."""

    key = PlainCharField(
        name="Key",
        label="Key",
        help_text="Small letters, figures and hyphens, like files-right-first-time. It stays.",
        max_length=60,
    )
    name = PlainCharField(name="Name", label="Name", max_length=120)
    good = PlainTextField(
        name="What good looks like",
        label="What good looks like",
        help_text="In words that a chief officer and a constable both understand.",
        max_length=600,
        rows=3,
    )
    inputs = forms.ChoiceField(
        label="Inputs",
        help_text="What is put in, like officer hours. Never alone.",
        required=False,
    )
    activity = forms.ChoiceField(
        label="Activity", help_text="What is done. Needed where inputs are named.", required=False
    )
    outcome = forms.ChoiceField(
        label="Outcome",
        help_text="What comes of it: forces are compared by this.",
        required=False,
    )
    direction = forms.ChoiceField(
        label="Which way is the outcome better?",
        choices=Standard.Direction.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether higher or lower is better"},
    )
    target = forms.DecimalField(
        label="Target of each month, if there is one",
        help_text="In per cent for a share, else for each thousand.",
        max_digits=12,
        decimal_places=3,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"}),
        error_messages={"invalid": "Enter the target in figures, like 80 or 12.5"},
    )
    target_source = PlainCharField(
        name="Source of the target",
        label="Source of the target",
        help_text="Who set it, and where it can be read.",
        max_length=200,
        required=False,
    )
    valid_from = DatePartsField(
        label="Holds from", error_messages={"required": "Enter the day from which it holds"}
    )
    reason = PlainTextField(
        name="Reason",
        label="Why the standard changes",
        help_text="Everybody in the hub can read it.",
        max_length=600,
        rows=3,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = list(Measure.objects.in_force().order_by("name"))
        for part, kind in standards.PARTS:
            choices = [
                (one.key, f"{one.name} ({one.get_unit_display()})") for one in today if one.kind == kind
            ]
            self.fields[part].choices = [("", "None"), *choices]  # type: ignore[attr-defined]


class StandardNew(FormPage, HubPage):
    """Propose a standard that there is not."""

    template = "hub/standard_propose.html"
    needs: ClassVar[Permission] = Permission.HUB_KEEP

    def form(self, *sent: Any) -> forms.Form:
        """Return the form: a first version needs no reason."""
        form = StandardForm(*sent)
        del form.fields["reason"]
        return form

    def act(self, form: Any) -> str:
        """Propose it."""
        if Standard.objects.filter(key=form.cleaned_data["key"]).exists():
            raise Invalid.field(
                "/key", "There is a standard with this key: propose a new version on its page"
            )
        made = standards.propose(**form.cleaned_data, by=self.by)
        return reverse("hub-standard", args=[made.key])


class StandardRevise(FormPage, HubPage):
    """Propose a new version, with what the newest one says to start from."""

    template = "hub/standard_propose.html"
    needs: ClassVar[Permission] = Permission.HUB_KEEP

    def form(self, *sent: Any) -> forms.Form:
        """Return the form; the key stays."""
        rows = Standard.objects.filter(key=self.kwargs["standard"]).order_by("-version")
        self.newest = get_list_or_404(rows.select_related("inputs", "activity", "outcome"))[0]
        form = StandardForm(*sent)
        form.initial = {name: getattr(self.newest, name) for name in _SAME}
        for part, _ in standards.PARTS:
            measure = getattr(self.newest, part)
            form.initial[part] = measure.key if measure else ""
        del form.fields["key"]
        return form

    def context(self) -> dict[str, Any]:
        """Return what it replaces."""
        return {"newest": self.newest}

    def act(self, form: Any) -> str:
        """Propose it."""
        made = standards.propose(key=self.newest.key, **form.cleaned_data, by=self.by)
        return reverse("hub-standard", args=[made.key])


class StandardAdopt(FormPage, HubPage):
    """Adopt what another person proposed."""

    template = "hub/standard_adopt.html"
    needs: ClassVar[Permission] = Permission.STANDARD_ADOPT

    def form(self, *sent: Any) -> forms.Form:
        """Return a form that asks for nothing more than the press of its button."""
        self.standard = get_object_or_404(
            Standard.objects.visible_to(self.by).select_related(
                "inputs", "activity", "outcome", "proposed_by"
            ),
            key=self.kwargs["standard"],
            version=self.kwargs["standard_version"],
        )
        return forms.Form(*sent)

    def context(self) -> dict[str, Any]:
        """Return what would hold."""
        return {
            "standard": self.standard,
            "unit": benchmarks.unit_words(self.standard.outcome),
            "is_own": self.standard.proposed_by_id == self.by.pk,
        }

    def act(self, form: Any) -> str:
        """Adopt it."""
        adopted = standards.adopt(standard=self.standard, by=self.by)
        return reverse("hub-standard", args=[adopted.key])

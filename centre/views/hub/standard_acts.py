"""Proposing a standard, and adopting what another proposed."""

from typing import Any, ClassVar

from django import forms
from django.shortcuts import get_list_or_404, get_object_or_404
from django.urls import reverse

from centre.errors import Invalid
from centre.forms import DatePartsField, PlainCharField, PlainTextField
from centre.hub.actions import standards
from centre.hub.actions.standards import Outcome
from centre.models import Measure, Standard
from centre.permissions import Permission
from centre.views.acts import FormPage
from centre.views.hub.pages import HubPage
from centre.views.hub.standards import aims_in_words

_SAME = ("name", "good", "valid_from")
_OF_OUTCOME = ("outcome", "direction", "target", "target_source")
_LAST = ("valid_from", "reason")


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
    inputs = forms.MultipleChoiceField(
        label="Inputs",
        help_text="What is put in, like officer hours. Never alone.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    activity = forms.MultipleChoiceField(
        label="Activity",
        help_text="What is done. Needed where inputs are named.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
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
        known = {
            part: [(one.key, f"{one.name} ({one.get_unit_display()})") for one in today if one.kind == kind]
            for part, kind in standards.PARTS
        }
        for part in ("inputs", "activity"):
            self.fields[part].choices = known[part]  # type: ignore[attr-defined]
        for number in range(1, standards.MOST + 1):
            self.fields |= _outcome_fields(number, [("", "None"), *known["outcome"]])
        names = list(self.fields)
        self.order_fields([one for one in names if one not in _LAST] + [one for one in names if one in _LAST])

    def proposed(self) -> dict[str, Any]:
        """Return what the action takes: a further outcome where anything is said of one."""
        given = dict(self.cleaned_data)
        further = []
        for number in range(2, standards.MOST + 1):
            said = {name: given.pop(_named(name, number)) for name in _OF_OUTCOME}
            if any(value not in ("", None) for value in said.values()):
                further.append(
                    Outcome(said["outcome"], said["direction"], said["target"], said["target_source"])
                )
        return {**given, "further": further}


def _named(name: str, number: int) -> str:
    return standards.numbered(name, number).strip("/")


def _outcome_fields(number: int, choices: list[tuple[str, str]]) -> dict[str, forms.Field]:
    """Return what is asked of one outcome; the second and third can be left empty."""
    which = {1: "Outcome", 2: "Second outcome", 3: "Third outcome"}[number]
    only = "" if number == 1 else " Leave it empty if there is none."
    return {
        _named("outcome", number): forms.ChoiceField(
            label=which,
            help_text=f"What comes of it: forces are compared by this.{only}",
            choices=choices,
            required=False,
        ),
        _named("direction", number): forms.ChoiceField(
            label=f"Which way is the {which.lower()} better?",
            choices=Standard.Direction.choices,
            widget=forms.RadioSelect,
            required=number == 1,
            error_messages={"required": "Choose whether higher or lower is better"},
        ),
        _named("target", number): forms.DecimalField(
            label=f"{which}: target of each month, if there is one",
            help_text="In per cent for a share, else for each thousand.",
            max_digits=12,
            decimal_places=3,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"}),
            error_messages={"invalid": "Enter the target in figures, like 80 or 12.5"},
        ),
        _named("target_source", number): PlainCharField(
            name="Source of the target",
            label=f"{which}: source of the target",
            help_text="Who set it, and where it can be read.",
            max_length=200,
            required=False,
        ),
    }


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
        made = standards.propose(**form.proposed(), by=self.by)
        return reverse("hub-standard", args=[made.key])


class StandardRevise(FormPage, HubPage):
    """Propose a new version, with what the newest one says to start from."""

    template = "hub/standard_propose.html"
    needs: ClassVar[Permission] = Permission.HUB_KEEP

    def form(self, *sent: Any) -> forms.Form:
        """Return the form; the key stays."""
        rows = Standard.objects.filter(key=self.kwargs["standard"]).order_by("-version")
        self.newest = get_list_or_404(rows.with_measures())[0]
        form = StandardForm(*sent)
        form.initial = {name: getattr(self.newest, name) for name in _SAME}
        form.initial["inputs"] = [one.key for one in self.newest.put_in]
        form.initial["activity"] = [one.key for one in self.newest.done]
        for number, aim in enumerate(self.newest.aims, 1):
            said = (aim.measure.key, aim.direction, aim.target, aim.target_source)
            for name, value in zip(_OF_OUTCOME, said, strict=True):
                form.initial[_named(name, number)] = value
        del form.fields["key"]
        return form

    def context(self) -> dict[str, Any]:
        """Return what it replaces."""
        return {"newest": self.newest}

    def act(self, form: Any) -> str:
        """Propose it."""
        made = standards.propose(key=self.newest.key, **form.proposed(), by=self.by)
        return reverse("hub-standard", args=[made.key])


class StandardAdopt(FormPage, HubPage):
    """Adopt what another person proposed."""

    template = "hub/standard_adopt.html"
    needs: ClassVar[Permission] = Permission.STANDARD_ADOPT

    def form(self, *sent: Any) -> forms.Form:
        """Return a form that asks for nothing more than the press of its button."""
        self.standard = get_object_or_404(
            Standard.objects.visible_to(self.by).select_related("proposed_by").with_measures(),
            key=self.kwargs["standard"],
            version=self.kwargs["standard_version"],
        )
        return forms.Form(*sent)

    def context(self) -> dict[str, Any]:
        """Return what would hold."""
        return {
            "standard": self.standard,
            "aims": aims_in_words(self.standard),
            "is_own": self.standard.proposed_by_id == self.by.pk,
        }

    def act(self, form: Any) -> str:
        """Adopt it."""
        adopted = standards.adopt(standard=self.standard, by=self.by)
        return reverse("hub-standard", args=[adopted.key])

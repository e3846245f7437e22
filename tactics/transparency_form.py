"""The form of one section of a transparency record. What an answer may be is `tactics.transparency`, by the action."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from centre.errors import Invalid
from tactics.transparency import NOT_APPLICABLE, Section, typed


class SectionForm(forms.Form):
    """One box for each field. Nothing is required to save: what is still missing is said before it is sent."""

    edition = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, section: Section, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.section = section
        for field in section.fields:
            self.fields[field.key] = forms.CharField(
                label=field.name if field.is_required else f"{field.name} (optional)",
                required=False,
                strip=False,
                help_text=format_html_join(
                    mark_safe("<br>"), "{}", ((line,) for line in field.prompt.splitlines())
                ),
                widget=forms.TextInput()
                if field.is_short
                else forms.Textarea(attrs={"rows": 5, "cols": None}),
            )

    @classmethod
    def of(cls, section: Section, answers: Mapping[str, Mapping[str, str]], edition: int) -> "SectionForm":
        """Return the form with what stands."""
        said = {field.key: typed(answers.get(field.ref)) for field in section.fields}
        return cls(section, initial={**said, "edition": edition})

    def over(self, edition: int) -> "SectionForm":
        """Return the same answers on top of a newer edition."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data["edition"] = str(edition)
        return SectionForm(self.section, data)

    @property
    def said(self) -> dict[str, str]:
        """Return what was typed, by the key of the field."""
        return {field.key: self.data.get(field.key, "") for field in self.section.fields}

    def add_problems(self, refusal: Invalid) -> None:
        """Show each problem beside its field."""
        for problem in refusal.problems:
            self.add_error(problem.pointer if problem.pointer in self.fields else None, problem.message)


HOW_TO_SAY_NO = f"Where something does not apply, write “{NOT_APPLICABLE} …” and the reason"

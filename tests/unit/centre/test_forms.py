"""Fields: what they accept, what they say, and the GOV.UK markup they make."""

from datetime import date

import pytest
from django import forms

from centre.forms import DatePartsField, PlainCharField, PlainTextField


class Sample(forms.Form):
    title = PlainCharField(name="Title", label="Title", help_text="As it will be listed")
    text = PlainTextField(name="Summary", label="Summary", required=False)
    start = DatePartsField(label="Start date")
    kind = forms.ChoiceField(
        label="Kind", choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect
    )
    some = forms.MultipleChoiceField(
        label="Some", choices=[("x", "Ex"), ("y", "Why")], widget=forms.CheckboxSelectMultiple, required=False
    )
    place = forms.ChoiceField(label="Place", choices=[("", "Choose"), ("n", "North")], required=False)
    sure = forms.BooleanField(label="I am sure")
    file = forms.FileField(label="File", required=False)


RIGHT = {
    "title": " A title ",
    "start_day": "1",
    "start_month": "2",
    "start_year": "2026",
    "kind": "a",
    "sure": "on",
}


def test_accepts_and_tidies() -> None:
    form = Sample(RIGHT)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["title"] == "A title"
    assert form.cleaned_data["start"] == date(2026, 2, 1)


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("", "Enter title"),
        ("\u200b\u00a0", "Enter title"),
        ("x" * 201, "Title must be 200 characters or fewer"),
        ("a\u202eb", "Title contains a character we cannot accept (U+202E)"),
        ("a\x00b", "Title contains a character we cannot accept (U+0000)"),
    ],
)
def test_refuses_a_title(title: str, message: str) -> None:
    assert Sample({**RIGHT, "title": title}).errors["title"] == [message]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("", "", ""), "Enter start date"),
        (("31", "2", "2026"), "Enter a real date"),
        (("1", "13", "2026"), "Enter a real date"),
        (("1", "2", "26"), "Enter a real date"),
        (("one", "2", "2026"), "Enter a real date"),
        (("²", "2", "2026"), "Enter a real date"),
        (("1", "", "2026"), "The date must include a month"),
        (("1", "", ""), "The date must include a month and a year"),
    ],
)
def test_refuses_a_date(parts: tuple[str, str, str], message: str) -> None:
    day, month, year = parts
    form = Sample({**RIGHT, "start_day": day, "start_month": month, "start_year": year})

    assert form.errors["start"] == [message]


def test_markup_is_that_of_the_design_system() -> None:
    html = str(Sample())

    assert html.count('class="govuk-form-group"') >= 8
    assert '<label class="govuk-label govuk-label--s" for="id_title">Title</label>' in html
    assert '<div class="govuk-hint" id="id_title_helptext">As it will be listed</div>' in html
    assert 'class="govuk-input" type="text" name="title"' in html
    assert 'aria-describedby="id_title_helptext"' in html
    assert '<div class="govuk-date-input" id="id_start">' in html
    assert 'name="start_day" id="id_start_0"' in html
    assert '<div class="govuk-radios" data-module="govuk-radios">' in html
    assert '<label class="govuk-label govuk-radios__label" for="id_kind_0">First</label>' in html
    assert 'class="govuk-checkboxes__input" type="checkbox" name="some"' in html
    assert 'class="govuk-select" name="place"' in html
    assert 'class="govuk-file-upload" type="file" name="file"' in html
    assert " required" not in html  # the server says what is missing, in words
    assert " style=" not in html


def test_error_stands_at_its_field_and_keeps_what_was_typed() -> None:
    html = str(Sample({**RIGHT, "title": "<b>" + "x" * 200, "kind": "", "start_day": "40"}))

    assert '<p class="govuk-error-message" id="id_title_error">' in html
    assert 'class="govuk-input govuk-input--error"' in html
    assert "&lt;b&gt;xxx" in html
    assert 'value="40"' in html
    assert html.count("govuk-form-group--error") == 3
    assert 'aria-describedby="id_start_error"' in html

"""Form fields that speak GOV.UK: plain text, and a date in three boxes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from centre import text


class PlainCharField(forms.CharField):
    """Text without invisible ends; text nobody can see is empty; the limit and odd characters are named."""

    def __init__(self, *, name: str, max_length: int = 200, **kwargs: Any) -> None:
        """Take `name`, the field as it stands in a message ("Title" in "Title must be 200 characters or fewer")."""
        self.name_in_messages = name
        self.limit = max_length
        kwargs.setdefault("error_messages", {}).setdefault("required", f"Enter {name[0].lower()}{name[1:]}")
        # Django's own refusal of NUL would come first and could not name the character.
        super().__init__(strip=False, **kwargs)
        self.validators = []

    def to_python(self, value: Any) -> str:
        """Return the tidied text."""
        return text.tidied(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        """Refuse the empty, the too long and the unacceptable."""
        super().validate(value)
        if len(value) > self.limit:
            raise forms.ValidationError(f"{self.name_in_messages} must be {self.limit:,} characters or fewer")
        if character := text.refused_character(value):
            raise forms.ValidationError(
                f"{self.name_in_messages} contains a character we cannot accept ({character})"
            )


class PlainTextField(PlainCharField):
    """The same over several lines."""

    def __init__(self, *, name: str, max_length: int = 10_000, rows: int = 5, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows, "cols": None}))
        super().__init__(name=name, max_length=max_length, **kwargs)


class HintedRadios(forms.RadioSelect):
    """Radios of which some say more under their label."""

    def __init__(self, hints: Mapping[str, str], attrs: dict[str, Any] | None = None) -> None:
        self.hints = hints
        super().__init__(attrs)

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the option with its hint, which its input is described by."""
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        if hint := self.hints.get(str(option["value"])):
            option["hint"] = hint
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}-hint"
        return option


class DatePartsWidget(forms.MultiWidget):
    """Day, month and year, each in its own box: nobody has to guess a format."""

    template_name = "django/forms/widgets/date_parts.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        boxes = {"day": ("Day", 2), "month": ("Month", 2), "year": ("Year", 4)}
        super().__init__(
            {
                part: forms.TextInput(attrs={"label": label, "class": f"govuk-input--width-{width}"})
                for part, (label, width) in boxes.items()
            },
            attrs,
        )

    def decompress(self, value: Any) -> list[Any]:
        """Return the three boxes of a stored date."""
        return [value.day, value.month, value.year] if isinstance(value, date) else [None, None, None]


class DatePartsField(forms.MultiValueField):
    """A date typed as day, month and year."""

    widget = DatePartsWidget

    def __init__(self, **kwargs: Any) -> None:
        label = str(kwargs.get("label", "the date"))
        kwargs.setdefault("error_messages", {}).setdefault("required", f"Enter {label[0].lower()}{label[1:]}")
        parts = [forms.CharField(required=False, max_length=4) for _ in range(3)]
        super().__init__(fields=parts, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> date | None:
        """Return the date, or say which part is missing or that there is no such day."""
        if not any(data_list):
            return None
        named = dict(zip(("day", "month", "year"), data_list, strict=True))
        if missing := [part for part, value in named.items() if not value]:
            raise forms.ValidationError(f"The date must include a {' and a '.join(missing)}")
        if any(not (value.isascii() and value.isdigit()) for value in data_list) or len(named["year"]) != 4:
            raise forms.ValidationError("Enter a real date")
        try:
            return date(int(named["year"]), int(named["month"]), int(named["day"]))
        except ValueError as error:
            raise forms.ValidationError("Enter a real date") from error

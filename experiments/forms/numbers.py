"""A number as people type it: no guessing, and the message says what to write."""

from math import isfinite
from typing import Any

from django import forms


class NumberField(forms.Field):
    """A whole or decimal number in plain digits; ranges are the protocol's business."""

    def __init__(self, *, is_whole: bool, **kwargs: Any) -> None:
        self.is_whole = is_whole
        attrs = {"inputmode": "numeric" if is_whole else "decimal", "class": "govuk-input--width-10"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | float | None:
        """Return the number, or say how to write it."""
        text = str(value or "").strip()
        if not text:
            return None
        if "," in text:
            raise forms.ValidationError(f"Write {text.replace(',', '')}, without commas")
        try:
            number = float(text)
        except ValueError:
            raise forms.ValidationError("Enter a number in digits") from None
        if not text.isascii() or "_" in text or not isfinite(number):
            raise forms.ValidationError("Enter a number in digits")
        if not self.is_whole:
            return number
        if number != int(number):
            raise forms.ValidationError("Enter a whole number")
        return int(text) if text.lstrip("+-").isdigit() else int(number)


class NamedNumberField(NumberField):
    """A number whose messages name it: the list at the top of the page shows them without their fields."""

    def clean(self, value: Any) -> Any:
        """Return the number, or say which is wrong."""
        try:
            return super().clean(value)
        except forms.ValidationError as error:
            raise forms.ValidationError([named(str(self.label), text) for text in error.messages]) from error


def named(label: str, message: str) -> str:
    """Return a message with its field before it."""
    return f"{label.rstrip('?')}: {message[0].lower()}{message[1:]}"

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
            raise self._refusal("Enter a number in digits") from None
        if not text.isascii() or "_" in text or not isfinite(number):
            raise self._refusal("Enter a number in digits")
        if not self.is_whole:
            return number
        if number != int(number):
            raise self._refusal("Enter a whole number")
        return int(text) if text.lstrip("+-").isdigit() else int(number)

    def _refusal(self, message: str) -> forms.ValidationError:
        """Return the message with its field named: the summary at the top of a page stands far from it."""
        return forms.ValidationError(f"{message} for “{self.label}”" if self.label else message)

"""Reading and writing apart: what is shown can be pruned; what is sent is taken as it is, or refused."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from centre import text
from centre.api.strict_json import escape, printable


class Prunable(serializers.Serializer[Any]):
    """What is shown. The caller may ask for some of the fields of the outermost document."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields asked for, in the order of the contract."""
        fields: dict[str, Any] = super().get_fields()
        wanted = self.context.get("fields")
        outermost = self.parent is None or (
            isinstance(self.parent, serializers.ListSerializer) and self.parent.parent is None
        )
        if wanted is None or not outermost:
            return fields
        return {name: field for name, field in fields.items() if name in wanted}


class ReadSerializer(Prunable, serializers.ModelSerializer[Any]):
    """One row as shown; each subclass lists its fields."""


class WriteSerializer(serializers.Serializer[Any]):
    """What a caller may send. A field that is not listed is refused by name, not ignored."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the values, or refuse."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError({"non_field_errors": ["Send a JSON object"]})
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError(
                {f"/{escape(printable(name))}": [f"Unknown field '{printable(name)}'"] for name in unknown}
            )
        made: dict[str, Any] = super().to_internal_value(data)
        return made


class TextField(serializers.CharField):
    """Text as text: a number is not turned into one, and no invisible character gets in."""

    def to_internal_value(self, data: Any) -> str:
        """Return the text."""
        if not isinstance(data, str):
            raise serializers.ValidationError("Send text, in quotes")
        if character := text.refused_character(data):
            raise serializers.ValidationError(f"Contains a character we cannot accept ({character})")
        value: str = super().to_internal_value(text.tidied(data))
        if not value and not self.allow_blank:
            self.fail("blank")
        return value


class WholeNumberField(serializers.IntegerField):
    """A whole number as JSON knows it: no text, no 1.0, no true."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number."""
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("Send a whole number")
        return int(super().to_internal_value(data))


def columns_of(serializer_class: Any) -> Mapping[str, Any]:
    """Return the fields of a serializer, in order."""
    fields: Mapping[str, Any] = serializer_class(context={}).fields
    return fields

"""Typed filters: what cannot be read is refused by name, never passed over."""

from typing import Any

import django_filters
from django import forms
from django_filters import rest_framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field


class FilterSet(rest_framework.FilterSet):
    """The filters of one list."""


@extend_schema_field(OpenApiTypes.BOOL)
class YesNoFilter(django_filters.TypedChoiceFilter):
    """`true` or `false`, and nothing else."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=(("true", "true"), ("false", "false")),
            coerce=lambda value: value == "true",
            error_messages={"invalid_choice": "Use true or false"},
            **kwargs,
        )


class DateFilter(django_filters.DateFilter):
    """A date as YYYY-MM-DD: 03/04/2026 is two days."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], error_messages={"invalid": "Use YYYY-MM-DD"}, **kwargs)


class ChoiceFilter(django_filters.ChoiceFilter):
    """One of the listed values; the refusal lists them."""

    def __init__(self, **kwargs: Any) -> None:
        known = ", ".join(str(value) for value, _ in kwargs["choices"])
        super().__init__(error_messages={"invalid_choice": f"Use one of: {known}"}, **kwargs)


class UuidFilter(django_filters.UUIDFilter):
    """A UUID."""

    field_class = forms.UUIDField


SlugFilter = django_filters.CharFilter

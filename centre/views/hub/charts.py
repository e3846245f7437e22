"""Drawings of the hub's pages. The numbers stand in a table beside each."""

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from centre.hub.drawings import Marker, over_time
from centre.hub.judging import Judged


def monthly(*args: Any, **kwargs: Any) -> SafeString:
    """Return `centre.hub.drawings.over_time` as a part of a page."""
    return mark_safe(over_time(*args, **kwargs))  # noqa: S308  drawn here; every word in it is escaped


def of_months(
    name: str, title: str, found: Judged, values: Sequence[float | None], markers: Sequence[Marker] = ()
) -> SafeString:
    """Draw a figure of each month of a force, those apart that are not to be compared."""
    return monthly(
        name,
        title,
        [card.month for card in found.scorecards],
        values,
        described="A diamond is a month that is not to be compared; a cross is a month without a file.",
        flagged=found.barred_months,
        markers=markers,
    )

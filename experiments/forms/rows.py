"""Lists of like things in one form, added and removed on the server: what was typed moves with its row."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

MOST_ROWS = 500  # as many as a list of the protocol holds


def count_name(rows: str) -> str:
    """Return the name of the hidden field that says how many rows a list has."""
    return f"{rows}__count"


def count_of(data: Mapping[str, Any], rows: str) -> int:
    """Return how many rows were sent."""
    text = str(data.get(count_name(rows), "0"))
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdigit() else 0


def with_row(data: QueryDict, rows: str) -> QueryDict:
    """Return what was sent with one more, empty, row."""
    made = data.copy()
    made[count_name(rows)] = str(min(count_of(data, rows) + 1, MOST_ROWS))
    return made


def without_row(data: QueryDict, rows: str, place: int) -> QueryDict:
    """Return what was sent without one row; later rows move up."""
    count = count_of(data, rows)
    if not 0 <= place < count:
        return data
    made = QueryDict(mutable=True)
    for name, values in data.lists():
        at = _place(name, rows)
        if at is None or at < place:
            made.setlist(name, values)
        elif at > place:
            made.setlist(name.replace(f"{rows}__{at}__", f"{rows}__{at - 1}__", 1), values)
    made[count_name(rows)] = str(count - 1)
    return made


def without_blank_rows(data: QueryDict, rows: str) -> QueryDict:
    """Return what was sent without the rows in which nothing was filled in."""
    for place in reversed(range(count_of(data, rows))):
        if not any(_says_something(name, data.getlist(name)) for name in _names(data, rows, place)):
            data = without_row(data, rows, place)
    return data


def _names(data: Mapping[str, Any], rows: str, place: int) -> Iterable[str]:
    return (name for name in data if name.startswith(f"{rows}__{place}__"))


def _says_something(name: str, values: list[Any]) -> bool:
    """Return whether anybody answered: a ticked box, and "estimated" beside an empty date, come with the form."""
    is_given = any(str(value).strip() for value in values)
    return is_given and not name.endswith("__type") and values != ["on"]


def _place(name: str, rows: str) -> int | None:
    if not name.startswith(f"{rows}__"):
        return None
    place = name[len(rows) + 2 :].split("__")[0]
    return int(place) if place.isdigit() else None

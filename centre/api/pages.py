"""Pages of a list, by keyset: a signed token says where the last page of the same query ended."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError as FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signing import BadSignature, Signer
from django.db.models import F, Q, QuerySet

from centre.api.problems import refused_parameter

PAGE_SIZE = 50
LARGEST_PAGE = 1000
_SIGNER = Signer(salt="centre.api.pages")


@dataclass(frozen=True, slots=True)
class Order:
    """One column to sort by, never null; the primary key breaks ties."""

    path: str
    descending: bool = False


@dataclass(slots=True)
class Page:
    """One page of rows."""

    rows: list[Any] = field(default_factory=list)
    next_token: str | None = None
    total_count: int | None = None
    is_first: bool = True


def read_size(given: str | None) -> int:
    """Return the page size asked for."""
    if given is None:
        return PAGE_SIZE
    if not (given.isascii() and given.isdigit() and len(given) <= 9 and 1 <= int(given) <= LARGEST_PAGE):
        raise refused_parameter("page_size", f"page_size must be a whole number from 1 to {LARGEST_PAGE}")
    return int(given)


def digest(path: str, parameters: Mapping[str, str]) -> str:
    """Return what a token is bound to: the list, and what decides which rows come in what order."""
    loose = {"page_token", "page_size", "count_total", "format", "fields"}
    bound = [path, sorted((name, value) for name, value in parameters.items() if name not in loose)]
    return hashlib.sha256(json.dumps(bound).encode()).hexdigest()[:16]


def take(
    queryset: QuerySet[Any],
    orders: Sequence[Order],
    *,
    size: int,
    token: str | None,
    bound_to: str,
    count: bool,
) -> Page:
    """Return the page after `token`."""
    orders = [*orders, Order("pk", descending=bool(orders) and orders[-1].descending)]
    named = {f"page_key_{index}": F(order.path) for index, order in enumerate(orders)}
    rows = queryset.annotate(**named).order_by(
        *(("-" if order.descending else "") + name for name, order in zip(named, orders, strict=True))
    )
    page = Page(total_count=queryset.count() if count else None, is_first=token is None)
    if token is not None:
        rows = rows.filter(_after(rows, orders, read_token(token, bound_to, len(orders))))
    # One key more than asked for tells whether there is a next page.
    if not queryset.query.select_related:
        whole = list(rows[: size + 1])
        page.rows = whole[:size]
        if len(whole) > size:
            page.next_token = write_token([getattr(page.rows[-1], name) for name in named], bound_to)
        return page
    # The database orders keys alone; rows with all that is joined to them are read of one page.
    keys = list(rows.values_list(*named)[: size + 1])
    shown = [key[-1] for key in keys[:size]]
    found = {row.pk: row for row in queryset.filter(pk__in=shown).order_by()}
    page.rows = [found[key] for key in shown if key in found]
    if len(keys) > size:
        page.next_token = write_token(keys[size - 1], bound_to)
    return page


def write_token(last: Sequence[Any], bound_to: str) -> str:
    """Return the token of a page whose last row has these keys."""
    keys = json.loads(json.dumps(list(last), cls=_Exact))
    return _SIGNER.sign_object([bound_to, keys], compress=True)


class _Exact(DjangoJSONEncoder):
    """Django's encoder cuts times to milliseconds, which would give the last row of a page twice."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def read_token(token: str, bound_to: str, expected: int) -> list[Any]:
    """Return the keys that a token holds, or refuse it."""
    try:
        owner, keys = _SIGNER.unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        raise refused_parameter("page_token", "page_token is not one that we gave") from None
    if owner != bound_to or len(keys) != expected:
        raise refused_parameter(
            "page_token", "page_token belongs to another query; send the same parameters with it"
        )
    return list(keys)


def _after(rows: QuerySet[Any], orders: Sequence[Order], keys: Sequence[Any]) -> Q:
    """Return the condition of the rows that come after `keys`, column by column."""
    condition, same = Q(), Q()
    for index, (order, key) in enumerate(zip(orders, keys, strict=True)):
        name = f"page_key_{index}"
        value = _typed(rows, name, key)
        further = Q(**{f"{name}__{'lt' if order.descending else 'gt'}": value})
        condition |= same & further
        same &= Q(**{name: value})
    return condition


def _typed(rows: QuerySet[Any], name: str, key: Any) -> Any:
    try:
        return rows.query.annotations[name].output_field.to_python(key)
    except FieldError:  # pragma: no cover - a signed token of an older schema
        raise refused_parameter("page_token", "page_token is too old; start again") from None

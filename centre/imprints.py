"""Imprints: the hash of every frozen row, written with it.

The triggers refuse a change; somebody who takes them away first can still make one. The imprint shows it: each row of
each frozen table is hashed as it is written, in the same transaction, and the daily head covers the imprints.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from centre import frozen
from centre.models.imprints import Imprint

ROWS = 500  # of one table under one imprint
Row = frozen.FrozenModel

_together: ContextVar[list[Imprint] | None] = ContextVar("imprints", default=None)


def cover(rows: Sequence[Row], *, fields: Sequence[str] | None = None) -> None:
    """Take the imprint of rows of one table that were just made, or of fields of them that were just set."""
    made = [
        _made(alike[0]._meta.label_lower, names, alike, is_first=fields is None)
        for start in range(0, len(rows), ROWS)
        for names, alike in _alike(rows[start : start + ROWS], fields)
    ]
    waiting = _together.get()
    if waiting is None:
        Imprint.objects.bulk_create(made)
    else:
        waiting.extend(made)


def of_table(label: str) -> models.QuerySet[Imprint]:
    """Return the imprints of a table that count, in their order: where all were taken again, those since then."""
    found = Imprint.objects.filter(table=label).order_by("pk")
    over = found.filter(rows=[]).values_list("pk", flat=True).last()
    return found.filter(pk__gt=over) if over else found


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Write the imprints of all that is made inside with one question to the database, in the caller's transaction."""
    waiting: list[Imprint] = []
    token = _together.set(waiting)
    try:
        yield
    finally:
        _together.reset(token)
    Imprint.objects.bulk_create(waiting)


def digest(imprint: Imprint, rows: Sequence[Row]) -> str:
    """Return the hash of an imprint over its rows, in their order."""
    names = imprint.fields.split(",") if imprint.fields else []
    at = imprint.at.astimezone(UTC).isoformat(timespec="microseconds")
    found = hashlib.sha256(
        _text([at, imprint.table, imprint.fields, imprint.is_first, imprint.rows]).encode()
    )
    for row in rows:
        values = {
            name: plain(row._meta.get_field(name), getattr(row, _attribute(row, name))) for name in names
        }
        found.update(b"\n" + _text([str(row.pk), values]).encode())
    return found.hexdigest()


def is_empty(row: Row, name: str) -> bool:
    """Return whether a field that is set once is still to be set."""
    return getattr(row, _attribute(row, name)) in (None, "")


def once(model: type[Row]) -> tuple[str, ...]:
    """Return the fields of a table that are set once."""
    return tuple(sorted(model.frozen_except))


def plain(field: Any, value: Any) -> Any:
    """Return a value as both databases give it back, whatever it was when it was saved."""
    if value is None:
        return None
    if isinstance(field, models.ForeignKey):
        return plain(field.target_field, value)
    if isinstance(field, models.JSONField):
        return _numbers(json.loads(json.dumps(value, cls=field.encoder)))
    if isinstance(field, models.DateTimeField):
        return field.to_python(value).astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(field, models.FloatField):
        return _numbers(float(value))
    if isinstance(field, models.DecimalField):
        return f"{field.to_python(value):.{field.decimal_places}f}"
    found = field.to_python(value)
    return found if isinstance(found, bool | int | str) else str(found)


def take_of_tables_without() -> dict[str, int]:
    """Take those of what stood before there were any: of tables with rows and none. Return how many, by table."""
    found = {}
    tables = set(connection.introspection.table_names())
    for model in imprinted_models():
        if model._meta.db_table not in tables or not model._base_manager.exists():
            continue
        if not Imprint.objects.filter(table=model._meta.label_lower).exists():
            found[model._meta.label_lower] = take_again(model)
    return found


def take_again(model: type[Row]) -> int:
    """Take those of every row of a table as it stands. Who calls this answers for what stands there."""
    Imprint.objects.bulk_create(
        [_made(model._meta.label_lower, "", [], is_first=True)]
    )  # those before count no more
    done = 0
    batch: list[Row] = []
    for row in model._base_manager.order_by("pk").iterator(chunk_size=ROWS):
        batch.append(row)
        if len(batch) == ROWS:
            cover(batch)
            done, batch = done + len(batch), []
    cover(batch)
    return done + len(batch)


def imprinted_models() -> list[type[Row]]:
    """Return the tables whose rows have imprints."""
    return [model for model in frozen.frozen_models() if model.has_imprint]


def model_of(table: str) -> type[Row] | None:
    """Return the model of such a table, or nothing where no table is called so."""
    try:
        model = apps.get_model(table)
    except (LookupError, ValueError):
        return None
    return model if issubclass(model, frozen.FrozenModel) and model.has_imprint else None


def chained(before: str, since: datetime | None, until: datetime) -> tuple[int, str]:
    """Return how many imprints were made in a time, and the hash that chains them to what was before."""
    imprints = Imprint.objects.filter(at__lt=until)
    if since is not None:
        imprints = imprints.filter(at__gte=since)
    found, count = hashlib.sha256(before.encode()), 0
    for key in imprints.order_by("at", "hash").values_list("hash", flat=True).iterator(chunk_size=5000):
        found.update(key.encode())
        count += 1
    return count, found.hexdigest()


def _made(table: str, names: str, rows: Sequence[Row], *, is_first: bool) -> Imprint:
    keys = [str(row.pk) for row in rows]
    imprint = Imprint(at=timezone.now(), table=table, fields=names, is_first=is_first, rows=keys)
    imprint.hash = digest(imprint, rows)
    return imprint


def _alike(rows: Sequence[Row], fields: Sequence[str] | None) -> Iterator[tuple[str, list[Row]]]:
    """Yield rows by the fields of theirs that have a value to imprint."""
    if fields is not None:
        yield ",".join(sorted(fields)), list(rows)
        return
    groups: dict[str, list[Row]] = {}
    for row in rows:
        later = row.frozen_except
        names = [field.name for field in row._meta.local_concrete_fields if field.name not in later]
        names += [name for name in later if not is_empty(row, name)]
        groups.setdefault(",".join(sorted(names)), []).append(row)
    yield from groups.items()


def _attribute(row: Row, name: str) -> str:
    return str(row._meta.get_field(name).attname)  # type: ignore[union-attr]


def _numbers(value: Any) -> Any:
    """Return JSON in which a whole number is one, as PostgreSQL gives back 1e22 and 1.0."""
    if isinstance(value, dict):
        return {key: _numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))

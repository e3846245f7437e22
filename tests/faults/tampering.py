"""What somebody with the database and the vault in their hands could do, and how to take it back."""

import datetime as dt
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from centre import audit, frozen
from centre.models import AuditEvent, AuditHead

# Columns of which a change is no evidence of anything, and why.
NO_EVIDENCE = {
    ("centre_auditevent", "id"): "gives the events their order, and the chain proves the order",
    ("centre_imprint", "id"): "is a key that nothing refers to",
}


@dataclass(frozen=True, slots=True)
class Tampering:
    """One change that was made."""

    kind: str
    words: str


class Operator:
    """Changes one thing at a time, inside a transaction that is rolled back, or in a file that is put back."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.quote = connection.ops.quote_name
        self.models = [model for model in frozen.frozen_models() if model._base_manager.exists()]

    def act(self) -> Tampering:
        """Do something; what it is, chance decides."""
        kinds: list[tuple[Callable[[], Tampering | None], int]] = [
            (self.flip_in_row, 50),
            (self.flip_in_file, 20),
            (self.delete_row, 12),
            (self.cut_tail, 6),
            (self.swap_rows, 6),
            (self.write_log_again, 6),
        ]
        act = self.chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        while (done := act()) is None:
            pass
        return done

    # --- the database ----------------------------------------------------------------------------

    def flip_in_row(self) -> Tampering | None:
        """Change one byte of one value of one row."""
        model, key = self._row()
        field = self.chance.choice(model._meta.local_concrete_fields)
        table, column = model._meta.db_table, str(field.column)
        if (table, column) in NO_EVIDENCE:
            return None
        before = self._value(model, key, column)
        if before is None:
            return None
        after = self._other(before, field)
        if after is None or after == before:
            return None
        seen = self._seen(model, key, field)
        if not self._write(model, [(key, after)], column):
            return None
        if not field.primary_key and self._seen(model, key, field) == seen:
            return None  # it reads as it did: 1e5 for 1E5
        return Tampering("flip", f"{table}.{column} of {key}: {str(before)[:60]!r} -> {str(after)[:60]!r}")

    def delete_row(self) -> Tampering | None:
        """Take one row away."""
        model, key = self._row()
        self._sql(f"DELETE FROM {self.quote(model._meta.db_table)} WHERE {self._is(model)} = %s", [key])
        return Tampering("delete", f"{model._meta.db_table} {key}")

    def cut_tail(self) -> Tampering | None:
        """Take the newest events away, some that a head was published over among them."""
        head = AuditHead.objects.order_by("day").last()
        assert head is not None
        covered = AuditEvent.objects.order_by("pk").values_list("pk", flat=True)[: head.count]
        first = self.chance.choice(list(covered))
        self._sql("DELETE FROM centre_auditevent WHERE id >= %s", [first])
        return Tampering("tail", f"events from {first}")

    def swap_rows(self) -> Tampering | None:
        """Let two rows of a table change their places, or their contents where the table has more columns."""
        model, first = self._row()
        keys = list(model._base_manager.exclude(pk=first).values_list("pk", flat=True))
        fields = [
            field
            for field in model._meta.local_concrete_fields
            if not field.primary_key
            and not field.unique
            and (model._meta.db_table, str(field.column)) not in NO_EVIDENCE
        ]
        if not keys or not fields:
            return None
        second, field = self._raw(self.chance.choice(keys)), self.chance.choice(fields)
        column, table = str(field.column), model._meta.db_table
        one, other = self._value(model, first, column), self._value(model, second, column)
        if one == other:
            return None
        if not self._write(model, [(first, other), (second, one)], column):
            return None
        return Tampering("swap", f"{table}.{column} of {first} and {second}")

    def write_log_again(self) -> Tampering | None:
        """Change an event that a head was published over, and hash the whole log anew, so that the chain holds."""
        head = AuditHead.objects.order_by("day").last()
        assert head is not None
        keys = list(AuditEvent.objects.order_by("pk").values_list("pk", flat=True))
        forged = self.chance.choice(keys[: head.count])
        previous = audit.GENESIS
        for event in AuditEvent.objects.order_by("pk"):
            if event.pk == forged:
                event.actor_name = f"{event.actor_name} Forged"
            event.previous_hash = previous
            previous = event.hash = audit.digest(event)
            self._sql(
                "UPDATE centre_auditevent SET actor_name = %s, previous_hash = %s, hash = %s WHERE id = %s",
                [event.actor_name, event.previous_hash, event.hash, event.pk],
            )
        assert audit.verify().holds  # the bare chain does not show it
        return Tampering("rewrite", f"the log from event {forged}")

    # --- the vault -------------------------------------------------------------------------------

    def flip_in_file(self) -> Tampering | None:
        """Change one byte of a kept file, or take it away."""
        file = self.chance.choice(kept_files())
        content = bytearray(file.read_bytes())
        if not content or self.chance.random() < 0.1:
            file.unlink()
            return Tampering("file", f"{file.name} is gone")
        place = self.chance.randrange(len(content))
        content[place] ^= self.chance.randrange(1, 256)
        file.chmod(0o640)
        file.write_bytes(content)
        return Tampering("file", f"{file.name}, byte {place}")

    # --- how -------------------------------------------------------------------------------------

    def _row(self) -> tuple[Any, Any]:
        """Choose a table, and a row of it, by its key as the database has it."""
        model = self.chance.choice(self.models)
        key = self.chance.choice(list(model._base_manager.order_by("pk").values_list("pk", flat=True)))
        return model, self._raw(key)

    def _raw(self, key: Any) -> Any:
        return key.hex if isinstance(key, uuid.UUID) and connection.vendor == "sqlite" else key

    def _is(self, model: Any) -> str:
        return self.quote(str(model._meta.pk.column))

    def _value(self, model: Any, key: Any, column: str) -> Any:
        """Return what is stored; on SQLite a text is the very text, also of a time or a JSON document."""
        stored = self.quote(column)
        if connection.vendor == "sqlite":
            stored = f"CASE typeof({stored}) WHEN 'text' THEN CAST({stored} AS TEXT) ELSE {stored} END AS raw"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {stored} FROM {self.quote(model._meta.db_table)} WHERE {self._is(model)} = %s", [key]
            )
            return cursor.fetchone()[0]

    def _write(self, model: Any, values: list[tuple[Any, Any]], column: str) -> bool:
        """Write values into rows, and return whether the database took them."""
        place = f"{self.quote(model._meta.db_table)} SET {self.quote(column)}"
        try:
            with transaction.atomic():
                for key, value in values:
                    self._sql(f"UPDATE {place} = %s WHERE {self._is(model)} = %s", [value, key])
        except DatabaseError:
            return False
        return True

    def _seen(self, model: Any, key: Any, field: Any) -> Any:
        """Return the value as the registry reads it; what it cannot read is a value of its own."""
        try:
            return model._base_manager.filter(pk=key).values_list(field.attname, flat=True).first()
        except Exception as error:
            return error

    def _other(self, value: Any, field: Any) -> Any:
        """Return the value with one byte changed, in a way that the column's type still takes."""
        chance = self.chance
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return (
                value ^ (1 << chance.randrange(0, 12))
                if field.get_internal_type() != "BooleanField"
                else 1 - value
            )
        if isinstance(value, float):
            return value * 2 ** chance.choice((-1, 1)) if value else 1.0
        if isinstance(value, str):
            if not value:
                return None
            place = chance.randrange(len(value))
            mark = chr(ord(value[place]) ^ (1 << chance.randrange(0, 7)))
            return None if mark == "\x00" else value[:place] + mark + value[place + 1 :]
        return self._other_of_postgresql(value)

    def _other_of_postgresql(self, value: Any) -> Any:
        """Return another value of a type that only PostgreSQL gives: a time, a day, an id, a number."""
        if isinstance(value, dt.datetime):
            return value + dt.timedelta(microseconds=1 << self.chance.randrange(0, 30))
        if isinstance(value, dt.date):
            return value + dt.timedelta(days=1 << self.chance.randrange(0, 8))
        if isinstance(value, uuid.UUID):
            return uuid.UUID(int=value.int ^ (1 << self.chance.randrange(0, 64)))
        if isinstance(value, Decimal):
            return value + 1
        return None

    def _sql(self, sql: str, parameters: list[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)


def kept_files() -> list[Path]:
    """Return the files in the vault."""
    folder = Path(settings.STORAGES["vault"]["OPTIONS"]["location"])
    return sorted(file for file in folder.rglob("*") if file.is_file() and len(file.name) == 64)


def take_triggers_away() -> None:
    """Do as somebody who owns the database could: no trigger refuses anything any more."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            return
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')

"""Rows that are saved once and then never change.

Three locks: no edit view exists; `FrozenModel` and `FrozenQuerySet` refuse in Python; a trigger refuses
in the database, on SQLite and PostgreSQL alike. A subclass names in `frozen_except` the fields that may
still go from empty to a value, once (a withdrawal, a publication).

The triggers are derived from the models and put in place after every `migrate` (`install`), so no
migration repeats them and a table that SQLite rebuilds never loses them.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, NoReturn, Self

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from centre.errors import Conflict


class Frozen(Conflict):
    """The row is kept for ever as it is."""

    code = "frozen"

    def __init__(self, what: str) -> None:
        super().__init__(f"This {what} is kept as it is and cannot be changed or deleted.")


class FrozenQuerySet(models.QuerySet[Any]):
    """Refuses every write but the first save."""

    def _refuse(self) -> NoReturn:
        raise Frozen(str(self.model._meta.verbose_name))

    def update(self, **kwargs: Any) -> int:
        """Refuse."""
        self._refuse()

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        self._refuse()

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Refuse."""
        self._refuse()

    def update_or_create(self, *args: Any, **kwargs: Any) -> tuple[Any, bool]:
        """Refuse."""
        self._refuse()

    def select_for_update(self, *args: Any, **kwargs: Any) -> Self:
        """Refuse where no field may ever be set: PostgreSQL lets nobody lock a row that they may not change.

        Raises
        ------
        TypeError : the table is frozen whole. Lock the row that it belongs to.
        """
        if not self.model.frozen_except:
            raise TypeError(f"{self.model.__name__} is frozen whole: lock the row that it belongs to")
        return super().select_for_update(*args, **kwargs)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Allow new rows only: no update on conflict."""
        if kwargs.get("update_conflicts") or kwargs.get("ignore_conflicts"):
            self._refuse()
        with transaction.atomic(savepoint=False):
            made = super().bulk_create(objs, *args, **kwargs)
            _imprint(made)
        return made


class FrozenModel(models.Model):
    """A row that is saved once."""

    frozen_except: ClassVar[tuple[str, ...]] = ()
    vault_fields: ClassVar[tuple[str, ...]] = ()  # those that hold the hash of a file in the vault
    has_imprint: ClassVar[bool] = True  # its rows are hashed as they are written (centre/imprints.py)

    objects = FrozenQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a new row, or set once-settable fields that are named in `update_fields`."""
        if not self._state.adding:
            self._save_once(set(kwargs.get("update_fields") or ()), *args, **kwargs)
            return
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            _imprint([self])

    def _save_once(self, named: set[str], *args: Any, **kwargs: Any) -> None:
        if not named or not named <= set(self.frozen_except):
            raise Frozen(str(self._meta.verbose_name))
        from centre import imprints

        with transaction.atomic(savepoint=False):
            before = type(self)._base_manager.only(*named).get(pk=self.pk)
            super().save(*args, **kwargs)
            if set_now := [
                one for one in named if imprints.is_empty(before, one) and not imprints.is_empty(self, one)
            ]:
                imprints.cover([self], fields=set_now)

    def kept_files(self) -> list[str]:
        """Return the hashes of the files in the vault that the row refers to."""
        return [value for name in self.vault_fields if (value := getattr(self, name))]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise Frozen(str(self._meta.verbose_name))


def _imprint(rows: Sequence[FrozenModel]) -> None:
    """Hash what was written, beside it."""
    from centre import imprints  # an imprint is itself a frozen row

    if rows and rows[0].has_imprint:
        imprints.cover(rows)


def frozen_models() -> list[type[FrozenModel]]:
    """Return every concrete frozen model, in a fixed order."""
    found = [model for model in apps.get_models() if issubclass(model, FrozenModel)]
    return sorted(found, key=lambda model: model._meta.db_table)


def install(using: str = "default") -> None:
    """Put the triggers in place, replacing older ones."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in frozen_models():
            if model._meta.db_table in tables:
                for statement in _statements(model, connection):
                    cursor.execute(statement)


def drop_statements(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the statements that take the triggers away (a test database is emptied between tests)."""
    quote = connection.ops.quote_name
    names_the_table = connection.vendor == "postgresql"
    return [
        f"DROP TRIGGER IF EXISTS {quote(name)}"
        + (f" ON {quote(model._meta.db_table)}" if names_the_table else "")
        for model in frozen_models()
        for name in _names(model)
    ]


def _names(model: type[FrozenModel]) -> tuple[str, str]:
    table = model._meta.db_table
    # PostgreSQL cuts names at 63 bytes; a digest keeps long ones apart.
    stem = table if len(table) <= 50 else f"{table[:41]}_{hashlib.sha256(table.encode()).hexdigest()[:8]}"
    return f"{stem}_no_update", f"{stem}_no_delete"


def _columns(model: type[FrozenModel]) -> tuple[list[str], list[tuple[str, bool]]]:
    """Return the frozen columns, and the once-settable ones with whether an empty text counts as empty."""
    fixed: list[str] = []
    once: list[tuple[str, bool]] = []
    for field in model._meta.local_concrete_fields:
        if field.name in model.frozen_except:
            once.append((str(field.column), isinstance(field, models.CharField | models.TextField)))
        else:
            fixed.append(str(field.column))
    return fixed, once


def _statements(model: type[FrozenModel], connection: BaseDatabaseWrapper) -> Sequence[str]:
    maker = _postgresql if connection.vendor == "postgresql" else _sqlite
    return maker(model, connection)


def _condition(model: type[FrozenModel], connection: BaseDatabaseWrapper, differs: str) -> str:
    """Return the SQL that is true when an update would change what is frozen."""
    quote = connection.ops.quote_name
    fixed, once = _columns(model)
    parts = [f"OLD.{quote(column)} {differs} NEW.{quote(column)}" for column in fixed]
    for column, is_text in once:
        was_set = f"OLD.{quote(column)} IS NOT NULL" + (f" AND OLD.{quote(column)} <> ''" if is_text else "")
        parts.append(f"({was_set} AND OLD.{quote(column)} {differs} NEW.{quote(column)})")
    return " OR ".join(parts)


def _sqlite(model: type[FrozenModel], connection: BaseDatabaseWrapper) -> list[str]:
    quote = connection.ops.quote_name
    table, (update, delete) = quote(model._meta.db_table), _names(model)
    refuse = f"SELECT RAISE(ABORT, 'frozen: {model._meta.db_table} is kept as it is')"
    return [
        f"DROP TRIGGER IF EXISTS {quote(update)}",
        f"DROP TRIGGER IF EXISTS {quote(delete)}",
        f"CREATE TRIGGER {quote(update)} BEFORE UPDATE ON {table} "
        f"WHEN {_condition(model, connection, 'IS NOT')} BEGIN {refuse}; END",
        f"CREATE TRIGGER {quote(delete)} BEFORE DELETE ON {table} BEGIN {refuse}; END",
    ]


def _postgresql(model: type[FrozenModel], connection: BaseDatabaseWrapper) -> list[str]:
    quote = connection.ops.quote_name
    table, (update, delete) = quote(model._meta.db_table), _names(model)
    condition = _condition(model, connection, "IS DISTINCT FROM")
    return [
        "CREATE OR REPLACE FUNCTION refuse_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'frozen: % is kept as it is', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$",
        f"DROP TRIGGER IF EXISTS {quote(update)} ON {table}",
        f"DROP TRIGGER IF EXISTS {quote(delete)} ON {table}",
        f"CREATE TRIGGER {quote(update)} BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({condition}) EXECUTE FUNCTION refuse_frozen()",
        f"CREATE TRIGGER {quote(delete)} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_frozen()",
    ]

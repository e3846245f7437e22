"""Rules that the database keeps itself, as triggers: on SQLite and PostgreSQL alike, whoever writes."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connections


@dataclass(frozen=True, slots=True)
class Rule:
    """A write that is refused while `condition` is true of the new row."""

    name: str
    table: str
    when: str  # INSERT or UPDATE
    condition: str
    message: str
    family: str = "separation"

    @property
    def trigger(self) -> str:
        """Return the name of the trigger."""
        return f"{self.family}_{self.name}"


def install(rules: Iterable[Rule], using: str = "default") -> None:
    """Put the rules in place, replacing older ones."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    maker = _postgresql if connection.vendor == "postgresql" else _sqlite
    with connection.cursor() as cursor:
        for rule in rules:
            if rule.table in tables:
                for statement in maker(rule):
                    cursor.execute(statement)


def drop(rules: Iterable[Rule], using: str = "default") -> None:
    """Take the rules away."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for rule in rules:
            if rule.table in tables:
                on_table = f" ON {rule.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {rule.trigger}{on_table}")


def _sqlite(rule: Rule) -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS {rule.trigger}",
        f"CREATE TRIGGER {rule.trigger} BEFORE {rule.when} ON {rule.table} WHEN {rule.condition}"
        f" BEGIN SELECT RAISE(ABORT, '{rule.family}: {rule.message}'); END",
    ]


def _postgresql(rule: Rule) -> list[str]:
    name = rule.trigger
    # The condition reads other tables, which PostgreSQL allows in a function and not in WHEN.
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {rule.condition} THEN RAISE EXCEPTION '{rule.family}: {rule.message}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS {name} ON {rule.table}",
        f"CREATE TRIGGER {name} BEFORE {rule.when} ON {rule.table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]

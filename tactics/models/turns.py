"""The database counts the changes of what the lists say of a tactic, whoever writes, so that a shelf knows its age."""

from django.db import connections

_TURNS = "tactics_tacticturn"
# Where a write changes a list, and the column that says of which tactic. A problem that a tactic no longer answers is
# taken away together with a new version of the tactic itself.
_WATCHED = {
    ("tactics_tactic", "INSERT"): "id",
    ("tactics_tactic", "UPDATE"): "id",
    ("tactics_tactic_problems", "INSERT"): "tactic_id",
    ("tactics_rating", "INSERT"): "tactic_id",
    ("tactics_rating", "UPDATE"): "tactic_id",
    ("tactics_registeredtrial", "INSERT"): "tactic_id",
    ("tactics_registeredtrial", "UPDATE"): "tactic_id",
}


def install(using: str = "default") -> None:
    """Put the triggers in place."""
    drop(using)
    connection = connections[using]
    if _TURNS not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for (table, event), column in _WATCHED.items():
            name = _name(table, event)
            count = (
                f"INSERT INTO {_TURNS} (tactic_id, n) VALUES (NEW.{column}, 1) "  # noqa: S608
                f"ON CONFLICT (tactic_id) DO UPDATE SET n = {_TURNS}.n + 1;"
            )
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$$ BEGIN {count} RETURN NULL; END $$"
                )
                cursor.execute(
                    f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
                )
            else:
                cursor.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {count} END")


def drop(using: str = "default") -> None:
    """Take them away: SQLite rebuilds tables under them."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table, event in _WATCHED:
            if table in tables:
                on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, event)}{on_table}")


def _name(table: str, event: str) -> str:
    return f"turn_{table}_{event.lower()}"

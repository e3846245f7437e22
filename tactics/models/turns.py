"""The database counts the changes of what the lists say of a tactic, whoever writes, so that a shelf knows its age."""

from django.db import connections

_TURNS = "tactics_tacticturn"
# Where a write changes what a list says, and the tactic of it. A problem that a tactic no longer answers is taken away
# together with a new version of the tactic itself.
_OF_ONE = {
    ("tactics_tactic", "INSERT"): "NEW.id",
    ("tactics_tactic", "UPDATE"): "NEW.id",
    ("tactics_tactic_problems", "INSERT"): "NEW.tactic_id",
    ("tactics_tacticwords", "INSERT"): "NEW.tactic_id",
    ("tactics_tacticwords", "UPDATE"): "NEW.tactic_id",
    ("tactics_rating", "INSERT"): "NEW.tactic_id",
    ("tactics_rating", "UPDATE"): "NEW.tactic_id",
    ("tactics_registeredtrial", "INSERT"): "NEW.tactic_id",
    ("tactics_registeredtrial", "UPDATE"): "NEW.tactic_id",
    ("tactics_citedevidence", "INSERT"): "NEW.tactic_id",
    ("tactics_citedevidence", "UPDATE"): "NEW.tactic_id",
    ("tactics_transparencydraft", "INSERT"): "NEW.tactic_id",
    ("tactics_transparencydraft", "UPDATE"): "NEW.tactic_id",
    ("tactics_transparencyrecord", "INSERT"): "NEW.tactic_id",
}
# Names that many tactics show, and words whose tactic may be gone. It is the sum of the turns that is asked for, so one
# of them stands for all.
_OF_ANY = (
    ("centre_force", "UPDATE"),
    ("tactics_outcomedomain", "UPDATE"),
    ("tactics_problem", "UPDATE"),
    ("tactics_tacticwords", "DELETE"),
)
_COUNT_ONE = (
    f"INSERT INTO {_TURNS} (tactic_id, n) VALUES ({{tactic}}, 1) "  # noqa: S608  names of ours alone
    f"ON CONFLICT (tactic_id) DO UPDATE SET n = {_TURNS}.n + 1;"
)
_COUNT_ANY = f"UPDATE {_TURNS} SET n = n + 1 WHERE tactic_id = (SELECT MIN(tactic_id) FROM {_TURNS});"  # noqa: S608  ours
_COUNTED = {
    **{watched: _COUNT_ONE.format(tactic=tactic) for watched, tactic in _OF_ONE.items()},
    **dict.fromkeys(_OF_ANY, _COUNT_ANY),
}


def install(using: str = "default") -> None:
    """Put the triggers in place."""
    drop(using)
    connection = connections[using]
    if _TURNS not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for (table, event), count in _COUNTED.items():
            name = _name(table, event)
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
        for table, event in _COUNTED:
            if table in tables:
                on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {_name(table, event)}{on_table}")


def _name(table: str, event: str) -> str:
    return f"turn_{table}_{event.lower()}"

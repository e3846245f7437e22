"""The rights of the web server and the workers in PostgreSQL: what they need, and no way to change what is frozen.

They work in tables that another role owns. Frozen rows they read and add; a column that goes from empty to a value once
they may set, under its trigger, which they can neither drop nor switch off.
"""

from collections.abc import Iterator

from django.db import connection

from centre import frozen

_OF_MIGRATIONS = "django_migrations"


def statements(role: str) -> Iterator[str]:
    """Give what the owner of the tables says to let `role` work; said again after each `migrate`."""
    quote = connection.ops.quote_name
    to = f"TO {quote(role)}"
    tables = connection.introspection.table_names()
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quote(role)}"
    yield f"GRANT USAGE ON SCHEMA public {to}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public {to}"
    once = {model._meta.db_table: model for model in frozen.frozen_models()}
    for table in sorted(tables):
        if table == _OF_MIGRATIONS:
            rights = "SELECT"
        elif model := once.get(table):
            fields = model._meta.local_concrete_fields
            columns = ", ".join(quote(str(one.column)) for one in fields if one.name in model.frozen_except)
            rights = "SELECT, INSERT" + (f", UPDATE ({columns})" if columns else "")
        else:
            rights = "SELECT, INSERT, UPDATE, DELETE"
        yield f"GRANT {rights} ON {quote(table)} {to}"


def set_up(role: str, password: str) -> int:
    """Make the role where there is none, give it the password and its rights; return how many tables it reaches."""
    quoted = connection.ops.quote_name(role)
    granted = list(statements(role))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {quoted} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
        if password:
            cursor.execute(f"ALTER ROLE {quoted} PASSWORD '{_as_kept(role, password)}'")
        for statement in granted:
            cursor.execute(statement)
    return sum(statement.startswith("GRANT") for statement in granted) - 2


def _as_kept(role: str, password: str) -> str:
    """Return the password as the server keeps it, made here: the statement may come into the server's log."""
    connection.ensure_connection()
    server = connection.connection.pgconn
    kept: bytes = server.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return kept.decode()

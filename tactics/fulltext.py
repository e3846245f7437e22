"""Full-text search, one interface for two databases: SQLite's FTS5, and PostgreSQL's tsvector.

Both hold the stems of `tactics.searching`, with no dictionary, stop list or ranking of their own. A query says which
stems a tactic must have, and where; so it finds the same on both.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func
from django.db.models.sql.compiler import SQLCompiler

from tactics.searching import Form, Sought
from tactics.shelf import Hits

TABLE = "tactics_tacticwords"
INDEX = f"{TABLE}_index"
_WEIGHTS = {"name": "A", "problems": "B"}
# Whoever says more of what is looked for comes first, wherever it is said; then who says it in a better place.
_EACH = 100
_SCORES = {"name": 3, "problems": 2, "": 1}


class Says(Func):
    """Whether a tactic says one of some forms, at one place or anywhere."""

    output_field = BooleanField()

    def __init__(self, forms: Sequence[Form], place: str = "") -> None:
        self.forms, self.place = tuple(forms), place
        super().__init__(F("pk"))

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: a third database has no index of these words."""
        raise NotImplementedError("The library is searched on SQLite and on PostgreSQL.")

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        """Ask the FTS5 table."""
        return self._among(compiler, *_keys("sqlite", self.forms, self.place))

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        """Ask the tsvector."""
        return self._among(compiler, *_keys("postgresql", self.forms, self.place))

    def _among(self, compiler: SQLCompiler, keys: str, asked: str) -> Any:
        sql, parameters = compiler.compile(self.source_expressions[0])
        return f"{sql} IN ({keys})", (*parameters, asked)


def hits(sought: Sequence[Sought]) -> list[Hits]:
    """Return, for each thing that is looked for, the tactics that say it, with the score of where.

    One query for all of them. How well a tactic answers is the sum: how much of what is looked for it says, then where.
    """
    asked = [
        (number, score, one.forms, place)
        for number, one in enumerate(sought)
        # From the lowest score to the highest: the better place of a tactic is the one that stays.
        for place, score in sorted(_SCORES.items(), key=lambda pair: pair[1])
    ]
    found: list[dict[int, int]] = [{} for _ in sought]
    if not asked:
        return []
    parts = [_keys(connection.vendor, forms, place) for _, _, forms, place in asked]
    sql = " UNION ALL ".join(
        f"SELECT {place}, key FROM ({part}) found{place}" for place, (part, _) in enumerate(parts)
    )
    with connection.cursor() as cursor:
        # What readers typed is a parameter; the rest is written in this file.
        cursor.execute(sql, [text for _, text in parts])
        rows = cursor.fetchall()
    for place, key in sorted(rows):
        number, score, *_ = asked[place]
        found[number][key] = _EACH + score
    return [Hits.of(one) for one in found]


def _keys(vendor: str, forms: Sequence[Form], place: str) -> tuple[str, str]:
    """Return the question for the keys of the tactics that say one of some forms, and its parameter.

    Raises
    ------
    NotImplementedError : a third database has no index of these words.
    """
    if vendor == "sqlite":
        asked = " OR ".join("(" + " AND ".join(f'"{stem}"' for stem in form.stems) + ")" for form in forms)
        return (
            f"SELECT rowid AS key FROM {INDEX} WHERE {INDEX} MATCH %s",
            f"{{{place}}} : ({asked})" if place else asked,
        )
    if vendor == "postgresql":
        weight = f":{_WEIGHTS[place]}" if place else ""
        asked = " | ".join(
            "(" + " & ".join(f"'{stem}'{weight}" for stem in form.stems) + ")" for form in forms
        )
        return f"SELECT tactic_id AS key FROM {TABLE} WHERE vector @@ %s::tsquery", asked
    raise NotImplementedError("The library is searched on SQLite and on PostgreSQL.")


def says_any(sought: Iterable[Sought]) -> Says:
    """Return whether a tactic says any of what is looked for."""
    return Says([form for one in sought for form in one.forms])

"""Full-text search, one interface for two databases: SQLite's FTS5, and PostgreSQL's tsvector.

Both hold the stems of `tactics.searching`, with no dictionary, stop list or ranking of their own. A query says which
stems a tactic must have, and where; so it finds the same on both.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import BooleanField, Case, F, Func, IntegerField, Value, When
from django.db.models.sql.compiler import SQLCompiler

from tactics.searching import Form, Sought

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
        asked = " OR ".join(
            "(" + " AND ".join(f'"{stem}"' for stem in form.stems) + ")" for form in self.forms
        )
        return self._among(
            compiler,
            f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s",
            f"{{{self.place}}} : ({asked})" if self.place else asked,
        )

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        """Ask the tsvector."""
        weight = f":{_WEIGHTS[self.place]}" if self.place else ""
        asked = " | ".join(
            "(" + " & ".join(f"'{stem}'{weight}" for stem in form.stems) + ")" for form in self.forms
        )
        return self._among(compiler, f"SELECT tactic_id FROM {TABLE} WHERE vector @@ %s::tsquery", asked)

    def _among(self, compiler: SQLCompiler, keys: str, asked: str) -> Any:
        sql, parameters = compiler.compile(self.source_expressions[0])
        return f"{sql} IN ({keys})", (*parameters, asked)


def says_any(sought: Iterable[Sought]) -> Says:
    """Return whether a tactic says any of what is looked for."""
    return Says([form for one in sought for form in one.forms])


def relevance(sought: Iterable[Sought]) -> Any:
    """Return how well a tactic answers: how much of what is looked for it says, then where it says it."""
    return sum((_score(one) for one in sought), Value(0))


def _score(one: Sought) -> Case:
    cases = [When(Says(one.forms, place), then=Value(_EACH + score)) for place, score in _SCORES.items()]
    return Case(*cases, default=Value(0), output_field=IntegerField())

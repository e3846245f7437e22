"""Each database indexes the words of tactics in its own way; tactics that were there before get their words."""

from typing import Any

from django.db import migrations

from tactics import searching, synonyms

_TABLE = "tactics_tacticwords"
_INDEX = f"{_TABLE}_index"
_PLACES = ("name", "problems", "text")
_TEXTS = (
    "summary",
    "problem_text",
    "mechanism",
    "moderators",
    "implementation",
    "focus",
    "population",
    "setting",
)


def _sqlite() -> list[str]:
    """Return an FTS5 table over the words, and the triggers that keep it in step with them."""
    columns = ", ".join(_PLACES)
    new, old = (", ".join(f"{row}.{place}" for place in _PLACES) for row in ("NEW", "OLD"))
    insert = f"INSERT INTO {_INDEX} (rowid, {columns}) VALUES (NEW.tactic_id, {new});"
    delete = f"INSERT INTO {_INDEX} ({_INDEX}, rowid, {columns}) VALUES ('delete', OLD.tactic_id, {old});"
    return [
        f"CREATE VIRTUAL TABLE {_INDEX} USING fts5({columns}, content='{_TABLE}', content_rowid='tactic_id', "
        "tokenize='unicode61 remove_diacritics 0')",
        f"CREATE TRIGGER {_INDEX}_insert AFTER INSERT ON {_TABLE} BEGIN {insert} END",
        f"CREATE TRIGGER {_INDEX}_delete AFTER DELETE ON {_TABLE} BEGIN {delete} END",
        f"CREATE TRIGGER {_INDEX}_update AFTER UPDATE ON {_TABLE} BEGIN {delete} {insert} END",
    ]


def _postgresql() -> list[str]:
    """Return a column that the database makes itself, and its index. "Simple" has no stop words and no stems."""
    weighted = " || ".join(
        f"setweight(to_tsvector('simple', {place}), '{weight}')"
        for place, weight in zip(_PLACES, "ABC", strict=True)
    )
    return [
        f"ALTER TABLE {_TABLE} ADD COLUMN vector tsvector GENERATED ALWAYS AS ({weighted}) STORED",
        f"CREATE INDEX {_INDEX} ON {_TABLE} USING gin (vector)",
    ]


def add_index(apps: Any, schema_editor: Any) -> None:
    """Add the index of this database."""
    for statement in _postgresql() if schema_editor.connection.vendor == "postgresql" else _sqlite():
        schema_editor.execute(statement)


def drop_index(apps: Any, schema_editor: Any) -> None:
    """Drop it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {_INDEX}")
        schema_editor.execute(f"ALTER TABLE {_TABLE} DROP COLUMN vector")
        return
    for event in ("insert", "delete", "update"):
        schema_editor.execute(f"DROP TRIGGER {_INDEX}_{event}")
    schema_editor.execute(f"DROP TABLE {_INDEX}")


def fill(apps: Any, schema_editor: Any) -> None:
    """Give each tactic its words, and the library the words of what is public."""
    Tactic = apps.get_model("tactics", "Tactic")
    known: set[str] = set()
    made = []
    for tactic in Tactic.objects.select_related("main_outcome", "force").prefetch_related("problems"):
        said = _said(tactic)
        kept = {place: searching.indexed(texts, synonyms.same()) for place, texts in said.items()}
        made.append(apps.get_model("tactics", "TacticWords")(tactic=tactic, **kept))
        if tactic.published_at:
            known.update(word for texts in said.values() for text in texts for word in searching.words(text))
    apps.get_model("tactics", "TacticWords").objects.bulk_create(made, batch_size=500)
    LibraryWord = apps.get_model("tactics", "LibraryWord")
    spelled = [word for word in sorted(known) if word.isalpha() and len(word) >= 4]
    LibraryWord.objects.bulk_create(
        [LibraryWord(word=word, stem=searching.stem(word)) for word in spelled], batch_size=500
    )


def _said(tactic: Any) -> dict[str, list[str]]:
    beside = [one.name for one in (tactic.main_outcome, tactic.force) if one]
    return {
        "name": [tactic.name],
        "problems": [problem.name for problem in tactic.problems.all()],
        "text": [*(getattr(tactic, name) for name in _TEXTS), *beside],
    }


class Migration(migrations.Migration):
    dependencies = [("tactics", "0002_search_words_and_kinds")]

    operations = [
        migrations.RunPython(add_index, drop_index),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

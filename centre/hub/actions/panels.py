"""A national panel arrives, by a command of the Centre: staged at once, read in a Run, kept whole or refused whole."""

from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from centre import audit, runs, vault
from centre.errors import Invalid
from centre.models import Panel, Run
from centre.text import clean_text, shown_name

TASK = "centre.receive_panel"
MOST_FILES = 1_000


@transaction.atomic
def receive(
    *, files: Sequence[Path], name: str, source: str, vintage: str, absent_is_zero: bool = False
) -> Run:
    """The files are staged; a Run reads every row, and makes a version of the panel or says what is wrong."""
    name = clean_text(
        name, label="The name", maximum=120, required="Give the panel a name, the same for each version"
    )
    source = clean_text(source, label="The source", maximum=200, required="Say where the figures come from")
    if vintage not in Panel.Vintage.values:
        raise Invalid.field(
            "/vintage", f"Say of which census the areas are: {' or '.join(Panel.Vintage.values)}"
        )
    if not 1 <= len(files) <= MOST_FILES:
        raise Invalid.field(
            "file", f"The panel is 1 to {MOST_FILES:,} files of CSV or Parquet; here are {len(files):,}"
        )
    staged = []
    for path in files:
        with path.open("rb") as file:
            stored = vault.put(file)
        staged.append({"sha256": stored.sha256, "size": stored.size, "name": shown_name(path.name)})
    params = {
        "files": staged,
        "name": name,
        "source": source,
        "vintage": vintage,
        "absent_is_zero": absent_is_zero,
    }
    run = runs.submit(task=TASK, title=f"Reading {name}", subject=Panel(), by=None, params=params)
    audit.record("panel.received", subject=run, by=audit.SYSTEM, detail={"files": len(staged), "name": name})
    return run

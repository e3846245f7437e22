"""A national panel arrives, by page, API or command: staged at once, read in a Run, kept whole or refused whole."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from centre import audit, runs, vault
from centre.errors import Invalid, TooLarge
from centre.hub.panels.unpacking import MOST_FILES
from centre.models import Panel, Run, User
from centre.permissions import Permission, require
from centre.text import clean_text, shown_name

TASK = "centre.receive_panel"


@transaction.atomic
def receive(
    *, files: Sequence[Path], name: str, source: str, vintage: str, absent_is_zero: bool = False
) -> Run:
    """An administrator's command sends it: the files are staged, and a Run reads every row of them."""
    said = _said(name, source, vintage, absent_is_zero)
    if not 1 <= len(files) <= MOST_FILES:
        raise Invalid.field(
            "file", f"The panel is 1 to {MOST_FILES:,} files of CSV or Parquet; here are {len(files):,}"
        )
    staged = []
    for path in files:
        with path.open("rb") as file:
            staged.append(_staged(file, path.name))
    return _submit(staged, said, by=None)


@transaction.atomic
def send(
    *,
    file: BinaryIO,
    filename: str,
    name: str,
    source: str,
    vintage: str,
    absent_is_zero: bool = False,
    by: User,
) -> Run:
    """Who keeps the hub sends it, as one file or an archive of several; a Run reads every row.

    Raises
    ------
    TooLarge : it is over the limit of an upload; the command has none.
    """
    require(by, Permission.HUB_KEEP)
    said = _said(name, source, vintage, absent_is_zero)
    try:
        staged = _staged(file, filename, limit=settings.UPLOAD_LIMIT_BYTES)
    except TooLarge as refusal:
        most = settings.UPLOAD_LIMIT_BYTES // 1_000_000
        raise TooLarge(
            f"The file is larger than {most} MB. Send it packed as .zip or .csv.gz, or have an administrator take it "
            "in with the command manage.py import_panel."
        ) from refusal
    return _submit([staged], said, by=by)


def _said(name: str, source: str, vintage: str, absent_is_zero: bool) -> dict[str, Any]:
    """Return what is said of the panel, tidied."""
    name = clean_text(
        name, label="The name", maximum=120, required="Give the panel a name, the same for each version"
    )
    source = clean_text(source, label="The source", maximum=200, required="Say where the figures come from")
    if vintage not in Panel.Vintage.values:
        raise Invalid.field(
            "/vintage", f"Say of which census the areas are: {' or '.join(Panel.Vintage.values)}"
        )
    return {"name": name, "source": source, "vintage": vintage, "absent_is_zero": absent_is_zero}


def _staged(file: BinaryIO, filename: str, *, limit: int | None = None) -> dict[str, Any]:
    stored = vault.put(file, limit=limit)
    return {"sha256": stored.sha256, "size": stored.size, "name": shown_name(filename) or "a file"}


def _submit(staged: Sequence[dict[str, Any]], said: dict[str, Any], *, by: User | None) -> Run:
    again = {name: value for name, value in said.items() if value is not False}  # a box that was not ticked
    run = runs.submit(
        task=TASK,
        title=f"Reading {said['name']}",
        subject=Panel(),  # which the Run makes, under this number
        by=by,
        params={
            "files": list(staged),
            **said,
            "return_to": f"{reverse('hub-panel-send')}?{urlencode(again)}",
        },
    )
    detail = {"files": len(staged), "name": said["name"], "run": str(run.pk)}
    audit.record("panel.received", subject=run, by=by or audit.SYSTEM, detail=detail)
    return run

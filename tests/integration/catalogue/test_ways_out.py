"""[58] Text that a spreadsheet would run is kept as it was typed, and made inert in every table that leaves.

One trial whose people write formulas wherever they may write, taken to its published results; then each file of CSV
that anybody can download of it. Numbers stay numbers: a cell that begins with a minus is one.
"""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from centre import tokens, vault
from centre.api.views import ListView
from centre.models import Force
from centre.spreadsheets import FORMULA_STARTS
from experiments import analysis
from experiments.actions import deviations
from experiments.models import Release
from experiments.unit_list import UnitLine
from tactics.models import Tactic
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address
from tests.permissions.asking import routes

pytestmark = pytest.mark.django_db
FORMULA = '=HYPERLINK("http://example.com","-1+2")'
SUMS = "@SUM(1+9)*cmd|' /C calc'!A0"


@pytest.fixture
def release(cast: SimpleNamespace, monkeypatch: Any) -> Release:
    """The published results of a trial whose title, units and notes are formulas."""
    monkeypatch.setattr(stages, "PLAN", replace(stages.PLAN, title=FORMULA))
    lines = [UnitLine(f"{'=+-@'[place % 4]}U{place:03}") for place in range(stages.N_UNITS)]
    monkeypatch.setattr(stages, "lines", lambda n_units=stages.N_UNITS: lines)
    made = stages.published(cast)
    said = {"what": FORMULA, "reason": SUMS, "effect": "-1", "happened_on": dt.date.today()}
    deviations.record(trial=made.trial, pointer="/arms", **said, by=cast.force_user)
    Force.objects.filter(slug="testshire").update(name=FORMULA)
    Tactic.objects.filter(pk=made.trial.tactic_id).update(name=FORMULA, summary=SUMS)
    return made


def lists(client: Any, headers: dict[str, str], release: Release) -> Iterator[tuple[str, str]]:
    """Give every list of the API as CSV."""
    known = {
        "ref": release.trial.number,
        "slug": release.trial.tactic.slug,
        "release_id": release.public_id,
        "analysis_id": release.analysis.public_id,
    }
    for name, pattern in routes():
        view = getattr(pattern.callback, "view_class", None)
        parts = set(pattern.pattern.converters)
        if (
            view is None
            or not issubclass(view, ListView)
            or not parts <= set(known)
            or name.startswith("api-feed")
        ):
            continue
        place = reverse(name, kwargs={part: known[part] for part in parts})
        steer = "" if name == "api-estimate-file" else "?format=csv&page_size=1000"
        answer = client.get(f"{place}{steer}", headers=headers)
        if answer.status_code == 403:  # not a registrar's to read
            continue
        assert answer.status_code == 200, (name, answer.content)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        yield name, body.decode()


def files(client: Any, release: Release) -> Iterator[tuple[str, str]]:
    """Give every file of CSV that is not a list of the API."""
    for file in (*release.files.all(), *release.package_files.all()):
        if file.name.endswith(".csv"):
            yield file.name, vault.read(file.sha256).decode()
        elif file.name.endswith(".zip"):
            yield from unpacked(vault.read(file.sha256))
    made = analysis.make_snapshot(dt.date(2026, 1, 1), lambda share, words: None)
    yield from unpacked(vault.read(made.sha256))
    listed = client.get(address(release.trial, "trial-allocation-list"))
    yield "trial-allocation-list", listed.content.decode()


def unpacked(content: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith(".csv"):
                yield name.rsplit("/", 1)[-1], archive.read(name).decode()


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_no_table_that_leaves_has_a_cell_that_runs(cast: Any, sign_in: Any, release: Release) -> None:
    custodian = sign_in(cast.custodian)
    custodian.post(address(release.trial, "trial-allocation-reveal"), {"confirm": "reveal"})
    key = tokens.make(name="t", scope="read", days=1, by=cast.registrar)[1]
    headers = {"Authorization": f"Token {key}"}
    inert, numbers, n_tables = set(), 0, 0
    for found in (lists(sign_in(cast.anonymous), headers, release), files(custodian, release)):
        for name, text in found:
            n_tables += 1
            for row in csv.reader(io.StringIO(text, newline="")):
                for cell in row:
                    assert not cell.startswith(FORMULA_STARTS) or is_number(cell), (name, cell)
                    numbers += cell.startswith("-")
                    if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS):
                        inert.add(name)
    # What shows that the scan sees what it looks for.
    assert {
        "api-trial-list",
        "api-tactic-list",
        "api-force-list",
        "trials.csv",
        "tactics.csv",
        "forces.csv",
    } <= inert
    assert {"trial-allocation-list"} <= inert
    assert numbers > 5
    assert n_tables > 25


def test_the_list_that_was_hashed_keeps_its_bytes_and_no_spreadsheet_opens_it(
    sign_in: Any, cast: Any, release: Release
) -> None:
    custodian = sign_in(cast.custodian)
    answer = custodian.get(address(release.trial, "trial-allocation-units"))
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["Content-Disposition"].endswith('.txt"')
    assert b"\n=U000,," in answer.content

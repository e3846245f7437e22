"""A national panel by one command: kept whole in the vault or refused whole, and a page from its sums alone."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from centre import vault
from centre.hub import panelling
from centre.models import AuditEvent, Panel, Run
from tests.integration.hub import panels_sent
from tests.integration.hub.panels_sent import MONTHS, kept, send
from tests.unit.centre.hub.panels.small import CODES, wide

pytestmark = pytest.mark.django_db


def test_a_panel_is_kept_with_its_manifest_partitions_and_sums(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    panel = kept(tmp_path)
    assert "Crime, version 1 is kept: 104 rows of 8 areas" in capsys.readouterr().out
    assert (panel.n_cells, panel.measures, str(panel.last_month)) == (
        208,
        ["burglary", "robbery"],
        "2024-01-01",
    )
    manifest = json.loads(vault.read(panel.manifest_sha256))
    years = {one["year"]: one for one in manifest["files"] if one["kind"] == "partition"}
    assert {year: one["rows"] for year, one in years.items()} == {2023: 96, 2024: 8}
    column = pq.read_table(vault.path(years[2024]["sha256"]), columns=["burglary"])["burglary"]
    assert sorted(column.to_pylist()) == list(range(96, 104))
    assert {one["sha256"] for one in panel.files} < set(panel.kept_files())
    assert all(vault.exists(sha256) for sha256 in panel.kept_files())
    counts = panelling.series(panel)["surrey", "burglary"].counts
    assert counts[-1] == sum(range(96, 103))
    assert AuditEvent.objects.get(event="panel.kept").detail["rows"] == 104


def test_the_same_name_again_is_a_version(tmp_path: Path) -> None:
    kept(tmp_path)
    second = kept(tmp_path, wide(MONTHS[:2]))
    assert (second.version, Panel.objects.count()) == (2, 2)


def test_a_panel_that_is_refused_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = wide(MONTHS)
    rows[5]["robbery"] = -3
    with pytest.raises(SystemExit) as ended:
        send(tmp_path, rows)
    assert ended.value.code == 2
    assert "panel.csv: a value of 'robbery' is -3" in capsys.readouterr().err
    assert not Panel.objects.exists()
    run = Run.objects.get()
    assert run.state == Run.State.FAILED
    assert not any(vault.exists(one["sha256"]) for one in run.params["files"])


def test_a_refused_file_that_a_panel_needs_stays(tmp_path: Path) -> None:
    panel = kept(tmp_path)
    with pytest.raises(SystemExit):
        send(tmp_path, wide(MONTHS), vintage="2011")  # the same bytes, of another vintage
    assert all(vault.exists(sha256) for sha256 in panel.kept_files())


def test_without_areas_and_of_rates_nothing_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "panel.csv"
    file.write_text("area,month,crime-per-1000\nE01000001,2024-01,3\n", encoding="utf-8")
    said = {"name": "Rates", "source": "A test", "vintage": "2021"}
    with pytest.raises(SystemExit):
        call_command("import_panel", str(file), **said)
    assert "load_areas" in capsys.readouterr().err
    panels_sent.areas_loaded()
    with pytest.raises(SystemExit):
        call_command("import_panel", str(file), **said)
    assert "'crime-per-1000' is no measure that areas can have" in capsys.readouterr().err
    with pytest.raises(CommandError, match="here are 0"):
        call_command("import_panel", str(vault.path(_some()).parent), **said)


def _some() -> str:
    return vault.put_bytes(b"some").sha256


def test_a_page_shows_the_country_and_the_forces_that_one_may_see(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    rows = [row for row in wide(MONTHS) if row["area"] != CODES[0] or row["month"] != "2023-05"]
    panel = kept(tmp_path, rows)
    url = reverse("hub-panel", args=[panel.pk])
    page = sign_in(cast.registrar).get(url).content.decode()
    assert "Surrey Police" in page
    assert f'numeric">{sum(range(96, 104))}</td>' in page  # January 2024
    assert f'numeric">{sum(range(8))}</td>' in page  # a year before
    assert page.count("<tr") > 15
    assert page.count("Not known") == 1  # May 2023 lacks an area
    chosen = sign_in(cast.registrar).get(url, {"measure": "robbery"}).content.decode()
    assert "Robbery, all forces by month" in chosen
    assert sign_in(cast.registrar).get(url, {"measure": "arson"}).status_code == 404
    own = sign_in(cast.force_user).get(url).content.decode()
    assert "Surrey Police" not in own
    assert "No force that you may see is in it" in own
    listed = sign_in(cast.force_user).get(reverse("hub-panel-list")).content.decode()
    assert url in listed

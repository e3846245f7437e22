"""A national panel by command, page or API: kept whole in the vault or refused whole, a page from its sums alone."""

import csv
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from centre import runs, vault
from centre.hub import panelling
from centre.models import AuditEvent, Panel, Run
from tests.integration.hub import panels_sent
from tests.integration.hub.panels_sent import MONTHS, kept, send
from tests.integration.hub.sent import ended
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
    assert "panel.csv: row 7: a value of 'robbery' is -3" in capsys.readouterr().err
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


def _sent(rows: Any, **said: Any) -> dict[str, Any]:
    """Return what a browser or a program sends: rows as a CSV, and what is said of them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    file = SimpleUploadedFile("panel.csv", text.getvalue().encode())
    return {"file": file, "name": "Crime", "source": "A test, 3 March", "vintage": "2021", **said}


def _read(run: Run) -> Run:
    """Read what was sent, unless a worker was there first."""
    return runs.execute(str(run.pk), panelling.receive, on_failed=panelling.discard_staged) or ended(run)


def test_who_keeps_the_hub_sends_a_panel_by_page(cast: SimpleNamespace, sign_in: Any) -> None:
    panels_sent.areas_loaded()
    url = reverse("hub-panel-send")
    answer = sign_in(cast.registrar).post(url, _sent(wide(MONTHS), absent_is_zero="on"))
    run = Run.objects.get()
    assert answer["Location"] == reverse("run-detail", args=[run.pk])
    assert _read(run).state == Run.State.DONE
    panel = Panel.objects.get()
    assert (panel.received_by, panel.absent_is_zero, panel.n_rows) == (cast.registrar, True, 104)
    received = AuditEvent.objects.get(event="panel.received")
    assert (received.actor_id, received.detail["files"]) == (str(cast.registrar.pk), 1)
    for other in (cast.analyst, cast.force_user):
        assert sign_in(other).post(url, _sent(wide(MONTHS))).status_code == 403
        assert url not in sign_in(other).get(reverse("hub-panel-list")).content.decode()
    assert Run.objects.count() == 1


def test_what_was_typed_is_kept_when_the_form_and_when_the_panel_is_refused(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    client, url = sign_in(cast.registrar), reverse("hub-panel-send")
    page = client.post(url, {"name": "Crime", "vintage": "2011"})
    assert page.status_code == 422
    assert 'value="Crime"' in page.content.decode()
    assert "Choose the file" in page.content.decode()
    panels_sent.areas_loaded()
    rows = wide(MONTHS)
    rows[5]["robbery"] = -3
    client.post(url, _sent(rows))
    run = _read(Run.objects.get())
    assert [one["message"] for one in run.problems] == [
        "panel.csv: row 7: a value of 'robbery' is -3: a count is 0 or more"
    ]
    assert not vault.exists(run.params["files"][0]["sha256"])
    again = client.get(run.params["return_to"]).content.decode()
    assert 'value="A test, 3 March"' in again
    assert re.search(r'value="2021"[^>]*checked', again)
    assert not re.search(r'name="absent_is_zero"[^>]*checked', again)


def test_a_panel_that_is_too_large_is_sent_by_the_command(
    cast: SimpleNamespace, sign_in: Any, settings: Any
) -> None:
    panels_sent.areas_loaded()
    settings.UPLOAD_LIMIT_BYTES = 2_000
    page = sign_in(cast.registrar).post(reverse("hub-panel-send"), _sent(wide(MONTHS)))
    assert page.status_code == 413
    assert "manage.py import_panel." in page.content.decode()
    assert not Run.objects.exists()


def test_a_panel_that_is_cancelled_leaves_nothing(cast: SimpleNamespace, sign_in: Any) -> None:
    panels_sent.areas_loaded()
    sign_in(cast.registrar).post(reverse("hub-panel-send"), _sent(wide(MONTHS)))

    def cancelled(context: runs.Context) -> Any:
        runs.cancel(run=context.run, by=cast.registrar)
        return panelling.receive(context)

    run = Run.objects.get()
    runs.execute(str(run.pk), cancelled, on_failed=panelling.discard_staged)
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert not Panel.objects.exists()
    assert not vault.exists(run.params["files"][0]["sha256"])


def test_a_panel_is_sent_followed_and_listed_by_the_api(cast: SimpleNamespace, sign_in: Any) -> None:
    panels_sent.areas_loaded()
    url, client = reverse("api-panel-list"), sign_in(cast.registrar)
    answer = client.post(url, _sent(wide(MONTHS)))
    assert answer.status_code == 202
    assert _read(Run.objects.get()).state == Run.State.DONE
    (one,) = client.get(url, {"name": "Crime"}).json()["results"]
    assert (one["version"], one["measures"], one["n_rows"]) == (1, ["burglary", "robbery"], 104)
    assert client.get(answer["Location"]).json()["links"]["panel"] == f"{url}{one['id']}/"
    assert sign_in(cast.force_user).get(f"{url}{one['id']}/").json() == one
    wrong = client.post(url, {**_sent(wide(MONTHS)), "vintage": "2001", "name": " "})
    assert wrong.status_code == 400
    assert {"vintage", "name"} <= {one["pointer"].strip("/") for one in wrong.json()["errors"]}
    assert sign_in(cast.analyst).post(url, _sent(wide(MONTHS))).status_code == 403
    assert Run.objects.count() == 1

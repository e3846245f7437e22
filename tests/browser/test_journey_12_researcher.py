"""Journey 12: a researcher reads, downloads, and finds the published number again to the last digit.

The search saved as code belongs to a later piece; what exists is walked here.
"""

import csv
import hashlib
import io
import json
import subprocess
import sys
import urllib.error
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def releases(service: Any, trial: str) -> Any:
    """The files of the newest release of a trial, by name."""
    release = service.json(f"/api/v1/trials/{trial}/releases/")["results"][0]["id"]
    return release, {file["name"]: file for file in service.json(f"/api/v1/releases/{release}/")["files"]}


def revealed(service: Any) -> str:
    """A trial whose seed has been revealed."""
    for trial in service.json("/api/v1/trials/?page_size=100")["results"]:
        try:
            allocation = service.json(f"/api/v1/trials/{trial['number']}/allocation/")
        except urllib.error.HTTPError:
            continue
        if allocation.get("seed"):
            return str(trial["number"])
    raise AssertionError("no trial of the sample programme has revealed its seed")


def test_the_developers_page_leads_to_the_documentation(visit: Any, assert_accessible: Any) -> None:
    page = visit("/developers/")
    assert_accessible(page)
    page.get_by_role("main").get_by_role("link", name="documentation").first.click()
    page.get_by_text("/api/v1/estimates/", exact=False).first.wait_for()


def test_the_schema_is_openapi_3_1_and_not_empty(service: Any) -> None:
    schema = service.json("/api/schema/?format=json")
    assert schema["openapi"].startswith("3.1")
    assert "/api/v1/estimates/" in schema["paths"]


def test_estimates_come_as_json_and_as_the_same_csv(service: Any) -> None:
    rows = service.json("/api/v1/estimates/?page_size=1000")["results"]
    text = service.fetch("/api/v1/estimates/?page_size=1000&format=csv")[0].decode()
    table = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(table) > 3
    assert [row["trial_id"] for row in rows] == [row["trial_id"] for row in table]
    assert [row["estimate"] for row in rows] == [
        float(row["estimate"]) if row["estimate"] else None for row in table
    ]


def test_a_released_file_has_the_hash_it_is_published_with(service: Any) -> None:
    trial = service.json("/api/v1/estimates/")["results"][0]["trial_id"]
    release, files = releases(service, trial)
    assert files
    for name, file in files.items():
        content, headers = service.fetch(f"/api/v1/releases/{release}/files/{name}")
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert headers["ETag"].strip('"') == file["sha256"]


def test_the_published_number_is_the_released_number(service: Any) -> None:
    rows = service.json("/api/v1/estimates/?page_size=1000")["results"]
    row = next(row for row in rows if row["outcome_role"] == "primary")
    release, _ = releases(service, row["trial_id"])
    result = json.loads(service.fetch(f"/api/v1/releases/{release}/files/result.json")[0])
    assert row["estimate"] in {estimate["estimate"] for estimate in result["estimates"]}


def test_an_allocation_replays_with_python_alone(service: Any, tmp_path: Path) -> None:
    """The stand-alone script, the revealed record and the list, as a stranger would take them from the page."""
    number = revealed(service)
    for name in ("verifier.py", "record.json", "list.csv"):
        (tmp_path / name).write_bytes(service.fetch(f"/trials/{number}/allocation/{name}")[0])
    replay = subprocess.run(
        [sys.executable, "-I", "verifier.py", "record.json", "list.csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert replay.returncode == 0, replay.stdout + replay.stderr
    assert "MATCH" in replay.stdout


@pytest.mark.parametrize("javascript", [True, False])
def test_a_package_is_downloaded_checked_cited_and_its_numbers_follow(
    service: Any, visit: Any, assert_accessible: Any, tmp_path: Path, javascript: bool
) -> None:
    """From the page of a release to a folder in which every number that follows from others does."""
    trial = service.json("/api/v1/estimates/")["results"][0]["trial_id"]
    release = service.json(f"/api/v1/trials/{trial}/releases/")["results"][0]["id"]
    page = visit(f"/trials/{trial}/releases/{release}/", javascript=javascript)
    if javascript:  # axe itself needs it
        assert_accessible(page)
    linked = page.locator('script[type="application/ld+json"]').first.text_content()
    assert json.loads(linked or "")["@type"] == "Dataset"
    main = page.get_by_role("main")
    assert "There is no DOI" in main.inner_text()
    with page.expect_download() as started:
        main.get_by_role("link", name="Download everything").click()
    content = Path(started.value.path()).read_bytes()
    assert hashlib.sha256(content).hexdigest() in main.inner_text()
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    described = json.loads((folder / "datapackage.json").read_bytes())
    for resource in described["resources"]:
        kept = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(kept).hexdigest()}"
    done = subprocess.run(
        [sys.executable, "-I", "replicate.py"], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SAME, as far as the public files tell" in done.stdout

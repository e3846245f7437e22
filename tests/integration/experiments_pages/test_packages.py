"""The package of a release: made as it is published, served with its hashes, and enough for a stranger."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from centre import vault
from centre.models import AuditEvent
from experiments import analysis as bridge
from experiments.actions import packages
from experiments.models import Release
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, words

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# As a stranger has it: no Django, nothing of the registry beside the package, nothing from the environment.
ALONE = (
    "import sys, runpy; sys.modules['django'] = None; sys.argv = ['replicate.py', *sys.argv[1:]]; "
    "runpy.run_path('replicate.py', run_name='__main__')"
)


@pytest.fixture
def release(cast: Any) -> Release:
    made = stages.published(cast)
    found: Release = Release.objects.for_verification().get(pk=made.pk)
    return found


def unpacked(release: Release, folder: Path) -> Path:
    """Unpack what everybody can download."""
    whole = release.package_files.get(name="package.zip")
    zipfile.ZipFile(io.BytesIO(vault.read(whole.sha256))).extractall(folder / "downloads")
    (place,) = (folder / "downloads").iterdir()
    return place


def replicate(place: Path, *sent: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-I", "-c", ALONE, *sent],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_package_is_made_once_as_the_release_is_published(cast: Any) -> None:
    release = stages.prepared(cast)
    names = {file.name for file in release.files.all()}
    assert {"estimates.csv", "estimates.parquet"} <= names  # the checkers clear what holds results
    assert not release.package_files.exists()
    for checker in (cast.checker, cast.second_checker):
        stages.releases.clear(release=release, by=checker)
    release = Release.objects.get(pk=release.pk)
    stages.factual_checks.record(release=release, by=cast.force_user)
    release = stages.releases.publish(release=release, by=cast.publisher)
    whole = release.package_files.get(name="package.zip")
    said = AuditEvent.objects.get(event="release.published").detail
    assert said["package"] == whole.sha256
    again = {file.name: hashlib.sha256(file.content).hexdigest() for file in bridge.package(release)}
    assert again == {file.name: file.sha256 for file in release.package_files.all()}
    assert packages.make_missing() == 0


def test_a_release_from_before_there_were_packages_gets_one(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(packages, "keep", lambda release: "")
        release = stages.published(cast)
    assert packages.make_missing() == 1
    assert release.package_files.filter(name="package.zip").exists()
    assert AuditEvent.objects.filter(event="release.packaged").count() == 1
    assert packages.make_missing() == 0


def test_the_page_shows_the_package_how_to_cite_it_and_its_description(release: Release, client: Any) -> None:
    url = address(release.trial, "release-detail", release.public_id)
    answer = client.get(url)
    text = words(answer)
    whole = release.package_files.get(name="package.zip")
    assert whole.sha256 in text
    assert "Cite this" in text
    assert "There is no DOI" in text
    assert "python replicate.py" in text
    assert "It has not come to this release yet." in text
    for page in (answer, client.get(address(release.trial, "trial-detail"))):
        head = page.content.decode().partition("</head>")[0]
        linked = head.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
        assert json.loads(linked)["@id"].endswith(url)
        assert "<" not in linked
    for file in release.package_files.all():
        sent = client.get(address(release.trial, "release-file", release.public_id, file.name))
        assert hashlib.sha256(sent.content).hexdigest() == file.sha256


def test_the_tidy_file_has_the_rows_of_the_table_of_all_estimates(release: Release, client: Any) -> None:
    kept = vault.read(release.package_files.get(name="tidy.csv").sha256).decode()
    rows = list(csv.DictReader(io.StringIO(kept)))
    told = client.get("/api/v1/estimates/").json()["results"]
    assert len(rows) == len(told) > 0
    for row, other in zip(rows, told, strict=True):
        assert row.keys() == other.keys()
        numbers = [name for name, value in other.items() if isinstance(value, float)]
        assert {name: float(row[name]) for name in numbers} == {name: other[name] for name in numbers}
        assert row["estimate_id"] == other["estimate_id"]


def test_before_publication_nobody_is_told_of_a_package(cast: Any, sign_in: Any) -> None:
    release = stages.cleared(cast)
    page = sign_in(cast.analyst).get(address(release.trial, "release-detail", release.public_id))
    assert "Download everything" not in words(page)
    assert b"application/ld+json" not in page.content


def test_a_stranger_computes_every_number_again(release: Release, tmp_path: Path) -> None:
    place = unpacked(release, tmp_path)
    done = replicate(place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every file is what SHA256SUMS says." in done.stdout
    assert "NOT CHECKED: No data were given" in done.stdout
    assert done.stdout.rstrip().endswith("SAME, as far as the public files tell")
    call_command(
        "replicate", str(release.public_id), "--inputs", str(place), stdout=StringIO(), stderr=StringIO()
    )
    assert AuditEvent.objects.filter(event="release.inputs_written").count() == 1
    done = replicate(place, "--data", "data.csv", "--registered", "registered.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bit for bit, on the same image" in done.stdout
    assert "NOT CHECKED" not in done.stdout
    assert done.stdout.rstrip().endswith("SAME")
    with (place / "data.csv").open(encoding="utf-8") as file:
        rows = file.read().splitlines()
    (place / "data.csv").write_text("\n".join([rows[0], *reversed(rows[1:])]) + "\n", encoding="utf-8")
    assert replicate(place, "--data", "data.csv", "--registered", "registered.json").returncode == 0
    rows[1] = rows[1].rpartition(",")[0] + ",99"
    (place / "data.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    other = replicate(place, "--data", "data.csv", "--registered", "registered.json", "--json")
    assert other.returncode == 3, other.stderr
    assert any(one["pointer"].endswith("/estimate") for one in json.loads(other.stdout)["differences"])


def test_a_package_that_was_changed_or_cannot_be_used_says_so(release: Release, tmp_path: Path) -> None:
    place = unpacked(release, tmp_path)
    missing = replicate(place, "--data", "nothing.csv")
    assert missing.returncode == 2
    assert "nothing.csv: cannot be read" in missing.stderr
    (place / "data.csv").write_text("unit,arm\nU1,control\n", encoding="utf-8")
    unusable = replicate(place, "--data", "data.csv")
    assert unusable.returncode == 2
    assert "calls" in unusable.stderr
    text = (place / "result.json").read_text(encoding="utf-8")
    (place / "result.json").write_text(text.replace('"seed"', '"seed" '), encoding="utf-8")
    changed = replicate(place)
    assert changed.returncode == 3
    assert "result.json: its content is not what SHA256SUMS says" in changed.stderr


def test_the_api_lists_and_serves_the_package(release: Release, client: Any) -> None:
    shown = client.get(f"/api/v1/releases/{release.public_id}/").json()
    assert {"package.zip", "datapackage.json", "ro-crate-metadata.json"} <= {
        one["name"] for one in shown["package"]
    }
    assert shown["last_verification"] is None
    whole = next(one for one in shown["package"] if one["name"] == "package.zip")
    answer = client.get(whole["url"])
    assert answer.headers["ETag"] == f'"{whole["sha256"]}"'
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == whole["sha256"]
    assert client.get(f"/api/v1/releases/{release.public_id}/verifications/").json()["results"] == []

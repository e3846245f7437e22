"""The programs that the documentation gives to researchers, run against the running registry."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from centre.snippets import snippets
from tests.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLIENTS = ROOT / "docs" / "clients"


def ran(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pooled(service: Any) -> tuple[int, float, float]:
    """The same mean, made here from the pages of the API."""
    rows = service.json("/api/v1/estimates/?outcome_role=primary&page_size=1000")["results"]
    ratios = [row for row in rows if row["effect_scale"] == "irr" and row["yi"] is not None]
    total = sum(1 / row["vi"] for row in ratios)
    return len(ratios), sum(row["yi"] / row["vi"] for row in ratios) / total, total**-0.5


def held_against(service: Any, said: str, folder: Path) -> None:
    trials = service.json("/api/v1/trials/?page_size=1000&count_total=true")["total_count"]
    assert int(re.search(r"trials: (\d+)", said)[1]) == trials > 3  # type: ignore[index]
    found = re.search(r"pooled: k=(\d+) (\S+) (\S+)", said)
    assert found is not None
    k, mean, error = pooled(service)
    assert (int(found[1]), float(found[2]), float(found[3])) == (
        k,
        pytest.approx(mean, rel=1e-8),
        pytest.approx(error, rel=1e-8),
    )
    assert (folder / "package.zip").stat().st_size > 0


def steady(service: Any, command: list[str], folder: Path) -> str:
    """What a program says between two equal states of the registry: the sample programme publishes by itself."""
    for _ in range(5):
        before = pooled(service)
        said = ran(command, folder)
        if pooled(service) == before:
            return said
    raise AssertionError("the registry changed during each of five reads")


def test_python_lists_pages_filters_downloads_verifies_and_pools(service: Any, tmp_path: Path) -> None:
    said = steady(
        service, [sys.executable, "-I", str(CLIENTS / "client.py"), service.url, str(tmp_path)], tmp_path
    )
    held_against(service, said, tmp_path)


def test_r_lists_pages_filters_downloads_verifies_and_pools(service: Any, tmp_path: Path) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed here")
    said = steady(
        service, ["Rscript", "--vanilla", str(CLIENTS / "client.R"), service.url, str(tmp_path)], tmp_path
    )
    held_against(service, said, tmp_path)


def test_the_code_that_a_list_gives_reads_that_list(service: Any, visit: Any, tmp_path: Path) -> None:
    page = visit("/trials/?q=burglary")
    page.get_by_text("This list as code").click()
    code = page.locator("pre", has_text="import pandas").inner_text()
    (tmp_path / "list.py").write_text(f"{code}\nprint(*sorted(trials['number']))\n")
    said = ran([sys.executable, "-I", "list.py"], tmp_path).split()
    shown = page.locator(".app-card__facts dd").all_inner_texts()
    assert said
    assert set(said) == {text for text in shown if text.startswith("CPP-")}


@pytest.mark.parametrize(("listed", "key"), [("trials", "number"), ("tactics", "slug")])
def test_the_r_code_of_a_list_joins_its_pages(service: Any, tmp_path: Path, listed: str, key: str) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed here")
    code = snippets(f"{service.url}/api/v1/{listed}/", {}, listed)[0].code
    code = code.replace("page_size=1000", "page_size=3")  # several pages of a registry this small
    (tmp_path / "list.R").write_text(f'{code}\ncat("keys:", {listed}${key})\n')
    said = ran(["Rscript", "--vanilla", "list.R"], tmp_path)
    rows = service.json(f"/api/v1/{listed}/?page_size=1000")["results"]
    assert len(rows) > 3
    assert sorted(said.rpartition("keys: ")[2].split()) == sorted(row[key] for row in rows)


def test_the_command_line_saves_the_same_table(service: Any, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed here")
    (code,) = (
        one.code
        for one in snippets(f"{service.url}/api/v1/tactics/", {"search": "burglary"}, "tactics")
        if one.language == "Command line"
    )
    ran(["bash", "-c", code], tmp_path)
    rows = service.json("/api/v1/tactics/?search=burglary")["results"]
    assert len((tmp_path / "tactics.csv").read_text().splitlines()) > len(rows) > 0

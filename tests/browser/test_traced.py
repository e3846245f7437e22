"""The sample programme as anybody reads it: results with their crates, numbers with their sources, draws again."""

import hashlib
import json
import subprocess
import sys
import urllib.error
from pathlib import Path
from typing import Any

import pytest

from tests.unit.experiments.packages.test_building import references

pytestmark = [pytest.mark.browser, pytest.mark.bench]
# What a row of all estimates says of its number, as the document of the release has it.
SAME = ("estimate", "std_error", "df", "statistic", "p_value", "p_value_adjusted", "conf_low", "conf_high")


def trials(service: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.json("/api/v1/trials/?page_size=100")["results"]
    return found


def lacking(service: Any, release: str, files: dict[str, dict[str, Any]]) -> list[str]:
    """Return what the crate of a release does not tell of its run and its files."""
    crate = json.loads(service.fetch(f"/api/v1/releases/{release}/files/ro-crate-metadata.json")[0])
    graph = {one["@id"]: one for one in crate["@graph"]}
    run, engine, data = graph["#analysis"], graph["#engine"], graph["#data"]
    found = [
        f"{name} leads nowhere"
        for name in references(crate["@graph"])
        if name not in graph and "://" not in name
    ]
    found += [
        f"no {what}"
        for what, there in {
            "engine version": engine["version"],
            "code version": engine["softwareVersion"],
            "processor": engine["operatingSystem"],
            "packages": engine["softwareRequirements"],
            "data hash": len(data["sha256"]) == 64,
            "seed": "with the seed" in run["description"] and "None" not in run["description"],
            "start and end": run["startTime"] and run["endTime"],
            "instrument": run["instrument"] == {"@id": "#engine"},
            "plan among its objects": {"@id": "plan.json"} in run["object"],
            "result": {"@id": "result.json"} in run["result"],
            "two checks": {"#check-1", "#check-2"} <= graph.keys(),
        }.items()
        if not there
    ]
    for part in graph["./"]["hasPart"]:
        said = graph[part["@id"]]
        if part["@id"] in files and said["sha256"] != files[part["@id"]]["sha256"]:
            found.append(f"{part['@id']} has another hash")
        elif part["@id"] not in files:
            content = service.fetch(
                f"/trials/{release_trial(service, release)}/releases/{release}/files/{part['@id']}"
            )[0]
            if hashlib.sha256(content).hexdigest() != said["sha256"]:
                found.append(f"{part['@id']} has another hash")
    return found


def release_trial(service: Any, release: str) -> str:
    return str(service.json(f"/api/v1/releases/{release}/")["trial"])


def test_every_result_has_its_crate_and_every_public_number_its_source(service: Any) -> None:
    rows = service.json("/api/v1/estimates/?page_size=1000")["results"]
    by_trial: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_trial.setdefault(row["trial_id"], []).append(row)
    n_releases, n_numbers, wrong = 0, 0, []
    for number, own in by_trial.items():
        versions = {
            one["version"]: one["sha256"]
            for one in service.json(f"/api/v1/trials/{number}/versions/")["results"]
        }
        sources: dict[tuple[str, str], dict[str, Any]] = {}
        for one in service.json(f"/api/v1/trials/{number}/releases/")["results"]:
            n_releases += 1
            release = service.json(f"/api/v1/releases/{one['id']}/")
            files = {file["name"]: file for file in release["files"]}
            wrong += [f"{number}: {said}" for said in lacking(service, one["id"], files)]
            content = service.fetch(f"/api/v1/releases/{one['id']}/files/result.json")[0]
            if hashlib.sha256(content).hexdigest() != files["result.json"]["sha256"]:
                wrong.append(f"{number}: result.json is not the file that is listed")
            document = json.loads(content)
            for estimate in document["estimates"]:
                sources[str(release["analysis"]), estimate["id"]] = {
                    **estimate,
                    "data": document["data"]["sha256"],
                }
        for row in own:
            source = sources.get((str(row["analysis_id"]), row["estimate_id"]))
            if source is None:
                wrong.append(f"{number}: {row['estimate_id']} is in no release")
                continue
            n_numbers += sum(row[name] is not None for name in SAME)
            wrong += [
                f"{number}: {name} of {row['estimate_id']}" for name in SAME if row[name] != source[name]
            ]
            if (
                row["data_sha"] != source["data"]
                or versions[row["protocol_version"]] != row["registration_hash"]
            ):
                wrong.append(f"{number}: {row['estimate_id']} names other data or another protocol")
    print(
        f"{n_releases} releases, {len(rows)} estimates, {n_numbers} numbers: {len(wrong)} without crate or source"
    )
    assert not wrong, "\n".join(wrong[:20])
    assert n_releases >= 5


def test_every_revealed_draw_is_made_again_by_the_script(service: Any, tmp_path: Path) -> None:
    n_made, n_changed = 0, 0
    for trial in trials(service):
        place = tmp_path / trial["number"]
        try:
            if not service.json(f"/api/v1/trials/{trial['number']}/allocation/").get("seed"):
                continue
            place.mkdir()
            for name in ("verifier.py", "record.json", "list.csv"):
                (place / name).write_bytes(service.fetch(f"/trials/{trial['number']}/allocation/{name}")[0])
        except urllib.error.HTTPError:
            continue

        def replay() -> "subprocess.CompletedProcess[str]":
            command = [sys.executable, "-I", "verifier.py", "record.json", "list.csv"]
            return subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=60)  # noqa: B023

        done = replay()
        assert "MATCH" in done.stdout, (trial["number"], done.stdout, done.stderr)
        n_made += 1
        lines = (place / "list.csv").read_text(encoding="utf-8").splitlines()
        (place / "list.csv").write_text("\n".join([lines[0], *lines[2:]]) + "\n", encoding="utf-8")
        assert replay().returncode == 1, f"{trial['number']}: a unit was taken out, and the script agrees"
        n_changed += 1
    print(f"{n_made} revealed draws made again, {n_changed} changed lists refused")
    assert n_made >= 3

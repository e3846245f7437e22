"""The files of a package: each of the form its standard asks for, with the bytes and hashes that it says.

The official JSON Schemas are not part of this repository, so the forms are checked here, rule by rule.
"""

import csv
import datetime as dt
import hashlib
import io
import json
import re
import zipfile
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from experiments.packages import tabular
from experiments.packages.building import package
from experiments.packages.codebook import codebook_csv
from experiments.packages.columns import ESTIMATES
from experiments.packages.facts import PackedFile
from experiments.packages.tidy import TIDY
from experiments.stats import tables
from tests.unit.experiments.packages import made

ORIGIN = {
    "trial_id": "CPP-2026-0001-9",
    "protocol_version": "1.1",
    "registration_hash": "a" * 64,
    "analysis_id": "7c3f4d3e-1111-4222-8333-444455556666",
    "prespecified": True,
}


@pytest.fixture(scope="module")
def facts() -> Any:
    rows = list(tabular.estimate_rows(made.released(), ORIGIN))
    more = (
        PackedFile("estimates.csv", tabular.estimates_csv(rows), "text/csv"),
        PackedFile("estimates.parquet", tabular.estimates_parquet(rows), "application/vnd.apache.parquet"),
    )
    return made.facts(files=(*made.facts().files, *more))


@pytest.fixture(scope="module")
def files(facts: Any) -> dict[str, bytes]:
    return {file.name: file.content for file in (*facts.files, *package(facts))}


def read(files: dict[str, bytes], name: str) -> Any:
    return json.loads(files[name])


def test_the_same_facts_give_the_same_bytes(facts: Any, files: dict[str, bytes]) -> None:
    assert {file.name: file.content for file in package(facts)}.items() <= files.items()


def test_csv_and_parquet_hold_the_same_numbers(files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files["estimates.csv"].decode())))
    table = pq.read_table(pa.BufferReader(files["estimates.parquet"])).to_pylist()
    assert len(rows) == len(table) >= 3
    assert list(rows[0]) == [column.name for column in ESTIMATES]
    assert set(tables.COLUMNS) <= set(rows[0])
    for text, typed in zip(rows, table, strict=True):
        for column in ESTIMATES:
            if column.type in ("number", "integer"):
                assert (float(text[column.name]) if text[column.name] else None) == typed[column.name], column
            elif column.type == "boolean":
                assert text[column.name] == str(typed[column.name]).lower()
            else:
                assert text[column.name] == (typed[column.name] or "")


def test_the_tidy_table_has_its_types_and_the_numbers_of_the_document(files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(files["tidy.csv"].decode())))
    table = pq.read_table(pa.BufferReader(files["tidy.parquet"]))
    assert list(rows[0]) == table.column_names == [column.name for column in TIDY]
    for text, typed, row in zip(rows, table.to_pylist(), made.released()["estimates"], strict=True):
        for name in ("estimate", "std_error", "p_value", "conf_low", "yi", "vi"):
            assert (float(text[name]) if text[name] else None) == typed[name] == row[name]
    assert rows[0]["released_at"] == "2026-10-01T10:00:00Z"
    assert table["released_at"][0].as_py() == dt.datetime(2026, 10, 1, 10, tzinfo=dt.UTC)
    assert rows[0]["window_start"] == str(table["window_start"][0].as_py()) == "2026-02-01"


def test_a_formula_in_a_text_stays_a_text() -> None:
    row = {**dict.fromkeys(column.name for column in ESTIMATES), **ORIGIN, "id": "=1+1", "estimate": -5.0}
    assert b"'=1+1" in tabular.estimates_csv([row])
    assert b",-5.0," in tabular.estimates_csv([row])


def test_the_data_package_describes_every_file_with_its_bytes_and_hash(files: dict[str, bytes]) -> None:
    found = read(files, "datapackage.json")
    assert found["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert re.fullmatch(r"[a-z0-9._-]+", found["name"])
    described = {one["path"]: one for one in found["resources"]}
    assert described.keys() == files.keys() - {"datapackage.json", "SHA256SUMS", "package.zip"}
    assert len({one["name"] for one in found["resources"]}) == len(described)
    for path, one in described.items():
        assert re.fullmatch(r"[a-z0-9._-]+", one["name"])
        assert one["bytes"] == len(files[path])
        assert one["hash"] == f"sha256:{hashlib.sha256(files[path]).hexdigest()}"
    assert all(set(one) >= {"name", "title", "path"} for one in found["licenses"])


def test_every_row_fits_the_table_schema(files: dict[str, bytes]) -> None:
    for one in read(files, "datapackage.json")["resources"]:
        if one["path"].endswith(".csv"):
            assert one["type"] == "table"
            schema = one["schema"]
            rows = list(csv.DictReader(io.StringIO(files[one["path"]].decode())))
            assert list(rows[0]) == [field["name"] for field in schema["fields"]]
            keys = [tuple(row[name] for name in schema["primaryKey"]) for row in rows]
            assert len(set(keys)) == len(keys)
            for field in schema["fields"]:
                for row in rows:
                    fits(row[field["name"]], field, schema["missingValues"])


def fits(text: str, field: dict[str, Any], missing: list[str]) -> None:
    limits = field.get("constraints", {})
    if text in field.get("missingValues", missing):
        assert not limits.get("required"), field
        return
    if field["type"] in ("number", "integer"):
        value = {"number": float, "integer": int}[field["type"]](text)
        assert value >= limits.get("minimum", value)
        assert value <= limits.get("maximum", value)
    elif field["type"] == "date":
        assert dt.date.fromisoformat(text)
    elif field["type"] == "datetime":
        assert dt.datetime.fromisoformat(text).tzinfo
    elif field["type"] == "boolean":
        assert text in ("true", "false")
    assert text in limits.get("enum", [text]), field


def test_the_codebook_has_every_column_of_every_table(files: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(codebook_csv().decode())))
    assert [row["column"] for row in rows if row["table"] == "estimates"] == [one.name for one in ESTIMATES]
    assert all(row["meaning"].endswith(".") for row in rows)
    text = files["codebook.md"].decode()
    assert all(f"`{row['column']}`" in text for row in rows)


def test_citation_cff_is_yaml_with_what_version_1_2_0_asks_for(files: dict[str, bytes]) -> None:
    found = yaml.safe_load(files["CITATION.cff"])
    assert found["cff-version"] == "1.2.0"
    assert found["type"] == "dataset"
    assert found["title"].startswith("Do visits <reduce> calls? “Ünïcode” & more")
    assert found["authors"] == [{"name": "University of Nowhere"}]
    assert str(found["date-released"]) == "2026-10-01"
    assert found["url"].startswith("https://registry.example/trials/CPP-2026-0001-9/releases/")
    allowed = {
        "cff-version", "message", "type", "title", "abstract", "authors", "version", "date-released", "url",
        "repository", "license", "identifiers", "keywords",
    }  # fmt: skip
    assert found.keys() == allowed
    assert "doi" not in files["CITATION.cff"].decode().replace("DOI", "")


@pytest.mark.parametrize(
    ("name", "kind", "relations"),
    [
        ("datacite.json", "Dataset", {"IsDocumentedBy", "IsPartOf", "IsDerivedFrom", "References"}),
        ("datacite-protocol.json", "StudyRegistration", {"Documents", "IsVersionOf"}),
    ],
)
def test_datacite_has_its_mandatory_properties_and_no_doi(
    files: dict[str, bytes], name: str, kind: str, relations: set[str]
) -> None:
    found = read(files, name)
    assert found["schemaVersion"] == "http://datacite.org/schema/kernel-4"
    assert found["types"]["resourceTypeGeneral"] == kind
    assert re.fullmatch(r"[0-9]{4}", found["publicationYear"])
    assert found["publisher"]["name"]
    assert found["titles"][0]["title"]
    assert all(one["nameType"] == "Organizational" for one in found["creators"])
    assert {one["relationType"] for one in found["relatedIdentifiers"]} == relations
    assert all(one["relatedIdentifierType"] == "URL" for one in found["relatedIdentifiers"])
    assert "doi" not in found
    assert any("has not registered a DOI" in one["description"] for one in found["descriptions"])


def test_json_ld_has_what_dataset_search_asks_for(files: dict[str, bytes]) -> None:
    found = read(files, "dataset.jsonld")
    assert (found["@context"], found["@type"]) == ("https://schema.org/", "Dataset")
    assert 50 <= len(found["description"]) <= 5000
    assert found["isBasedOn"]["sha256"] == "a" * 64
    assert found["measurementTechnique"] == ["ancova", "poisson", "difference_in_means"]
    assert {one["name"] for one in found["distribution"]} <= files.keys()


def test_the_crate_is_closed_names_no_person_and_tells_the_run(files: dict[str, bytes]) -> None:
    found = read(files, "ro-crate-metadata.json")
    assert found["@context"] == "https://w3id.org/ro/crate/1.2/context"
    graph = {one["@id"]: one for one in found["@graph"]}
    assert len(graph) == len(found["@graph"])
    descriptor = graph["ro-crate-metadata.json"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert descriptor["about"] == {"@id": "./"}
    root = graph["./"]
    assert all(root[name] for name in ("name", "description", "datePublished", "license"))
    parts = {one["@id"] for one in root["hasPart"]}
    assert parts == files.keys() - {"ro-crate-metadata.json", "datapackage.json", "SHA256SUMS", "package.zip"}
    loose = {one for one in references(found["@graph"]) if one not in graph and not one.startswith("http")}
    assert loose == set()
    assert not [one for one in graph.values() if one["@type"] == "Person"]
    run = graph["#analysis"]
    assert run["@type"] == "CreateAction"
    assert {"@id": "#data"} in run["object"]
    assert {"@id": "plan.json"} in run["object"]
    assert {"@id": "result.json"} in run["result"]
    assert graph["#data"]["sha256"] == "d" * 64
    assert graph["#engine"]["version"] == "1.0.0"
    assert [one["roleName"] for one in graph.values() if one["@type"] == "Role"] == [
        "Analyst", "Output checker 1", "Output checker 2", "Publisher",
    ]  # fmt: skip


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        alone = [value["@id"]] if set(value) == {"@id"} else []
        return alone + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


def test_the_zip_holds_everything_at_one_time_in_one_order(facts: Any, files: dict[str, bytes]) -> None:
    archive = zipfile.ZipFile(io.BytesIO(files["package.zip"]))
    names = archive.namelist()
    assert names == sorted(f"{facts.name}/{name}" for name in files if name != "package.zip")
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert all(archive.read(f"{facts.name}/{name}") == files[name] for name in files if name != "package.zip")


def test_the_checksums_are_of_all_files_but_themselves(files: dict[str, bytes]) -> None:
    lines = files["SHA256SUMS"].decode().splitlines()
    assert {line[66:] for line in lines} == files.keys() - {"SHA256SUMS", "package.zip"}
    assert all(line[:64] == hashlib.sha256(files[line[66:]]).hexdigest() for line in lines)


def test_invented_data_say_so_wherever_they_are_described(files: dict[str, bytes]) -> None:
    for name in ("README.md", "CITATION.cff", "datacite.json", "datacite-protocol.json", "dataset.jsonld",
                 "ro-crate-metadata.json", "datapackage.json"):  # fmt: skip
        assert "INVENTED" in files[name].decode(), name
    real = {file.name: file.content for file in package(made.facts(is_simulated=False))}
    assert not any(b"INVENTED" in real[name] for name in real if name not in ("engine.zip", "package.zip"))


def test_a_post_hoc_analysis_says_so() -> None:
    text = {
        file.name: file.content.decode("utf-8", "replace")
        for file in package(made.facts(is_registered=False))
    }
    assert "POST HOC" in text["README.md"]
    assert "post hoc results" in text["CITATION.cff"]

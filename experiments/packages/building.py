"""A package from a published release: the cleared files, what describes them, and one zip file of all."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from centre.canonical import document_json
from experiments.packages import citing, codebook, crate, datapackage, linked, readme, sources, tabular
from experiments.packages.archive import zipped
from experiments.packages.facts import Facts, PackedFile
from experiments.packages.tidy import TIDY

ZIP = "package.zip"
SUMS = "SHA256SUMS"
_SCRIPT = Path(__file__).with_name("replicate.py")


def package(facts: Facts) -> list[PackedFile]:
    """Return what is added to the cleared files, the zip file of all of them last. Equal facts give equal bytes."""
    described = [
        PackedFile("tidy.csv", tabular.as_csv(TIDY, facts.tidy), "text/csv"),
        PackedFile("tidy.parquet", tabular.as_parquet(TIDY, facts.tidy), "application/vnd.apache.parquet"),
        PackedFile("plan.json", document_json(facts.plan), "application/json"),
        PackedFile("codebook.csv", codebook.codebook_csv(), "text/csv"),
        PackedFile("codebook.md", codebook.codebook_text(), "text/markdown"),
        PackedFile("CITATION.cff", citing.citation_cff(facts), "application/yaml"),
        PackedFile("datacite.json", citing.datacite_results(facts), "application/json"),
        PackedFile("datacite-protocol.json", citing.datacite_protocol(facts), "application/json"),
        PackedFile("dataset.jsonld", linked.dataset_jsonld(facts), "application/ld+json"),
        PackedFile("replication.json", _manifest(facts), "application/json"),
        PackedFile("replicate.py", _SCRIPT.read_bytes(), "text/x-python"),
        PackedFile("engine.zip", sources.engine_zip(), "application/zip"),
        PackedFile("requirements.txt", _requirements(facts), "text/plain"),
    ]
    names = [file.name for file in (*facts.files, *described)]
    listed = ["README.md", *names, crate.METADATA, "datapackage.json", SUMS]
    described.insert(0, PackedFile("README.md", readme.readme(facts, listed), "text/markdown"))
    described.append(
        PackedFile(crate.METADATA, crate.crate_json(facts, [*facts.files, *described]), "application/ld+json")
    )
    whole = [*facts.files, *described]
    described.append(
        PackedFile("datapackage.json", datapackage.datapackage_json(facts, whole), "application/json")
    )
    described.append(PackedFile(SUMS, _sums([*facts.files, *described]), "text/plain"))
    folder = {f"{facts.name}/{file.name}": file.content for file in (*facts.files, *described)}
    return [*described, PackedFile(ZIP, zipped(folder), "application/zip")]


def _manifest(facts: Facts) -> bytes:
    return document_json(
        {
            "replication_version": 1,
            "release": facts.release_id,
            "trial": facts.trial_number,
            "data_sha256": facts.data_sha256,
            "subjects": dict(facts.subjects),
            "note": facts.note,
            "has_draw": facts.has_draw,
        }
    )


def _requirements(facts: Facts) -> bytes:
    packages: Mapping[str, str] = facts.document["provenance"].get("packages", {})
    python = facts.document["provenance"].get("python", "")
    lines = [
        f"# The engine ran on Python {python} with:",
        *(f"{name}=={it}" for name, it in packages.items()),
    ]
    return ("\n".join(lines) + "\n").encode()


def _sums(files: Sequence[PackedFile]) -> bytes:
    lines = [f"{hashlib.sha256(file.content).hexdigest()}  {file.name}" for file in files]
    return ("\n".join(sorted(lines, key=lambda line: line[66:])) + "\n").encode()

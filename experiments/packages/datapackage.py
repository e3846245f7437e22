"""`datapackage.json`: the Data Package of Frictionless, version 2."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from centre.canonical import document_json
from experiments.packages.columns import CODEBOOK, ESTIMATES, KEY, Column, field
from experiments.packages.facts import (
    CODE_LICENCE,
    CODE_LICENCE_URL,
    LICENCE,
    LICENCE_URL,
    PUBLISHER,
    Facts,
    PackedFile,
)
from experiments.packages.tidy import KEY as TIDY_KEY
from experiments.packages.tidy import TIDY
from experiments.packages.words import CODE, described

PROFILES = "https://datapackage.org/profiles/2.0"
_TABLES: Mapping[str, tuple[tuple[Column, ...], tuple[str, ...]]] = {
    "tidy": (TIDY, TIDY_KEY),
    "estimates": (ESTIMATES, KEY),
    "codebook": (CODEBOOK, ("table", "column")),
}


def datapackage_json(facts: Facts, files: Sequence[PackedFile]) -> bytes:
    """Return the descriptor of the package with these files."""
    return document_json(
        {
            "$schema": f"{PROFILES}/datapackage.json",
            "name": facts.name,
            "id": facts.release_url,
            "title": facts.heading,
            "description": facts.abstract,
            "homepage": facts.release_url,
            "version": facts.published_at[:10],
            "created": facts.published_at,
            "licenses": [licence(LICENCE, LICENCE_URL)],
            "contributors": [
                *({"title": name, "roles": ["creator"]} for name in facts.creators),
                {"title": PUBLISHER, "path": facts.address, "roles": ["publisher"]},
            ],
            "sources": [
                {
                    "title": f"Protocol {facts.protocol_version} of trial {facts.trial_number}, SHA-256 "
                    f"{facts.registration_sha256}",
                    "path": facts.protocol_url,
                    "version": facts.protocol_version,
                }
            ],
            "keywords": ["policing", "evaluation", "trial", facts.trial_number],
            "resources": [_resource(file) for file in files],
        }
    )


def _resource(file: PackedFile) -> dict[str, Any]:
    path = PurePosixPath(file.name)
    made: dict[str, Any] = {
        "name": file.name.lower(),
        "path": file.name,
        "description": described(file.name),
        "format": path.suffix.removeprefix(".") or "txt",
        "mediatype": file.media_type,
        "bytes": len(file.content),
        "hash": f"sha256:{hashlib.sha256(file.content).hexdigest()}",
    }
    if file.name in CODE:
        made["licenses"] = [licence(CODE_LICENCE, CODE_LICENCE_URL)]
    if path.stem in _TABLES and path.suffix in (".csv", ".parquet"):
        columns, key = _TABLES[path.stem]
        made |= {"type": "table", "schema": schema(columns, key)}
    if path.suffix == ".csv":
        made |= {"encoding": "utf-8", "dialect": DIALECT}
    return made


DIALECT = {
    "$schema": f"{PROFILES}/tabledialect.json",
    "header": True,
    "delimiter": ",",
    "lineTerminator": "\n",
    "quoteChar": '"',
    "doubleQuote": True,
}


def schema(columns: Sequence[Column], key: Sequence[str]) -> dict[str, Any]:
    """Return a table as a Table Schema."""
    return {
        "$schema": f"{PROFILES}/tableschema.json",
        "fields": [field(column) for column in columns],
        "missingValues": [""],
        "primaryKey": list(key),
    }


def licence(names: tuple[str, str], path: str) -> dict[str, str]:
    """Return a licence as the descriptor names it."""
    name, title = names
    return {"name": name, "title": title, "path": path}

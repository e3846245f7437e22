"""`ro-crate-metadata.json`: RO-Crate 1.2 of the run, with the profile of Process Run Crates.

Who checked and who published is given by role; a person's name is nowhere.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from centre.canonical import document_json
from experiments.packages.facts import CODE_LICENCE_URL, LICENCE_URL, PUBLISHER, Facts, PackedFile
from experiments.packages.words import CODE, described

CONTEXT = "https://w3id.org/ro/crate/1.2/context"
CRATE = "https://w3id.org/ro/crate/1.2"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
METADATA = "ro-crate-metadata.json"
_INPUTS = ("plan.json",)
# Written from the released results when they were published; the others are what the analysis made.
_DESCRIPTIONS = frozenset(
    {
        "README.md",
        "tidy.csv",
        "tidy.parquet",
        "codebook.csv",
        "codebook.md",
        "CITATION.cff",
        "datacite.json",
        "datacite-protocol.json",
        "dataset.jsonld",
        "replication.json",
    }
)
Entity = dict[str, Any]


def crate_json(facts: Facts, files: Sequence[PackedFile]) -> bytes:
    """Return the crate's metadata for these files."""
    names = [file.name for file in files]
    packages: Mapping[str, str] = facts.document["provenance"].get("packages", {})
    graph = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": _ref("./"),
            "conformsTo": _ref(CRATE),
        },
        _root(facts, names),
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {"@id": LICENCE_URL, "@type": "CreativeWork", "name": "Open Government Licence v3.0"},
        {"@id": CODE_LICENCE_URL, "@type": "CreativeWork", "name": "MIT License"},
        {"@id": facts.address, "@type": "Organization", "name": PUBLISHER, "url": facts.address},
        *(
            {"@id": _slug(name), "@type": "Organization", "name": name}
            for name in facts.creators
            if name != PUBLISHER
        ),
        {
            "@id": facts.protocol_url,
            "@type": "CreativeWork",
            "name": f"Registered protocol {facts.protocol_version} of trial {facts.trial_number}",
            "sha256": facts.registration_sha256,
            "datePublished": facts.registered_at,
        },
        *(_file(file) for file in files),
        _data(facts),
        _engine(facts, packages),
        *(
            {"@id": f"#package-{name}", "@type": "SoftwareApplication", "name": name, "version": version}
            for name, version in packages.items()
        ),
        *_roles(facts),
        *_actions(facts, names),
    ]
    return document_json({"@context": CONTEXT, "@graph": graph})


def _root(facts: Facts, names: Sequence[str]) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": facts.heading,
        "description": facts.abstract,
        "identifier": facts.release_url,
        "url": facts.release_url,
        "datePublished": facts.published_at,
        "license": _ref(LICENCE_URL),
        "publisher": _ref(facts.address),
        "creator": [_ref(facts.address if name == PUBLISHER else _slug(name)) for name in facts.creators],
        "isBasedOn": _ref(facts.protocol_url),
        "conformsTo": _ref(PROFILE),
        "hasPart": [_ref(name) for name in names],
        "mentions": [_ref(action["@id"]) for action in _actions(facts, names)],
    }


def _file(file: PackedFile) -> Entity:
    made: Entity = {
        "@id": file.name,
        "@type": "File",
        "name": file.name,
        "description": described(file.name),
        "encodingFormat": file.media_type,
        "contentSize": str(len(file.content)),
        "sha256": hashlib.sha256(file.content).hexdigest(),
    }
    return {**made, "license": _ref(CODE_LICENCE_URL)} if file.name in CODE else made


def _data(facts: Facts) -> Entity:
    return {
        "@id": "#data",
        "@type": "CreativeWork",
        "name": "The data of the analysis",
        "description": "Not in this package: rows about people or places do not leave the registry this way. The hash "
        "says which file it was.",
        "sha256": facts.data_sha256,
        "isAccessibleForFree": False,
    }


def _engine(facts: Facts, packages: Mapping[str, str]) -> Entity:
    said = facts.document["provenance"]
    return {
        "@id": "#engine",
        "@type": "SoftwareApplication",
        "name": "Statistics engine of the Tactic Registry",
        "version": said.get("engine_version", ""),
        "softwareVersion": facts.code_version,
        "operatingSystem": said.get("cpu", ""),
        "runtimePlatform": f"Python {said.get('python', '')}",
        "softwareRequirements": [_ref(f"#package-{name}") for name in packages],
        "isBasedOn": _ref("engine.zip"),
    }


def _roles(facts: Facts) -> list[Entity]:
    names = [
        "Analyst",
        *(f"Output checker {place}" for place, _ in enumerate(facts.checked_at, 1)),
        "Publisher",
    ]
    return [{"@id": _slug(name), "@type": "Role", "name": name, "roleName": name} for name in names]


def _actions(facts: Facts, names: Sequence[str]) -> list[Entity]:
    made = [name for name in names if name not in _DESCRIPTIONS | CODE and name not in _INPUTS]
    seed = facts.document["provenance"].get("seed")
    analysis = {
        "@id": "#analysis",
        "@type": "CreateAction",
        "name": "Registered analysis" if facts.is_registered else "Post hoc analysis",
        "description": f"The plan was run on the data with the seed {seed}, and the result rounded for release.",
        "agent": _ref("#analyst"),
        "instrument": _ref("#engine"),
        "object": [*(_ref(name) for name in _INPUTS), _ref("#data"), _ref(facts.protocol_url)],
        "result": [_ref(name) for name in made],
        "startTime": facts.analysis_requested_at,
        "endTime": facts.analysis_finished_at,
        "actionStatus": _ref("http://schema.org/CompletedActionStatus"),
    }
    checks = [
        {
            "@id": f"#check-{place}",
            "@type": "AssessAction",
            "name": "Checked for disclosure, and cleared",
            "agent": _ref(f"#output-checker-{place}"),
            "object": [_ref(name) for name in made],
            "endTime": at,
            "actionStatus": _ref("http://schema.org/CompletedActionStatus"),
        }
        for place, at in enumerate(facts.checked_at, 1)
    ]
    packaging = {
        "@id": "#publication",
        "@type": "CreateAction",
        "name": "Published, and packaged by code alone",
        "agent": _ref("#publisher"),
        "instrument": _ref("#engine"),
        "object": [_ref(name) for name in made],
        "result": [_ref(name) for name in names if name in _DESCRIPTIONS | CODE],
        "endTime": facts.published_at,
        "actionStatus": _ref("http://schema.org/CompletedActionStatus"),
    }
    return [analysis, *checks, packaging]


def _ref(name: str) -> dict[str, str]:
    return {"@id": name}


def _slug(name: str) -> str:
    return "#" + "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())

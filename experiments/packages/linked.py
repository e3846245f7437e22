"""The results as a Dataset of schema.org, for the package and for the head of the pages that show them."""

from typing import Any

from centre.canonical import document_json
from experiments.packages.facts import LICENCE_URL, PUBLISHER, Facts

_FORMATS = {
    "tidy.csv": "text/csv",
    "estimates.csv": "text/csv",
    "estimates.parquet": "application/vnd.apache.parquet",
    "package.zip": "application/zip",
}


def dataset_jsonld(facts: Facts) -> bytes:
    """Return the description as a file."""
    return document_json(dataset(facts))


def dataset(facts: Facts) -> dict[str, Any]:
    """Return the description as JSON-LD."""
    rows = facts.document["estimates"]
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": facts.release_url,
        "name": facts.heading,
        "description": facts.abstract,
        "url": facts.release_url,
        "identifier": [facts.release_url, facts.trial_number],
        "version": facts.published_at[:10],
        "datePublished": facts.published_at[:10],
        "dateCreated": facts.prepared_at[:10],
        "license": LICENCE_URL,
        "isAccessibleForFree": True,
        "inLanguage": "en-GB",
        "creator": [{"@type": "Organization", "name": name} for name in facts.creators],
        "publisher": {"@type": "Organization", "name": PUBLISHER, "url": facts.address},
        "isBasedOn": {
            "@type": "CreativeWork",
            "name": f"Registered protocol {facts.protocol_version} of trial {facts.trial_number}",
            "url": facts.protocol_url,
            "sha256": facts.registration_sha256,
        },
        "measurementTechnique": list(dict.fromkeys(row["estimator"] for row in rows)),
        "variableMeasured": [
            {"@type": "PropertyValue", "name": name} for name in dict.fromkeys(row["outcome"] for row in rows)
        ],
        "citation": facts.citation,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": name,
                "encodingFormat": form,
                "contentUrl": facts.file_url(name),
            }
            for name, form in _FORMATS.items()
        ],
    }

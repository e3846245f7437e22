"""How the results and the protocol are cited: CITATION.cff, and DataCite's metadata. No DOI is made up."""

import json
from typing import Any

from centre.canonical import document_json
from experiments.packages.facts import INVENTED, LICENCE, LICENCE_URL, PUBLISHER, Facts

NO_DOI = "This registry has not registered a DOI: cite the address."
_RIGHTS = {
    "rights": LICENCE[1],
    "rightsUri": LICENCE_URL,
    "rightsIdentifier": LICENCE[0],
    "rightsIdentifierScheme": "SPDX",
}


def citation_cff(facts: Facts) -> bytes:
    """Return CITATION.cff, version 1.2.0. Every text is quoted as JSON quotes it, which YAML reads alike."""
    lines = [
        "cff-version: 1.2.0",
        f"message: {_quoted('If you use these results, please cite them as below. ' + NO_DOI)}",
        "type: dataset",
        f"title: {_quoted(facts.heading)}",
        f"abstract: {_quoted(facts.abstract)}",
        "authors:",
        *(f"  - name: {_quoted(name)}" for name in facts.creators),
        f"version: {_quoted(facts.published_at[:10])}",
        f"date-released: {facts.published_at[:10]}",
        f"url: {_quoted(facts.release_url)}",
        f"repository: {_quoted(facts.address)}",
        f"license: {LICENCE[0]}",
        "identifiers:",
        "  - type: url",
        f"    value: {_quoted(facts.protocol_url)}",
        f"    description: {_quoted('The registered protocol, SHA-256 ' + facts.registration_sha256)}",
        "keywords:",
        *(f"  - {_quoted(word)}" for word in ("policing", "evaluation", facts.trial_number)),
    ]
    return ("\n".join(lines) + "\n").encode()


def datacite_results(facts: Facts) -> bytes:
    """Return DataCite 4.6 metadata of the results, a Dataset."""
    related = [
        _related("IsDocumentedBy", facts.protocol_url, "StudyRegistration"),
        _related("IsPartOf", facts.trial_url, "StudyRegistration"),
        _related("IsDerivedFrom", facts.file_url("plan.json"), "Workflow"),
    ]
    if facts.tactic:
        related.append(_related("References", facts.tactic, "Text"))
    return _datacite(
        facts,
        title=facts.heading,
        url=facts.release_url,
        number=facts.release_id,
        kind=("Results of a trial", "Dataset"),
        dates=[("Created", facts.prepared_at), ("Issued", facts.published_at)],
        issued=facts.published_at,
        related=related,
        abstract=facts.abstract,
        version=facts.published_at[:10],
    )


def datacite_protocol(facts: Facts) -> bytes:
    """Return DataCite 4.6 metadata of the registered protocol, a StudyRegistration."""
    said = f"The registered protocol of trial {facts.trial_number}, frozen under SHA-256 {facts.registration_sha256}."
    return _datacite(
        facts,
        title=f"{facts.title}: protocol of trial {facts.trial_number}",
        url=facts.protocol_url,
        number=facts.trial_number,
        kind=("Registered trial protocol", "StudyRegistration"),
        dates=[("Issued", facts.registered_at)],
        issued=facts.registered_at,
        related=[
            _related("Documents", facts.release_url, "Dataset"),
            _related("IsVersionOf", facts.trial_url, "StudyRegistration"),
        ],
        abstract=f"{INVENTED} {said}" if facts.is_simulated else said,
        version=facts.protocol_version,
    )


def _datacite(
    facts: Facts,
    *,
    title: str,
    url: str,
    number: str,
    kind: tuple[str, str],
    dates: list[tuple[str, str]],
    issued: str,
    related: list[dict[str, str]],
    abstract: str,
    version: str,
) -> bytes:
    return document_json(
        {
            "schemaVersion": "http://datacite.org/schema/kernel-4",
            "types": {"resourceType": kind[0], "resourceTypeGeneral": kind[1]},
            "url": url,
            "creators": [{"name": name, "nameType": "Organizational"} for name in facts.creators],
            "titles": [{"title": title, "lang": "en"}],
            "publisher": {"name": PUBLISHER, "lang": "en"},
            "publicationYear": issued[:4],
            "dates": [{"date": date, "dateType": name} for name, date in dates],
            "language": "en",
            "alternateIdentifiers": [
                {"alternateIdentifier": number, "alternateIdentifierType": f"{PUBLISHER} id"},
                {"alternateIdentifier": url, "alternateIdentifierType": "URL"},
            ],
            "relatedIdentifiers": related,
            "version": version,
            "rightsList": [_RIGHTS],
            "descriptions": [
                {"description": abstract, "descriptionType": "Abstract", "lang": "en"},
                {"description": NO_DOI, "descriptionType": "Other", "lang": "en"},
            ],
        }
    )


def _related(relation: str, url: str, kind: str) -> dict[str, Any]:
    return {
        "relatedIdentifier": url,
        "relatedIdentifierType": "URL",
        "relationType": relation,
        "resourceTypeGeneral": kind,
    }


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

"""Values with a form of their own: ORCID, SHA-256, commit, web address, trial number."""

import re
from collections.abc import Iterator, Sequence

from centre.errors import Problem
from centre.hub.street import counting
from experiments.protocol.numbers import is_trial_number
from experiments.protocol.schema import DocumentRef, Protocol
from experiments.protocol.vocabulary import Measure

_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_URL = re.compile(r"https?://[^\s/]+\.[^\s]+")


def is_orcid(text: str) -> bool:
    """Return whether the text is an ORCID whose last character checks the fifteen before it (ISO 7064, mod 11-2)."""
    found = _ORCID.fullmatch(text.strip())
    if found is None:
        return False
    digits = found[1].replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return digits[-1] == "0123456789X"[(12 - total % 11) % 11]


def format_faults(protocol: Protocol) -> Iterator[Problem]:
    """Yield each value that is not of its form."""
    for place, person in enumerate(protocol.team.people):
        if person.orcid and not is_orcid(person.orcid):
            message = "This is not an ORCID: sixteen digits in fours, such as 0000-0002-1825-0097"
            yield Problem(f"/team/people/{place}/orcid", message)
    yield from _numbers("/design/concurrent_trials", protocol.design.concurrent_trials)
    yield from _numbers("/problem/follows_trials", protocol.problem.follows_trials)
    yield from _document("/funding/agreement_document", protocol.funding.agreement_document)
    yield from _document("/sample_size/simulation", protocol.sample_size.simulation)
    yield from _document("/analysis_documents/sap", protocol.analysis_documents.sap)
    yield from _document("/data/baseline_extract", protocol.data.baseline_extract)
    for place, outcome in enumerate(protocol.outcomes):
        if outcome.hub_measure and not counting.is_counted(outcome.hub_measure):
            message = (
                f"The hub does not count this. Enter one of: {', '.join(counting.names())}; or leave it blank"
            )
            yield Problem(f"/outcomes/{place}/hub_measure", message)
        elif outcome.hub_measure and outcome.measure not in (None, Measure.COUNT):
            message = "The hub counts: choose count for the values of this column, or leave this blank"
            yield Problem(f"/outcomes/{place}/hub_measure", message)
    code = protocol.analysis_documents.code
    yield from _url("/analysis_documents/code/url", code.url)
    if code.commit and not _COMMIT.fullmatch(code.commit):
        yield Problem("/analysis_documents/code/commit", "A commit is 7 to 64 characters from 0-9 and a-f")
    yield from _url("/data/url", protocol.data.url)


def _numbers(pointer: str, named: Sequence[str]) -> Iterator[Problem]:
    for place, number in enumerate(named):
        if not is_trial_number(number):
            message = f"“{number}” is not the number of a registered trial: the last digit checks the others"
            yield Problem(f"{pointer}/{place}", message)


def _document(pointer: str, named: DocumentRef) -> Iterator[Problem]:
    yield from _url(f"{pointer}/url", named.url)
    if named.sha256 and not _SHA256.fullmatch(named.sha256):
        yield Problem(f"{pointer}/sha256", "A SHA-256 has 64 characters from 0-9 and a-f")


def _url(pointer: str, address: str) -> Iterator[Problem]:
    if address and not _URL.fullmatch(address):
        yield Problem(pointer, "Enter a whole web address, such as https://example.org/plan")

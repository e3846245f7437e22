"""Marked rows go the whole way to a published release; then everything that anybody can read is searched for them.

Run with `-s`, it says how much was searched.
"""

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import structlog
from django.core import mail
from django.test import Client

from centre import vault
from experiments.models import Assignment, Dataset, ReleaseFile, Trial
from experiments.unit_list import UnitLine
from tests.conftest import PASSWORD
from tests.integration.assurance.test_logs import listening
from tests.integration.experiments_pages import stages
from tests.permissions import world
from tests.permissions.asking import questions

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]
MOST_PAGES = 3_000
LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')
PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def unit(place: int) -> str:
    return f"kanarie-{place * 7919 % 9973:04}-huis"


def value(place: int, *, treated: bool) -> int:
    """Return nine digits that nothing else in the registry has."""
    return (300_000_000 if treated else 500_000_000) + place * 86_028_121 % 99_999_989


def outcomes(trial: Trial, *, extra: int = 0) -> bytes:
    """Return an outcome file in which every value is one of a kind."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("unit", "arm", "calls"))
    rows = Assignment.objects.filter(allocation__trial=trial).order_by("unit")
    for place, row in enumerate(rows):
        writer.writerow((row.unit, row.arm, value(place, treated=row.arm == "treatment") + extra))
    return text.getvalue().encode()


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        stages, "lines", lambda n=stages.N_UNITS: [UnitLine(unit(place)) for place in range(n)]
    )
    monkeypatch.setattr(stages, "outcomes", outcomes)


def canaries(cast: SimpleNamespace) -> dict[str, re.Pattern[bytes]]:
    """Return what nobody outside may read, and how it is found."""
    numbers = [value(place, treated=treated) for place in range(stages.N_UNITS) for treated in (True, False)]
    texts = {
        "a unit": [unit(place) for place in range(stages.N_UNITS)],
        "a value": [form for number in numbers for form in (str(number), f"{number:,}")],
        "an address of a person": [one.email for one in vars(cast).values() if one.is_authenticated],
        "a password": [PASSWORD],
        "the hash of a data file": list(Dataset.objects.values_list("parquet_sha256", flat=True)),
    }
    return {
        what: re.compile(rb"(?<![0-9a-z])(" + "|".join(map(re.escape, some)).encode() + rb")(?![0-9])")
        for what, some in texts.items()
    }


def opened(content: bytes) -> Iterator[bytes]:
    """Give the bytes, and what is packed in them."""
    yield content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from opened(archive.read(name))
    elif content[:2] == b"\x1f\x8b":
        yield from opened(gzip.decompress(content))
    elif content[:4] == b"PAR1":
        yield str(pq.read_table(pa.BufferReader(content)).to_pydict()).encode()
    elif content[:4] == b"%PDF":
        for stream in PDF_STREAM.findall(content):
            try:
                yield zlib.decompress(stream)
            except zlib.error:
                yield stream


def published(built: dict[str, dict[str, Any]]) -> Iterator[tuple[str, int, bytes]]:
    """Give each address that anybody can read, the size of its answer, headers and content."""
    client = Client(raise_request_exception=False)
    ahead = [address for _, method, _, address in questions(built) if method == "GET"]
    for file in ReleaseFile.objects.exclude(release__published_at=None).select_related("release__trial"):
        trial, release = file.release.trial.number, file.release.public_id
        ahead.append(f"/trials/{trial}/releases/{release}/files/{file.name}")
    known: set[str] = set(ahead)
    for address in ahead:  # it grows while it is read
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        headers = "\n".join(f"{name}: {said}" for name, said in answer.headers.items()).encode()
        yield address, answer.status_code, headers + b"\n" + content
        for packed in opened(content):
            yield f"{address} (unpacked)", answer.status_code, packed
        if answer["Content-Type"].startswith("text/html") and len(known) < MOST_PAGES:
            found = [link.replace("&amp;", "&") for link in LINK.findall(content.decode(errors="replace"))]
            new = [link for link in dict.fromkeys(found) if link not in known and "/static/" not in link]
            known.update(new)
            ahead += new


def test_nothing_that_is_never_published_is_in_any_public_byte(
    cast: SimpleNamespace, marked: None, unlimited: None
) -> None:
    with listening(structlog.processors.JSONRenderer()) as log:
        built = world.build(cast)
        wanted = canaries(cast)
        kept = b"".join(opened(vault.read(Dataset.objects.latest("received_at").parquet_sha256)))
        assert wanted["a unit"].search(kept), "what is searched for is not there to be found"
        assert wanted["a value"].search(kept)
        hits, n_read, n_bytes = set(), set(), 0
        for address, status, content in published(built):
            n_bytes += len(content)
            if status == 200:
                n_read.add(address.partition(" ")[0])
            hits |= {(what, address) for what, pattern in wanted.items() if pattern.search(content)}
        said = log.getvalue().encode()
    letters = "\n".join(one.body for one in mail.outbox).encode()
    for where, text in (("the log", said), ("mail", letters)):
        hits |= {(what, where) for what, pattern in wanted.items() if pattern.search(text)}
    print(
        f"{len(n_read):,} addresses that anybody reads, {n_bytes / 1e6:,.1f} MB with headers and unpacked files, "
        f"{len(said) / 1e6:.1f} MB of log, {len(mail.outbox)} letters: {len(hits)} hits"
    )
    assert not hits, "\n".join(f"{what} in {where}" for what, where in sorted(hits))
    assert len(n_read) > 100
    assert len(said) > 10_000

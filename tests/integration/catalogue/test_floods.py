"""Bombs and floods [59, 60, 61]: what is small on its way and huge in memory, and what never ends, is refused cheaply.

Run with `-s`, each says what it took; goal S8 asks for 2 seconds and 100 MB beyond what the process held before.
"""

import gzip
import io
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core import signals
from django.db import close_old_connections
from django.test import RequestFactory

from centre import tokens
from centre.models import Run
from centre.wsgi import application
from experiments.management.walking.measuring import forget_peak, peak_mb
from experiments.models import Dataset, Trial
from tests.integration.catalogue.test_uploads import by_api, by_page
from tests.integration.catalogue.uploads import HEADER, in_follow_up
from tests.integration.experiments_pages.pages import address

pytestmark = [pytest.mark.django_db, pytest.mark.bench]
SECONDS, MEGABYTES = 2.0, 100
MB, GB = 1_000_000, 1_000_000_000
BOUNDARY, CSRF = "xxfloodxx", "c" * 32


@pytest.fixture
def trial(cast: Any, monkeypatch: pytest.MonkeyPatch) -> Trial:
    return in_follow_up(cast, monkeypatch)


@contextmanager
def cheap(what: str) -> Iterator[None]:
    """Require that little time and memory is taken inside, and say how much."""
    forget_peak(os.getpid())
    before, started = peak_mb(os.getpid()) or 0.0, time.perf_counter()
    yield
    took, more = time.perf_counter() - started, (peak_mb(os.getpid()) or 0.0) - before
    said = f"{what}: {took:.2f} s, {max(more, 0):.0f} MB beyond"
    print(said)
    assert took <= SECONDS, said
    assert more <= MEGABYTES, said


def packed(n_bytes: int) -> bytes:
    """Return a gzip file of zeros: a thousand times as large once it is unpacked."""
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb") as file:
        for _ in range(n_bytes // MB):
            file.write(bytes(MB))
    return made.getvalue()


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for place in range(8):
            archive.writestr(f"{place}.zip", packed(32 * MB))
    return made.getvalue()


def parquet(columns: dict[str, pa.Array]) -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.table(columns), made, compression="zstd")
    return made.getvalue()


def long_texts() -> bytes:
    """Return a million rows of one text of 9,999 characters: ten gigabytes in a few kilobytes."""
    rows = 1_000_000
    text = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), rows), ["x" * 9_999])
    return parquet({name: text for name in HEADER.split(",")})


def many_rows() -> bytes:
    return parquet({name: pa.repeat(pa.scalar(1, pa.int64()), 30_000_000) for name in HEADER.split(",")})


BOMBS: dict[str, tuple[Callable[[], bytes], int]] = {
    "gzip of 256 MB": (lambda: packed(256 * MB), 256 * MB),
    "zip of zips of 256 MB": (zipped, 256 * MB),
    "Parquet of 40 GB of text": (long_texts, 40 * GB),
    "Parquet of 30 million rows": (many_rows, 960 * MB),
    "100,000 columns": (lambda: f"{HEADER}{''.join(f',c{n}' for n in range(100_000))}\n".encode() * 2, 0),
    "a cell of 10 MB": (lambda: f"{HEADER}\n{'x' * 10 * MB},A,2026-01-01,1\n".encode(), 0),
}


@pytest.mark.parametrize(("make", "unpacked"), BOMBS.values(), ids=BOMBS)
def test_a_bomb(
    cast: Any, sign_in: Any, trial: Trial, make: Callable[[], bytes], unpacked: int, request: Any
) -> None:
    content = make()
    assert unpacked == 0 or unpacked > 900 * len(content), "it is no bomb"
    client = sign_in(cast.force_user)
    what = f"{request.node.callspec.id} ({len(content) / 1_000:,.0f} kB sent)"
    with cheap(f"{what}, page"):
        run = by_page(client, trial, content)
    assert run.state == Run.State.FAILED
    with cheap(f"{what}, API"):
        run, _ = by_api(cast.force_user, trial, content)
    assert run.state == Run.State.FAILED
    assert not Dataset.objects.exists()


class Flood(io.RawIOBase):
    """A whole form with a huge file in it, made as it is read."""

    def __init__(self, size: int) -> None:
        parts = ('name="kind"\r\n\r\noutcome', f'name="csrfmiddlewaretoken"\r\n\r\n{CSRF}')
        fields = "".join(f"--{BOUNDARY}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
        file = 'Content-Disposition: form-data; name="file"; filename="calls.csv"\r\n\r\n'
        self.head = f"{fields}--{BOUNDARY}\r\n{file}".encode()
        self.tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        self.size, self.place = size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        here, size = self.place, min(len(into), self.size - self.place)
        made = bytearray(b"x" * size)
        made[: max(len(self.head) - here, 0)] = self.head[here : here + size]
        if (late := self.place + size - (self.size - len(self.tail))) > 0:
            made[-min(late, size) :] = self.tail[max(late - size, 0) : late]
        into[:size] = made
        self.place += size
        return size


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's own transaction, as Django's test client does."""
    moments = (signals.request_started, signals.request_finished)
    for moment in moments:
        moment.disconnect(close_old_connections)
    yield
    for moment in moments:
        moment.connect(close_old_connections)


@pytest.mark.parametrize("place", ["page", "API"])
@pytest.mark.parametrize(
    ("sent", "said", "status", "most_read"),
    [
        (2 * GB, 2 * GB, (413,), 0),
        (190 * MB, 190 * MB, (413,), 190 * MB),
        (2 * GB, 5_000, (400,), 70_000),
        (2 * GB, None, (400, 403), 0),  # nothing is read, so a page finds no token either
    ],
    ids=["2 GB", "190 MB", "2 GB that says 5 kB", "2 GB that says nothing"],
)
def test_a_flood(
    cast: Any,
    sign_in: Any,
    trial: Trial,
    one_connection: None,
    request: Any,
    *,
    place: str,
    sent: int,
    said: int | None,
    status: tuple[int, ...],
    most_read: int,
) -> None:
    flood = Flood(sent)
    path = address(trial, "trial-data-upload") if place == "page" else f"/api/v1/trials/{trial.ref}/datasets/"
    key = tokens.make(name="t", scope="write", days=1, by=cast.force_user)[1]
    who = (
        {"HTTP_COOKIE": f"sessionid={sign_in(cast.force_user).cookies['sessionid'].value}; csrftoken={CSRF}"}
        if place == "page"
        else {"HTTP_AUTHORIZATION": f"Token {key}"}
    )
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD="POST",
        PATH_INFO=path,
        CONTENT_TYPE=f"multipart/form-data; boundary={BOUNDARY}",
        **({} if said is None else {"CONTENT_LENGTH": str(said)}),
        **who,
    )
    if said is None:
        environ.pop("CONTENT_LENGTH", None)
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    environ["wsgi.input"] = io.BufferedReader(flood)  # type: ignore[arg-type]
    answered: list[str] = []
    with cheap(request.node.callspec.id):
        answer = application(environ, lambda line, *rest: answered.append(line))
        b"".join(answer)
        answer.close()  # type: ignore[attr-defined]
    print(answered[0], f"{flood.place / MB:.1f} MB read")
    assert int(answered[0].split()[0]) in status
    assert flood.place <= most_read
    assert not Run.objects.exists()

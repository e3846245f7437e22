"""Bytes that are no table, by each way that takes bytes: the catalogue's message, nothing kept, an event left.

Rows 33 to 43 and 59 to 61 once more, where `test_uploads` does not go: the unit list, which is read while the person
waits, and a file that is the whole body of a request.
"""

import gzip
import io
import zipfile
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from centre import tokens, vault
from centre.models import AuditEvent, Run
from experiments import tasks
from experiments.models import Allocation, Dataset
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, words

pytestmark = pytest.mark.django_db
GOOD = stages.unit_csv()


def parquet(units: Any) -> bytes:
    """Return a Parquet file with these units, and the columns that the trial's data have besides."""
    out = io.BytesIO()
    more = {"arm": ["treatment"] * len(units), "calls": [1] * len(units)}
    pq.write_table(pa.table({"unit": units, **more}), out)
    return out.getvalue()


def repeated(n_rows: int) -> pa.DictionaryArray:
    """Return a long text that is stored once, and stands in every row."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * n_rows, pa.int32()), pa.array(["x" * 9_000]))


def workbook(text: str) -> bytes:
    """Return a workbook with so much text in it that unpacking it would fill memory."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", text * 20_000_000)
    return out.getvalue()


# Each line: the catalogue's row, what is sent, the status of a page that reads it, and the message.
BAD: tuple[tuple[int, str, bytes, int, str], ...] = (
    (33, "nothing", b"", 422, "The file is empty"),
    (33, "blanks alone", b" \n\n", 422, "The file is empty"),
    (34, "a header alone", b"unit\n", 422, "No data rows"),
    (35, "a workbook that is a bomb", workbook("0"), 422, "This is an Excel file. Save it as CSV UTF-8"),
    (35, "a workbook of before 2007", b"\xd0\xcf\x11\xe0" + b"\0" * 99, 422, "This is an Excel file"),
    (36, "a page", b"<html><body>Sign in</body></html>", 422, "This is a web page, not data"),
    (
        37,
        "UTF-16 with its mark",
        GOOD.encode("utf-16"),
        422,
        "Save as UTF-8; first problem at line 1, byte 1",
    ),
    (37, "UTF-16 without", GOOD.encode("utf-16-le"), 422, "Save as UTF-8; first problem at line 1, byte 2"),
    (37, "Windows-1252", b"unit\nU1\nCaf\xe9\n", 422, "Save as UTF-8; first problem at line 3, byte 4"),
    (37, "two encodings", "unit\nCafé\n".encode() + b"Caf\xe9\n", 422, "first problem at line 3, byte 4"),
    (
        37,
        "NUL in a value",
        b"unit\nU1\nU\x002\n",
        422,
        "Line 3 contains a character we cannot accept (U+0000)",
    ),
    (39, "a quote never closed", b'unit\n"U1\nU2\n', 422, "Quote opened on line 2 is never closed"),
    (39, "a lone quote in a value", b'unit\nU1\nU"2\n', 422, "Line 3 has a quote in the middle of a value"),
    (40, "two columns of one name", b"unit,unit\nU1,U2\n", 422, "Column 'unit' appears twice"),
    (41, "another column", b"name\nU1\n", 422, "Column 'unit' is missing; found name"),
    (41, "semicolons", b"unit;stratum\nU1;N\n", 422, "Separate values with commas, not semicolons"),
    (42, "a value too many", b"unit\nU1,N\n", 422, "Line 2 has 2 values but the header has 1"),
    (43, "a value too few", b"unit,stratum\nU1,N\nU2\n", 422, "Line 3 has 1 value but the header has 2"),
    (59, "gzip", gzip.compress(GOOD.encode()), 422, "Upload a plain CSV"),
    (59, "Parquet that is a bomb", parquet(repeated(200_000)), 413, "too large once it is unpacked"),
    (
        59,
        "Parquet cut short",
        parquet(pa.array(["U1", "U2"]))[:-9],
        422,
        "This Parquet file cannot be read",
    ),
    (59, "Parquet of lists", parquet(pa.array([["U1"]])), 422, "is of a type we cannot read"),
    (61, "501 columns", b",".join(b"c%d" % n for n in range(501)) + b"\n", 413, "more than 500 columns"),
    (
        61,
        "a long value",
        b"unit,arm,calls\n" + b"x" * 10_001 + b",control,1\n",
        422,
        "longer than 10,000 characters (line 2)",
    ),
)


def test_a_unit_list_that_is_none_is_refused_at_once(cast: Any, sign_in: Any) -> None:
    trial = stages.baseline(cast)
    client, place = sign_in(cast.custodian), address(trial, "trial-allocation-freeze")
    for row, what, content, status, message in BAD:
        before = refusals()
        sent = {"file": SimpleUploadedFile("units.csv", content, "text/csv"), "overlap_reason": "As agreed."}
        answer = client.post(place, sent)
        assert (answer.status_code, message in words(answer)) == (status, True), (
            row,
            what,
            words(answer)[:900],
        )
        assert "As agreed." in answer.content.decode(), (row, what)
        assert refusals() == before + 1, (row, what)
    assert not Allocation.objects.exists()


def test_a_dataset_as_the_whole_body_is_refused_by_its_run(cast: Any) -> None:
    trial = stages.delivering(cast)
    key = tokens.make(name="t", scope="write", days=1, by=cast.force_user)[1]
    headers = {"Authorization": f"Token {key}"}
    place, ran = f"/api/v1/trials/{trial.ref}/datasets/", 0
    for row, what, content, _, message in BAD:
        answer = Client().post(place, content, content_type="text/csv", headers=headers)
        if not content:  # there is nothing to run on
            assert (answer.status_code, answer.json()["detail"]) == (400, message)
            continue
        assert answer.status_code == 202, (row, what, answer.content)
        tasks.ingest(answer.json()["id"])
        run = Run.objects.get(pk=answer.json()["id"])
        told = Client().get(f"/api/v1/runs/{run.pk}/", headers=headers).json()
        assert told["state"] == "failed", (row, what)
        assert any(message in problem["message"] for problem in told["problems"]), (
            row,
            what,
            told["problems"],
        )
        assert not vault.exists(run.params["sha256"]), (row, what)
        ran += 1
    assert not Dataset.objects.exists()
    assert AuditEvent.objects.filter(event="run.failed").count() == ran == len(BAD) - 1


BOUNDARY = "xxboundaryxx"
FORM = f"multipart/form-data; boundary={BOUNDARY}"
PART = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
END = f"--{BOUNDARY}--\r\n"


@pytest.mark.parametrize(
    ("kind", "body", "status", "named"),
    [
        pytest.param("text/plain", GOOD, 415, "text/plain", id="[72] another content type"),
        pytest.param("application/x-www-form-urlencoded", "a=b", 415, "urlencoded", id="[72] a plain form"),
        pytest.param("application/json", "{}", 415, "application/json", id="[72] JSON"),
        pytest.param("multipart/form-data", GOOD, 400, "", id="[66] a form without a boundary"),
        pytest.param(
            FORM, PART % ("kind", "outcome") + END, 400, "Send a CSV or Parquet file", id="[33] no file"
        ),
        pytest.param(
            FORM, PART % ("file", GOOD) + END, 400, "Send a CSV or Parquet file", id="[33] text, no file"
        ),
        pytest.param(
            FORM, PART % ("role", "x") + END, 400, "Unknown field 'role'", id="[71] a field too many"
        ),
    ],
)
def test_a_request_that_holds_no_file_is_refused(
    cast: Any, kind: str, body: str, status: int, named: str
) -> None:
    trial = stages.registered(cast)
    key = tokens.make(name="t", scope="write", days=1, by=cast.force_user)[1]
    before = refusals()
    answer = Client().post(
        f"/api/v1/trials/{trial.ref}/datasets/",
        body,
        content_type=kind,
        headers={"Authorization": f"Token {key}"},
    )
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), (
        answer.content
    )
    assert named in answer.content.decode(), answer.content
    assert refusals() == before + 1
    assert not Run.objects.exists()


def test_a_list_over_the_limit_is_not_read(cast: Any, sign_in: Any, monkeypatch: Any) -> None:
    """[60]"""
    monkeypatch.setattr(settings, "UPLOAD_LIMIT_BYTES", 1_000)
    trial = stages.baseline(cast)
    before = refusals()
    sent = {"file": SimpleUploadedFile("units.csv", b"unit\n" + b"U1\n" * 2_000, "text/csv")}
    answer = sign_in(cast.custodian).post(address(trial, "trial-allocation-freeze"), sent)
    assert answer.status_code == 413
    assert refusals() == before + 1
    assert not Allocation.objects.exists()

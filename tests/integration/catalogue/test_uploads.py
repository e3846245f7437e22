"""Every bad file of the catalogue, in the page and by the API: its message, nothing kept, an event left."""

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from centre import tokens, vault
from centre.models import AuditEvent, Run
from experiments import tasks
from experiments.analysis.expected import expected
from experiments.models import Dataset, Trial
from tests.integration.catalogue.uploads import in_follow_up, joined, lines
from tests.integration.experiments_pages.pages import address, words

pytestmark = pytest.mark.django_db

Rows = list[str]
Change = Callable[[Rows], bytes]


def cell(column: int, value: str, row: int = 3) -> Change:
    """Return a file with another value in one place (row 3 is line 4)."""

    def change(rows: Rows) -> bytes:
        parts = rows[row].split(",")
        parts[column] = value
        return joined([*rows[:row], ",".join(parts), *rows[row + 1 :]])

    return change


def zipped(rows: Rows) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("calls.csv", joined(rows))
    return packed.getvalue()


def excel(rows: Rows) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


def column(name: str, value: str) -> Change:
    """Return a file with one more column."""
    return lambda rows: joined([f"{rows[0]},{name}", *(f"{row},{value}" for row in rows[1:])])


def other_arms(rows: Rows) -> bytes:
    """Return the file with the arms of the first unit, of two rows, changed."""
    turn = {"treatment": "control", "control": "treatment"}
    parts = [row.split(",") for row in rows[1:3]]
    changed = [",".join([unit, turn[arm], *rest]) for unit, arm, *rest in parts]
    return joined([rows[0], *changed, *rows[3:]])


BAD: dict[str, tuple[Change, str]] = {
    "[33] empty": (lambda rows: b"", "The file is empty"),
    "[34] header only": (lambda rows: joined(rows[:1]), "No data rows"),
    "[35] Excel": (excel, "This is an Excel file. Save it as CSV UTF-8"),
    "[36] web page": (lambda rows: b"<!doctype html><html><body>Sign in</body></html>", "web page, not data"),
    "[37] UTF-16": (lambda rows: joined(rows).decode().encode("utf-16"), "Save as UTF-8"),
    "[37] Windows-1252": (
        lambda rows: joined(rows).replace(b"U002", b"U\xe92", 1),
        "Save as UTF-8; first problem",
    ),
    "[39] unclosed quote": (cell(3, '"4', row=1), "Quote opened on line 2 is never closed"),
    "[40] two columns of one name": (column("calls", "1"), "Column 'calls' appears twice"),
    "[41] missing column": (
        lambda rows: joined([row.rsplit(",", 1)[0] for row in rows]),
        "Column 'calls' is missing; found",
    ),
    "[42] a value too many in every row": (
        lambda rows: joined([rows[0], *(f"{row},9" for row in rows[1:])]),
        "Line 2 has 5 values but the header has 4",
    ),
    "[43] short row": (
        lambda rows: joined([rows[0], rows[1].rsplit(",", 1)[0], *rows[2:]]),
        "Line 2 has 3 values but the header has 4",
    ),
    "[44] unknown unit": (cell(0, "HS-999"), "HS-999 is not in this trial (line 4)"),
    "[48] thousands": (cell(3, '"1,234"'), "Write 1234, without commas (line 4)"),
    "[48] percent": (cell(3, "12%"), "line 4"),
    "[48] decimal comma": (cell(3, '"1,5"'), "line 4"),
    "[48] pounds": (cell(3, "£3"), "line 4"),
    "[49] too large a number": (cell(3, "1e400"), "Not a number"),
    "[49] inf": (cell(3, "inf"), "Not a number"),
    "[49] nan": (cell(3, "nan"), "Not a number"),
    "[49] typographic minus": (cell(3, "\u22125"), "Not a number"),
    "[49] no-break space": (cell(3, "1\u00a0"), "Not a number"),
    "[50] more digits than a number holds": (
        cell(3, "90071992547409930000000"),
        "too many digits to be kept exactly",
    ),
    "[51] negative count": (cell(3, "-1"), "Count must be a whole number, 0 or more"),
    "[51] half a count": (cell(3, "2.5"), "Count must be a whole number, 0 or more"),
    "[52] British date": (cell(2, "03/04/2026"), "Use YYYY-MM-DD"),
    "[53] Excel's day number": (cell(2, "46000"), "Looks like an Excel date number"),
    "[54] after the end": (cell(2, "2999-01-05"), "2999-01-05 is after the trial end"),
    "[55] the same unit and week": (
        lambda rows: joined([*rows, rows[1]]),
        "Lines 2 and 82 are the same unit and week",
    ),
    "[56] a week missing": (
        lambda rows: joined(rows[:-1]),
        "1 of 80 unit-weeks missing: say why or upload again",
    ),
    "[57] another arm": (other_arms, "Uploaded arm differs from allocation for 1 unit"),
    "[59] gzip": (lambda rows: gzip.compress(joined(rows)), "Upload a plain CSV"),
    "[59] zip": (zipped, "Upload a plain CSV"),
    "[61] a cell too long": (cell(1, "x" * 20_000), "10,000"),
    "[61] too many columns": (
        lambda rows: joined([rows[0] + "".join(f",c{n}" for n in range(600)), *rows[1:]]),
        "500",
    ),
    "[65] names": (column("surname", "Smith"), "surname"),
    "[65] postcodes": (column("postcode", "SW1A 1AA"), "postcode"),
}
# Values that a message must not repeat.
SECRET = ("Smith", "SW1A")


@pytest.fixture
def trial(cast: Any, monkeypatch: pytest.MonkeyPatch) -> Trial:
    return in_follow_up(cast, monkeypatch)


def by_page(client: Client, trial: Trial, content: bytes, name: str = "calls.csv", **more: str) -> Run:
    sent = {"kind": "outcome", "file": SimpleUploadedFile(name, content, "text/csv"), **more}
    answer = client.post(address(trial, "trial-data-upload"), sent)
    assert answer.status_code == 302, words(answer)
    return checked(answer["Location"].rstrip("/").rsplit("/", 1)[-1])


def by_api(person: Any, trial: Trial, content: bytes) -> tuple[Run, Any]:
    headers = {"Authorization": f"Token {tokens.make(name='t', scope='write', days=1, by=person)[1]}"}
    sent = {"kind": "outcome", "file": SimpleUploadedFile("calls.csv", content, "text/csv")}
    answer = Client().post(f"/api/v1/trials/{trial.ref}/datasets/", sent, headers=headers)
    assert answer.status_code == 202, answer.content
    run = checked(answer.json()["id"])
    return run, Client().get(f"/api/v1/runs/{run.pk}/", headers=headers).json()


def checked(run_id: str) -> Run:
    """Check the upload as the worker does."""
    tasks.ingest(run_id)
    return Run.objects.get(pk=run_id)


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD)
def test_a_bad_file(cast: Any, sign_in: Any, trial: Trial, change: Change, message: str) -> None:
    content = change(lines(trial))
    client = sign_in(cast.force_user)
    before = AuditEvent.objects.count()

    run = by_page(client, trial, content)
    page = words(client.get(reverse("run-detail", args=[run.pk])))
    assert message in page, page
    other, told = by_api(cast.force_user, trial, content)
    assert (
        told["state"],
        [problem for problem in told["problems"] if message in problem["message"]] != [],
    ) == (
        "failed",
        True,
    ), told

    for failed in (run, other):
        assert failed.state == Run.State.FAILED
        assert not any(secret in str(failed.problems) for secret in SECRET)
        assert AuditEvent.objects.filter(
            pk__gt=before, event="run.failed", subject_id=str(failed.pk)
        ).exists()
        assert not vault.exists(failed.params["sha256"]), "the refused file was kept"
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        pytest.param(lambda rows: b"\xef\xbb\xbf" + joined(rows), "calls.csv", id="[38] byte order mark"),
        pytest.param(column("force_code", "NA"), "calls.csv", id="[46] a text NA"),
        pytest.param(column("note", "=cmd|' /C calc'!A0"), "calls.csv", id="[58] a formula"),
        pytest.param(joined, "../../etc/passwd", id="[62] a path as name"),
        pytest.param(joined, "x" * 300 + ".csv", id="[62] a long name"),
    ],
)
def test_a_strange_file_that_is_taken(
    cast: Any, sign_in: Any, trial: Trial, change: Change, name: str
) -> None:
    run = by_page(sign_in(cast.force_user), trial, change(lines(trial)), name)
    assert run.state == Run.State.DONE, run.problems
    dataset = Dataset.objects.get()
    assert dataset.n_rows == 80
    assert "/" not in dataset.filename_given
    assert len(dataset.filename_given) <= 120


def test_missing_weeks_are_taken_with_a_reason(cast: Any, sign_in: Any, trial: Trial) -> None:
    """[56]"""
    content = joined(lines(trial)[:-1])
    run = by_page(sign_in(cast.force_user), trial, content, reason="One household moved away.")
    assert run.state == Run.State.DONE, run.problems
    assert "1 of 80 unit-weeks missing" in Dataset.objects.get().warnings


def test_the_same_file_again_makes_no_version(cast: Any, sign_in: Any, trial: Trial) -> None:
    """[63]"""
    client, content = sign_in(cast.force_user), joined(lines(trial))
    by_page(client, trial, content)
    again = by_page(client, trial, content)
    assert "Already received on" in words(client.get(reverse("run-detail", args=[again.pk])))
    assert Dataset.objects.count() == 1


def test_a_week_is_not_in_the_future(cast: Any, trial: Trial) -> None:
    """[54]"""
    week = next(column for column in expected(trial, cast.force_user).columns if column.name == "week")
    assert week.today == timezone.localdate()
    assert week.latest == trial.draft.dates.follow_up_end.date


def test_a_failed_run_says_once_what_is_wrong_and_that_it_is_simulated(
    cast: Any, sign_in: Any, trial: Trial
) -> None:
    client = sign_in(cast.force_user)
    run = by_page(client, trial, b"")
    page = words(client.get(reverse("run-detail", args=[run.pk])))
    assert page.count("The file is empty") == 1
    assert "This page shows simulated data" in page

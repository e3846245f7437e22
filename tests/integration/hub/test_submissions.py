"""Archives that forces send: kept whole or refused whole, every version for ever, and each force its own."""

import html
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from centre import vault
from centre.hub import judging
from centre.models import AuditEvent, Force, MonthlyFile, Run, Submission
from tests import shared_data
from tests.integration.hub.sent import content, kept, other_kinds, send
from tests.unit.centre.hub import invented

pytestmark = pytest.mark.django_db
MONTHS = ("2024-01", "2024-02", "2024-03")


def test_every_file_is_kept_with_its_counts_columns_and_ids(tmp_path: Path, cast: SimpleNamespace) -> None:
    submission = kept(tmp_path, content(*MONTHS), cast.force_user)
    files = list(submission.files.all())
    assert [(str(one.month), one.version, one.rows) for one in files] == [
        (f"{month}-01", 1, 40) for month in MONTHS
    ]
    assert all(vault.exists(sha256) for one in files for sha256 in one.kept_files())
    assert AuditEvent.objects.filter(event="submission.kept").get().detail["files"] == 3
    found = judging.judged(cast.force_user.forces.get())
    assert found is not None
    assert [card.rows for card in found.scorecards] == [40, 40, 40]


def test_a_month_that_is_sent_again_becomes_a_version_and_the_old_one_stays(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    first = kept(tmp_path, content(*MONTHS), cast.force_user)
    again = kept(tmp_path, content(*MONTHS[:2]) | content(MONTHS[2], n=60), cast.force_user)
    assert (again.unchanged, [one.version for one in again.files.all()]) == (2, [2])
    assert first.files.count() == 3
    force = cast.force_user.forces.get()
    now, then = judging.judged(force), judging.judged(force, as_of=first.received_at)
    assert now is not None
    assert then is not None
    assert ([card.rows for card in now.scorecards], [card.rows for card in then.scorecards]) == (
        [40, 40, 60],
        [40, 40, 40],
    )
    again_words = "2024-03 was sent again: 40 rows before, 60 now (+50.0%)"
    assert [one.words for one in now.findings if one.check == "revised"] == [again_words]
    assert not [one for one in then.findings if one.check == "revised"]
    page = sign_in(cast.force_user).get(reverse("hub-submission", args=[again.pk])).content.decode()
    assert "Rows: 40 before, 60 now" in page
    assert "16 crime ids came, 0 went" in page


def test_every_kind_is_kept_in_versions_of_its_own(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    kept(tmp_path, content(*MONTHS) | other_kinds(MONTHS[0]), cast.force_user)
    files = {one.kind: one for one in MonthlyFile.objects.filter(month="2024-01-01")}
    street, searched = files["street"], files["stop-and-search"]
    assert {kind: (one.version, one.rows) for kind, one in files.items()} == {
        "street": (1, 40),
        "outcomes": (1, 20),
        "stop-and-search": (1, 20),
    }
    assert (searched.ids_sha256, [vault.exists(one) for one in searched.kept_files()]) == ("", [True])
    found = judging.judged(street.force)
    assert found is not None
    assert len(found.scorecards) == 3
    again = kept(tmp_path, content(*MONTHS) | other_kinds(MONTHS[0], n=31), cast.force_user)
    assert again.unchanged == 3
    assert {one.kind: one.version for one in again.files.all()} == {"outcomes": 2, "stop-and-search": 2}
    page = sign_in(cast.force_user).get(reverse("hub-submission", args=[again.pk])).content.decode()
    assert "Rows: 20 before, 31 now" in page
    assert "11 crime ids came, 0 went" in page
    assert "those of fewer than ten are not shown" in page
    assert "Arrest" not in page


def test_the_same_archive_twice_is_one_submission(tmp_path: Path, cast: SimpleNamespace) -> None:
    files = content(*MONTHS)
    kept(tmp_path, files, cast.force_user)
    done = send(tmp_path, files, cast.force_user)
    assert "received already" in done.links["message"]
    assert Submission.objects.count() == 1
    assert MonthlyFile.objects.count() == 3


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (b"", "2024-02-testshire-street.csv: the file is empty"),
        (content("2024-01")[invented.name_of("2024-01")], "Month is '2024-01'; the file is of 2024-02"),
        (content("2024-02", name="Other Police")[invented.name_of("2024-02")], "reported by 'Other Police'"),
    ],
)
def test_one_bad_file_and_nothing_is_kept(
    tmp_path: Path, cast: SimpleNamespace, spoilt: bytes, said: str
) -> None:
    done = send(tmp_path, content(*MONTHS) | {invented.name_of("2024-02"): spoilt}, cast.force_user)
    assert done.state == Run.State.FAILED
    assert said in done.problems[0]["message"]
    assert (Submission.objects.count(), MonthlyFile.objects.count()) == (0, 0)
    assert not vault.exists(done.params["sha256"])
    assert AuditEvent.objects.filter(event="run.failed").exists()


def test_a_force_sends_its_own_files_alone_and_the_centre_those_of_all(
    tmp_path: Path, cast: SimpleNamespace, other_force: Force
) -> None:
    files = content("2024-01", force="otherton", name=other_force.name)
    refused = send(tmp_path, files, cast.force_user)
    assert (refused.state, Submission.objects.count()) == (Run.State.FAILED, 0)
    assert "your own force alone" in refused.error
    assert kept(tmp_path, files, cast.analyst).files.get().force == other_force


def test_a_force_sees_its_own_alone(
    tmp_path: Path, cast: SimpleNamespace, other_force: Force, sign_in: Any
) -> None:
    submission = kept(tmp_path, content("2024-01"), cast.force_user)
    mixed = kept(
        tmp_path,
        content("2024-02") | content("2024-01", force="otherton", name=other_force.name),
        cast.registrar,
    )
    own, other = sign_in(cast.force_user), sign_in(cast.other_force_user)
    pages = {
        "own": reverse("hub-submission", args=[submission.pk]),
        "mixed": reverse("hub-submission", args=[mixed.pk]),
        "scorecard": reverse("hub-force", args=["testshire"]),
    }
    assert {name: own.get(url).status_code for name, url in pages.items()} == {
        "own": 200,
        "mixed": 404,
        "scorecard": 200,
    }
    assert {name: other.get(url).status_code for name, url in pages.items()} == dict.fromkeys(pages, 404)
    listed = other.get(reverse("hub-submission-list")).content.decode()
    assert "archive.tar.gz" not in listed


def test_an_empty_form_says_what_is_missing_and_keeps_what_was_typed(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    answer = sign_in(cast.force_user).post(reverse("hub-submit"), {"source": "data.police.uk"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Choose the archive" in page
    assert 'value="data.police.uk"' in page
    assert not Run.objects.exists()


def test_a_command_takes_a_folder_and_says_what_is_wrong(
    tmp_path: Path, cast: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    good = invented.folder(tmp_path / "good", content("2024-01"))
    call_command("import_archive", str(good), source="A folder")
    assert "1 monthly file kept" in capsys.readouterr().out
    assert Submission.objects.get().received_by is None
    bad = invented.folder(tmp_path / "bad", content("2024-02") | {invented.name_of("2024-03"): b"x\n"})
    with pytest.raises(SystemExit) as ended:
        call_command("import_archive", str(bad), source="A folder")
    assert ended.value.code == 2
    assert "these are not the columns of a street file" in capsys.readouterr().err
    assert MonthlyFile.objects.count() == 1


def test_one_file_is_an_archive_by_its_name(tmp_path: Path, cast: SimpleNamespace) -> None:
    (path, text), *_ = content("2024-01").items()
    file = tmp_path / path.rpartition("/")[2]
    file.write_bytes(text)
    call_command("import_archive", str(file), source="One file")
    assert MonthlyFile.objects.get().rows == 40


@pytest.mark.slow
def test_a_real_archive_by_one_command(cast: SimpleNamespace, sign_in: Any) -> None:
    names = (
        "police_uk_surrey.tar.gz",
        "real/lsoa11_lsoa21_lad22_lookup.csv.gz",
        "recorded_crime_csp_ye_dec2024.csv",
    )
    archive, lookup, districts = (shared_data.find(name) for name in names)
    if archive is None or lookup is None or districts is None:
        pytest.skip("the real archives are not beside the checkout")
    call_command("load_areas", str(lookup), districts=districts, vintage="LSOAs of 2011 and 2021")
    call_command("import_archive", str(archive), source="data.police.uk")
    page = html.unescape(sign_in(cast.registrar).get(reverse("hub-force", args=["surrey"])).content.decode())
    for said in (
        "No file for 2021-09 to 2021-11",
        "16.8% to 20.6% of rows have a blank street name",
        "2022-07 has no row without a place",
        "1,575 of 192,729 rows with a place (0.8%)",
        "26 of 29 months may be compared",
    ):
        assert said in page, said
    assert sum(one.rows for one in MonthlyFile.objects.all()) == 197_435


def test_loading_areas_tells_of_codes_that_stand_beside_another_name(
    tmp_path: Path, cast: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    lookup, districts = tmp_path / "lookup.csv", tmp_path / "districts.csv"
    lookup.write_text("LSOA11CD,LSOA21CD,CHGIND,LAD22CD,LAD22NM\nE01000001,E01000001,U,E09999991,Hereby\n")
    row = "E23000099,Testshire,E09999991\n"
    districts.write_text(
        f"pfa_code,pfa_name,la_code\n{row}{row.replace('E09999991', '')}E23000099,Otherton,\n"
    )
    call_command("load_areas", str(lookup), districts=districts, vintage="Of this test")
    said = capsys.readouterr()
    assert "line 4: the code E23000099 stands beside the name Otherton" in said.err
    assert "1 areas of Of this test" in said.out

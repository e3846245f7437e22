"""Counts of offences by title: kept whole or refused whole, a month in versions, each force its own."""

import html
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from centre.errors import Conflict, Invalid, NotPermitted, TooLarge
from centre.hub.actions import offences
from centre.models import AuditEvent, Force, OffenceFile, OffenceMonth
from tests.integration.hub.harmed import HEAD, loaded, sent
from tests.integration.hub.standing import page_of

pytestmark = pytest.mark.django_db
URL = "/api/v1/hub/offences/"
JANUARY = "testshire,2026-01,Robbery,3"


def test_a_month_that_changes_becomes_a_version_sent_whole_and_the_old_one_stays(
    cast: SimpleNamespace,
) -> None:
    first = sent(cast.force_user, JANUARY, "testshire,2026-01,Assault,5", "testshire,2026-02,Robbery,1")
    again = sent(cast.force_user, "testshire,2026-01,Robbery,", "testshire,2026-02,Robbery,1")
    assert (again.unchanged, again.months.get().version, first.months.count()) == (1, 2, 2)
    newest = OffenceMonth.objects.newest().order_by("month")
    assert [one.counts for one in newest] == [{"Robbery": None}, {"Robbery": 1}]  # nothing is carried over
    with pytest.raises(Conflict, match="already"):
        sent(cast.force_user, "testshire,2026-01,Robbery,")
    event = AuditEvent.objects.filter(event="offences.received").last()
    assert event.detail == {"sha256": again.sha256, "months": 1, "unchanged": 1}


def test_the_same_counts_with_another_word_on_what_is_absent_are_a_version(cast: SimpleNamespace) -> None:
    sent(cast.force_user, JANUARY)
    assert sent(cast.force_user, JANUARY, absent_is_none=True).months.get().version == 2


def test_a_force_sends_and_sees_its_own_alone(
    cast: SimpleNamespace, other_force: Force, sign_in: Any
) -> None:
    with pytest.raises(Invalid, match="Line 2: “otherton” is not a force that you send counts of"):
        sent(cast.force_user, "otherton,2026-01,Robbery,3")
    assert not OffenceFile.objects.exists()
    with pytest.raises(NotPermitted):
        sent(cast.researcher, JANUARY)
    own = sent(cast.force_user, JANUARY)
    mixed = sent(cast.registrar, "testshire,2026-01,Robbery,4", "otherton,2026-01,Robbery,9")
    client = sign_in(cast.force_user)
    assert "1 month kept" in page_of(client, "hub-offence-file", own.pk)
    assert client.get(reverse("hub-offence-file", args=[mixed.pk])).status_code == 404
    assert "3 of 1 title" in page_of(sign_in(cast.analyst), "hub-offence-file", mixed.pk)
    listed = client.get(URL, {"sort": "version"}).json()["results"]
    assert [(one["force"], one["version"], one["counts"]) for one in listed] == [
        ("testshire", 1, {"Robbery": 3}),
        ("testshire", 2, {"Robbery": 4}),
    ]
    everything = sign_in(cast.analyst)
    (theirs,) = everything.get(URL, {"force": "otherton", "month": "2026-01-01"}).json()["results"]
    assert (theirs["file"], theirs["absent_is_none"]) == (str(mixed.pk), False)
    assert everything.get(URL, {"force": "otherton", "month": "2026-02-01"}).json()["results"] == []


def test_a_bad_row_is_named_on_the_page_and_nothing_is_kept(cast: SimpleNamespace, sign_in: Any) -> None:
    loaded()
    file = SimpleUploadedFile(
        "counts.csv", "\n".join((HEAD, JANUARY, "testshire,2026-01,Roberry,1")).encode()
    )
    given = {"file": file, "source": "Crime system", "absent_is_none": "on"}
    answer = sign_in(cast.force_user).post(reverse("hub-offences-send"), given)
    assert answer.status_code == 422
    page = html.unescape(answer.content.decode())
    assert "Line 3: “Roberry” is no offence of a loaded table of weights: did you mean “Robbery”?" in page
    assert 'value="Crime system"' in page
    assert "checked" in page
    assert not OffenceMonth.objects.exists()


def test_counts_are_sent_by_page_and_by_api(cast: SimpleNamespace, sign_in: Any) -> None:
    loaded()
    client = sign_in(cast.force_user)
    assert "Invented index (1)" in page_of(client, "hub-offences-send")

    def given(row: str) -> dict[str, Any]:
        file = SimpleUploadedFile("counts.csv", f"{HEAD}\n{row}\n".encode())
        return {"file": file, "source": "Crime system", "absent_is_none": "true"}

    gone_to = client.post(reverse("hub-offences-send"), given(JANUARY))["Location"]
    assert "was not recorded" in html.unescape(client.get(gone_to).content.decode())
    answer = client.post(URL, given("testshire,2026-02,Robbery,0"))
    assert answer.status_code == 201
    assert (answer.json()["n_months"], answer.json()["absent_is_none"]) == (1, True)
    refused = client.post(URL, given("testshire,2026-02,Robbery,-1"))
    assert refused.status_code == 400
    assert "Line 2: count is “-1”" in refused.json()["detail"]
    assert OffenceMonth.objects.count() == 2


def test_a_file_is_refused_without_titles_and_where_it_is_too_large(cast: SimpleNamespace) -> None:
    said = {"filename": "x.csv", "source": "A test", "absent_is_none": False, "by": cast.force_user}
    with pytest.raises(Invalid, match="No table of weights is loaded"):
        offences.receive(content=f"{HEAD}\n{JANUARY}\n".encode(), **said)
    with pytest.raises(TooLarge, match="5 MB or smaller"):
        offences.receive(content=b"x" * (offences.LARGEST + 1), **said)


def test_a_command_loads_counts_or_says_what_is_wrong(
    cast: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded()
    file = tmp_path / "counts.csv"
    file.write_text(f"{HEAD}\n{JANUARY}\n", encoding="utf-8")
    call_command("load_offences", str(file), "--absent-is-none", source="A test")
    assert "1 months kept, 0 unchanged" in capsys.readouterr().out
    assert OffenceFile.objects.get().absent_is_none
    file.write_text(f"{HEAD}\natlantis,2026-01,Robbery,1\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command("load_offences", str(file), source="A test")
    assert ended.value.code == 2
    assert "Line 2: “atlantis” is not a force" in capsys.readouterr().err

"""Figures and groups: kept whole or refused whole, every version for ever, each force its own, missing never 0."""

import datetime as dt
import html
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import FigureFile, Force, PeerGroup, StandardFigure
from tests.integration.hub.standing import HEAD, OUTCOME, grouped, page_of, rows, sent

pytestmark = pytest.mark.django_db


def test_a_figure_that_changes_becomes_a_version_and_missing_is_not_nought(
    cast: SimpleNamespace, dictionary: None
) -> None:
    first = sent(cast.force_user, *rows("testshire", 40, months=["2026-01", "2026-02"]))
    again = sent(
        cast.force_user,
        f"testshire,{OUTCOME},2026-01,,,counted",
        *rows("testshire", 41, months=["2026-02"]),
    )
    assert (again.unchanged, again.figures.get().version, first.figures.count()) == (1, 2, 2)
    newest = StandardFigure.objects.newest().order_by("first_month")
    assert [one.value for one in newest] == [None, 41]
    with pytest.raises(Conflict, match="already"):
        sent(cast.force_user, f"testshire,{OUTCOME},2026-01,,,counted")


def test_months_within_a_period_that_the_hub_has_are_refused(cast: SimpleNamespace, dictionary: None) -> None:
    sent(cast.force_user, f"testshire,{OUTCOME},2025-04/2026-03,800,1000,counted")
    with pytest.raises(Invalid, match="Line 2: 2025-04 to 2026-03 is one figure in the hub"):
        sent(cast.force_user, *rows("testshire", 40, months=["2026-03"]))
    assert StandardFigure.objects.count() == 1


def test_a_force_sends_its_own_figures_alone_and_sees_its_own_files(
    cast: SimpleNamespace, dictionary: None, other_force: Force, sign_in: Any
) -> None:
    with pytest.raises(Invalid, match="Line 2: “otherton” is not a force that you send figures of"):
        sent(cast.force_user, *rows("otherton", 40))
    assert not FigureFile.objects.exists()
    own = sent(cast.force_user, *rows("testshire", 40))
    mixed = sent(cast.registrar, *rows("testshire", 41), *rows("otherton", 40))
    client = sign_in(cast.force_user)
    assert "14 figures kept" in page_of(client, "hub-figure-file", own.pk)
    assert client.get(reverse("hub-figure-file", args=[mixed.pk])).status_code == 404
    assert "14 of them a new version" in page_of(sign_in(cast.analyst), "hub-figure-file", mixed.pk)


def test_a_bad_row_is_named_on_the_page_and_nothing_is_kept(
    cast: SimpleNamespace, dictionary: None, sign_in: Any
) -> None:
    content = "\n".join((HEAD, *rows("testshire", 40), f"testshire,{OUTCOME},2026-06,n/a,100,counted"))
    file = SimpleUploadedFile("figures.csv", content.encode())
    answer = sign_in(cast.force_user).post(
        reverse("hub-figures-send"), {"file": file, "source": "Duty system"}
    )
    assert answer.status_code == 422
    page = html.unescape(answer.content.decode())
    assert "Line 16: value is “n/a”" in page
    assert 'value="Duty system"' in page
    assert not StandardFigure.objects.exists()


def test_figures_are_sent_by_api_once_for_a_key_and_listed_to_whom_they_concern(
    cast: SimpleNamespace, dictionary: None, other_force: Force, sign_in: Any
) -> None:
    address, client = reverse("api-figure-list"), sign_in(cast.force_user)

    def post(*lines: str, key: str = "one") -> Any:
        file = SimpleUploadedFile("figures.csv", "\n".join((HEAD, *lines)).encode())
        return client.post(address, {"file": file, "source": "Duty system"}, headers={"Idempotency-Key": key})

    months = ["2026-01", "2026-02"]
    first = post(*rows("testshire", 40, months=months))
    assert first.status_code == 201
    assert (first.json()["n_figures"], first.json()["unchanged"]) == (2, 0)
    again = post(*rows("testshire", 40, months=months))
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    for lines, said in (
        (rows("otherton", 40), "“otherton” is not a force that you send figures of"),
        ([f"testshire,{OUTCOME},2026-03,n/a,100,counted"], "Line 2: value is “n/a”"),
    ):
        refused = post(*lines, key="two")
        assert refused.status_code == 400
        assert said in refused.json()["errors"][0]["message"]
    assert post(*rows("testshire", 40, months=months), key="three").status_code == 409
    assert (FigureFile.objects.count(), StandardFigure.objects.count()) == (1, 2)
    sent(cast.registrar, *rows("otherton", 41, months=months))
    (newest, _) = client.get(address).json()["results"]
    assert (newest["force"], newest["value"], newest["first_month"], newest["version"]) == (
        "testshire",
        41,
        "2026-02-01",
        1,
    )
    everything = sign_in(cast.analyst).get(address + "?force=otherton").json()["results"]
    assert {one["force"] for one in everything} == {"otherton"}
    assert sign_in(cast.researcher).get(address).status_code == 403
    assert sign_in(cast.sponsor).post(address, {"source": "x"}).status_code == 403


def test_commands_load_figures_and_groups_or_say_what_is_wrong(
    cast: SimpleNamespace, dictionary: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures, groups = tmp_path / "figures.csv", tmp_path / "groups.csv"
    figures.write_text("\n".join((HEAD, *rows("testshire", 40))))
    groups.write_text(
        "group,valid_from,source,licence,force\n"
        "South,2026-01-01,A list,OGL,surrey\nSouth,2026-01-01,A list,OGL,kent\n"
    )
    call_command("load_figures", str(figures), source="A test")
    call_command("load_peer_groups", str(groups))
    said = capsys.readouterr().out
    assert "14 figures kept, 0 unchanged" in said
    assert "South, version 1: 2 forces" in said
    groups.write_text("group,valid_from,source,licence,force\nSouth,2026-01-01,A list,OGL,atlantis\n")
    for command in (("load_peer_groups", str(groups)), ("load_figures", str(groups), "--source=x")):
        with pytest.raises(SystemExit) as ended:
            call_command(*command)
        assert ended.value.code == 2
    assert "Line 2: “atlantis” is no force" in capsys.readouterr().err


def test_a_group_that_differs_becomes_a_version_and_holds_from_its_day(cast: SimpleNamespace) -> None:
    first = grouped(cast.registrar, "surrey", "kent")
    with pytest.raises(Conflict, match="already"):
        grouped(cast.registrar, "kent", "surrey")
    second = grouped(cast.registrar, "surrey", "kent", "essex", valid_from="2026-03-01")
    assert (second.version, first.members.count()) == (2, 2)
    assert PeerGroup.objects.in_force(on=dt.date(2026, 2, 1)).get() == first
    assert PeerGroup.objects.in_force(on=dt.date(2026, 3, 1)).get() == second
    with pytest.raises(Invalid, match="already: a version begins later"):
        grouped(cast.registrar, "surrey", "essex")
    with pytest.raises(NotPermitted):
        grouped(cast.analyst, "surrey", "essex", name="Another")

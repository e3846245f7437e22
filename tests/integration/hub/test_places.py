"""Where within a force it rises: a planted group of areas is found and shown, to those who may see the force."""

import html
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from centre import runs
from centre.errors import NotPermitted
from centre.hub import placing
from centre.hub.actions import place_scans
from centre.models import AuditEvent, Force, PlaceScan, Run
from tests.integration.hub import placed, sent

pytestmark = pytest.mark.django_db


def said(client: Any, name: str, *parts: Any, **query: str) -> str:
    """Return the words of a page."""
    answer = client.get(reverse(name, args=parts), query)
    assert answer.status_code == 200, answer.status_code
    return " ".join(html.unescape(answer.content.decode()).split())


def test_a_planted_rise_is_found_and_shown_to_the_force_alone(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    placed.kept(tmp_path, cast.analyst)
    scan = placed.scanned(cast.analyst)
    (found,) = scan.found
    assert (found["measure"], found["areas"], found["start"], found["end"]) == (
        "burglary",
        [placed.WHERE],
        "2026-02",
        "2026-03",
    )
    assert found["observed"] > 2 * found["expected"]
    assert found["q_value"] <= 0.05
    assert len(scan.months) == 14
    assert scan.places["areas"] == [f"E0100000{n}" for n in range(1, 7)]
    assert scan.places["longitude"][2] == pytest.approx(-0.48)
    reasons = {one["measure"]: one["reason"] for one in scan.categories}
    assert reasons["drugs"] == "0 were counted with a place; 20 are needed"
    assert AuditEvent.objects.get(event="place_scan.kept").detail["n_found"] == 1

    own, other = sign_in(cast.force_user), sign_in(cast.other_force_user)
    page = said(own, "hub-place-scan", scan.pk)
    assert "Burglary rose most clearly around Hereby 001A: " in page
    assert f"Hereby 001A ({placed.WHERE})" in page
    assert "<svg" in page
    assert "1 group of areas was found to rise beyond chance" in said(own, "hub-force-places", "testshire")
    for name, part in (("hub-place-scan", scan.pk), ("hub-force-places", "testshire")):
        assert other.get(reverse(name, args=[part])).status_code == 404
    assert own.get("/api/v1/hub/places/?force=testshire").json()["results"][0]["found"][0]["areas"] == [
        placed.WHERE
    ]
    assert other.get("/api/v1/hub/places/").json()["results"] == []
    assert other.get(f"/api/v1/hub/places/{scan.pk}/").status_code == 404


def test_the_same_files_are_scanned_once_and_the_order_of_rows_changes_no_figure(
    tmp_path: Path, cast: SimpleNamespace
) -> None:
    placed.kept(tmp_path, cast.analyst)
    first = placed.scanned(cast.analyst, "burglary")
    assert placed.scanned(cast.registrar, "burglary") == first
    sent.kept(tmp_path, placed.files(backwards=True), cast.analyst)
    second = placed.scanned(cast.analyst, "burglary")
    assert second.inputs_sha256 != first.inputs_sha256
    assert (second.results_sha256, second.places) == (first.results_sha256, first.places)


def test_a_month_without_a_file_is_left_out_and_never_taken_for_nothing(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    given = placed.files(15)
    del given["2025-08/2025-08-testshire-street.csv"]
    sent.kept(tmp_path, given, cast.analyst)
    scan = placed.scanned(cast.analyst, "burglary")
    assert "2025-08" not in scan.months
    assert len(scan.months) == 14
    assert "1 month in between is not to be compared" in said(
        sign_in(cast.analyst), "hub-place-scan", scan.pk
    )


def test_what_cannot_be_scanned_is_refused_with_the_reason(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    client, url = sign_in(cast.analyst), reverse("hub-force-places", args=["testshire"])
    assert "No scan has looked within this force yet." in said(client, "hub-force-places", "testshire")
    answer = client.post(url, {"measure": "burglary"})
    assert answer.status_code == 409
    assert "has sent no file yet" in answer.content.decode()
    assert client.post(url, {"measure": "poems"}).status_code == 422
    sent.kept(tmp_path, sent.content("2026-01", "2026-02"), cast.analyst)
    answer = client.post(url, {"measure": "burglary"})
    assert answer.status_code == 409
    assert "2 months of Testshire Police (invented) may be compared; 12 are needed" in answer.content.decode()
    assert not Run.objects.filter(task=place_scans.TASK).exists()


def test_files_without_places_end_the_run_with_the_reason(tmp_path: Path, cast: SimpleNamespace) -> None:
    placeless = {
        path: b"\n".join(
            b",".join([*cells[:4], b"", b"", b"No Location", b"", b"", *cells[9:]])
            if at and len(cells) > 9
            else line
            for at, line in enumerate(text.split(b"\n"))
            for cells in [line.split(b",")]
        )
        for path, text in placed.files().items()
    }
    sent.kept(tmp_path, placeless, cast.analyst)
    run = place_scans.request(force=Force.objects.get(slug="testshire"), measure="burglary", by=cast.analyst)
    assert (
        place_scans.request(force=Force.objects.get(slug="testshire"), measure="burglary", by=cast.registrar)
        == run
    )
    done = runs.execute(str(run.pk), placing.find)
    assert done is not None
    assert done.state == Run.State.FAILED
    assert "so there is no where" in done.error
    assert not PlaceScan.objects.exists()


def test_only_those_who_judge_signals_ask_for_a_scan(
    tmp_path: Path, cast: SimpleNamespace, sign_in: Any
) -> None:
    placed.kept(tmp_path, cast.analyst)
    url = reverse("hub-force-places", args=["testshire"])
    for person in (cast.force_user, cast.reviewer):
        with pytest.raises(NotPermitted):
            place_scans.request(force=Force.objects.get(slug="testshire"), measure="burglary", by=person)
        client = sign_in(person)
        assert "Scan now" not in said(client, "hub-force-places", "testshire")
        assert client.post(url, {"measure": "burglary"}).status_code == 403
    assert sign_in(cast.other_force_user).post(url, {"measure": "burglary"}).status_code == 404
    answer = sign_in(cast.analyst).post(url, {"measure": "burglary"})
    assert answer.status_code == 302
    assert Run.objects.get(task=place_scans.TASK).params["measure"] == "burglary"

"""The unit list, the draw and the reveal in the browser's way; and who may see whom."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.models import Allocation
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, status, summary, words

pytestmark = pytest.mark.django_db


def listed(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("units.csv", text.encode(), "text/csv")


def test_a_list_is_frozen_and_its_commitment_is_public(cast: Any, sign_in: Any, client: Any) -> None:
    trial = stages.baseline(cast)
    custodian = sign_in(cast.custodian)
    assert "the id of each unit, each once" in words(custodian.get(address(trial, "trial-allocation-freeze")))
    sent = {"file": listed(stages.unit_csv())}
    assert custodian.post(address(trial, "trial-allocation-freeze"), sent).status_code == 302
    allocation = Allocation.objects.get()
    text = words(client.get(address(trial, "trial-allocation")))
    assert allocation.commitment in text
    assert allocation.unit_list_sha256 in text
    assert "Secret until the data are locked" in text


def test_a_list_can_be_pasted(cast: Any, sign_in: Any) -> None:
    trial = stages.baseline(cast)
    url = address(trial, "trial-allocation-freeze")
    assert sign_in(cast.custodian).post(url, {"pasted": stages.unit_csv()}).status_code == 302
    assert Allocation.objects.get().n_units == stages.N_UNITS


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        ("", "Choose a file, or paste the list"),
        ("name\nU1\n", "Column 'unit' is missing"),
        ("unit\nU1\nU2\nU1\n", "Unit U1 appears twice (rows 2 and 4)"),
        ("unit\nU1\n", "2 arms need at least 2 units"),
        ("unit,force\nU1,elsewhere\nU2,elsewhere\n", "is not a force of this trial"),
        ("unit\n", "No data rows"),
    ],
)
def test_a_list_that_cannot_be_drawn_is_refused_line_by_line(
    cast: Any, sign_in: Any, pasted: str, message: str
) -> None:
    trial = stages.baseline(cast)
    before = refusals()
    response = sign_in(cast.custodian).post(address(trial, "trial-allocation-freeze"), {"pasted": pasted})
    assert response.status_code == 422
    assert message in summary(response)
    assert response.context["form"]["pasted"].value() == pasted
    assert refusals() == before + 1
    assert not Allocation.objects.exists()


def test_a_list_comes_one_way_only(cast: Any, sign_in: Any) -> None:
    trial = stages.baseline(cast)
    sent = {"file": listed(stages.unit_csv()), "pasted": stages.unit_csv()}
    response = sign_in(cast.custodian).post(address(trial, "trial-allocation-freeze"), sent)
    assert response.status_code == 422
    assert "Send a file or paste the list, not both" in summary(response)


def test_the_draw_happens_once_and_only_by_the_word(cast: Any, sign_in: Any) -> None:
    trial = stages.frozen(cast)
    client, url = sign_in(cast.custodian), address(trial, "trial-allocation-draw")
    assert client.post(url, {"confirm": "yes"}).status_code == 422
    assert not stages.fresh(trial).allocation.is_drawn
    assert client.post(url, {"confirm": "draw"}).status_code == 302
    again = client.post(url, {"confirm": "draw"})
    assert again.status_code == 409
    assert "Already allocated on" in summary(again)


def test_the_seed_stays_secret_until_the_lock(cast: Any, sign_in: Any) -> None:
    trial = stages.drawn(cast)
    response = sign_in(cast.custodian).post(address(trial, "trial-allocation-reveal"), {"confirm": "reveal"})
    assert response.status_code == 409
    assert "when the data are locked, not before" in summary(response)


def test_anyone_replays_the_draw_with_what_the_page_gives(
    cast: Any, sign_in: Any, client: Any, tmp_path: Path
) -> None:
    trial = stages.locked(cast)
    assert status(client, address(trial, "trial-allocation-list")) == 404
    sign_in(cast.custodian).post(address(trial, "trial-allocation-reveal"), {"confirm": "reveal"})
    assert "Check it yourself" in words(client.get(address(trial, "trial-allocation")))
    for name, room in (
        ("verify.py", "verifier"),
        ("record.json", "record"),
        ("list.csv", "list"),
        ("canonical.csv", "units"),
    ):
        content = client.get(address(trial, f"trial-allocation-{room}")).content
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "verify.py", "record.json", "list.csv"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, "MATCH" in done.stdout) == (0, True), done.stdout + done.stderr
    hashed = hashlib.sha256((tmp_path / "canonical.csv").read_bytes()).hexdigest()
    assert hashed == stages.fresh(trial).allocation.unit_list_sha256


def test_who_sees_the_list(cast: Any, sign_in: Any) -> None:
    trial = stages.drawn(cast)
    page, download = address(trial, "trial-allocation"), address(trial, "trial-allocation-list")
    for person, code in (
        (cast.custodian, 200),
        (cast.analyst, 403),
        (cast.reviewer, 403),
        (cast.other_force_user, 404),
        (cast.researcher, 404),
        (cast.anonymous, 404),
    ):
        client = sign_in(person)
        assert status(client, download) == code, person
        assert bool(client.get(page).context["rows"]) is (code == 200), person
        record = address(trial, "trial-allocation-record")
        assert status(client, record) == (200 if person is cast.custodian else 404), person
        assert ("Hash of the allocation" in words(client.get(page))) is (person is cast.custodian), person


def test_a_force_sees_its_own_units_only(cast: Any, sign_in: Any, other_force: Any) -> None:
    trial = stages.baseline(cast)
    trial.sites.create(force=other_force, area="North")
    half = stages.N_UNITS // 2
    text = "unit,force\n" + "".join(
        f"{line.unit},{'testshire' if place < half else 'otherton'}\n"
        for place, line in enumerate(stages.lines())
    )
    sign_in(cast.custodian).post(address(trial, "trial-allocation-freeze"), {"pasted": text})
    sign_in(cast.custodian).post(address(trial, "trial-allocation-draw"), {"confirm": "draw"})
    content = sign_in(cast.other_force_user).get(address(trial, "trial-allocation-list")).content.decode()
    assert len(content.splitlines()) == half + 1
    assert "U001" not in content
    assert status(sign_in(cast.other_force_user), address(trial, "trial-allocation-units")) == 404


def test_only_the_custodian_freezes_draws_and_reveals(cast: Any, sign_in: Any) -> None:
    trial = stages.baseline(cast)
    for person in (cast.force_user, cast.analyst, cast.registrar, cast.researcher):
        client = sign_in(person)
        for room in ("freeze", "draw", "reveal"):
            url = address(trial, f"trial-allocation-{room}")
            assert status(client, url) == 403, (person, room)
            assert client.post(url, {"pasted": stages.unit_csv(), "confirm": room}).status_code == 403
    assert not Allocation.objects.exists()

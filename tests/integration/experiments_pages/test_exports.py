"""Exports as pages and by the API: real trials registered through the actions, and what each export then says."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from experiments import exports
from experiments.actions import trials
from experiments.exports import TARGETS
from experiments.models import Trial
from tests.conftest import make_force
from tests.integration.experiments_pages import stages
from tests.integration.tactics import library
from tests.unit.experiments.exports.real_trials import REAL

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SCHEMAS = Path(exports.__file__).parent / "schemas"
ANSWERED_BY_THE_RECORD = ("1", "2", "18")


def registered(cast: Any, name: str) -> Trial:
    tactic = library.published(cast.registrar, "A tactic of a published trial", is_simulated=True)
    for force in ("essex", "bedfordshire", "kent", "west-yorkshire"):
        make_force(force)
    written = {**REAL[name], "tactic": {"slug": tactic.slug, "version": tactic.version}}
    trial = trials.start(
        title=written["title"]["public_title"], by=cast.force_user, tactic=tactic, is_simulated=True
    )
    trial = trials.save(trial=trial, document=written, edition=trial.protocol_edition, by=cast.force_user)
    return stages.registered_as_it_is(cast, trial)


@pytest.mark.parametrize("name", REAL)
def test_a_real_trial_is_registered_and_exported(cast: Any, sign_in: Any, name: str) -> None:
    trial, client = registered(cast, name), sign_in(cast.anonymous)
    assert client.get(f"/trials/{trial.ref}/exports/").status_code == 200
    for slug, target in TARGETS.items():
        page = client.get(f"/trials/{trial.ref}/exports/{slug}/")
        assert page.status_code == 200
        assert target.name in page.content.decode()
        answer = client.get(f"/api/v1/trials/{trial.ref}/exports/{slug}/")
        schema = json.loads((SCHEMAS / f"{slug}.json").read_text(encoding="utf-8"))
        jsonschema.validate(answer.json(), schema)
    found = {
        one["item"]: one for one in client.get(f"/api/v1/trials/{trial.ref}/exports/who/").json()["items"]
    }
    assert found["1"]["text"] == f"Tactic Registry, {trial.number}"
    assert "Registration was: retrospective" in found["2"]["text"]
    assert {found[item]["status"] for item in ANSWERED_BY_THE_RECORD} == {"answered"}
    assert found["23"]["missing"] == "No result of this trial is published in this registry yet."


def test_links_lead_to_fields_of_the_document(cast: Any, sign_in: Any) -> None:
    trial, client = registered(cast, "rowan"), sign_in(cast.anonymous)
    page = client.get(f"/trials/{trial.ref}/exports/spirit/").content.decode()
    assert f'href="/trials/{trial.ref}/document/#/funding/sources"' in page
    assert 'id="/funding/sources"' in client.get(f"/trials/{trial.ref}/document/").content.decode()


def test_a_published_result_is_named_with_its_address(cast: Any, sign_in: Any) -> None:
    release = stages.published(cast)
    client = sign_in(cast.anonymous)
    address = f"/trials/{release.trial.number}/releases/{release.public_id}/"
    who = client.get(f"/api/v1/trials/{release.trial.number}/exports/who/").json()
    assert address in next(one["text"] for one in who["items"] if one["item"] == "23")
    consort = client.get(f"/api/v1/trials/{release.trial.number}/exports/consort/").json()
    analysed = next(one["text"] for one in consort["items"] if one["item"] == "26")
    assert address in analysed
    assert "40 units" in analysed


def test_an_unknown_export_is_not_there(cast: Any, sign_in: Any) -> None:
    trial, client = stages.registered(cast), sign_in(cast.anonymous)
    assert client.get(f"/trials/{trial.ref}/exports/nothing/").status_code == 404
    assert client.get(f"/api/v1/trials/{trial.ref}/exports/nothing/").status_code == 404


def test_a_draft_says_that_it_is_one(cast: Any, sign_in: Any) -> None:
    trial = stages.draft(cast)
    page = sign_in(cast.force_user).get(f"/trials/{trial.ref}/exports/who/").content.decode()
    assert "From a draft. Nothing in it is promised yet." in page
    assert "Not registered yet: this is a draft." in page

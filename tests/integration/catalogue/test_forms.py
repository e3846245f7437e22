"""Rows of the catalogue about protocols and unit lists that no other test meets."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from centre.models import Run
from experiments import protocol, tasks
from experiments.actions import allocations, conduct, trials
from experiments.models import Allocation, Dataset, Trial
from experiments.unit_list import UnitLine
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, refusals, summary, words

pytestmark = pytest.mark.django_db


def rewritten(trial: Trial, by: Any, **sections: Any) -> Trial:
    """Return the draft with other sections."""
    document = {**protocol.to_json(trial.draft), **sections}
    return trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=by)


def test_a_trial_that_has_started_is_taken_and_labelled(cast: Any, sign_in: Any) -> None:
    """[11]"""
    trial = stages.draft(cast)
    dates = protocol.to_json(trial.draft)["dates"]
    dates["first_unit"]["date"] = str(timezone.localdate() - dt.timedelta(days=30))
    trial = rewritten(trial, cast.force_user, dates=dates)
    page = words(sign_in(cast.force_user).get(address(trial, "trial-protocol")))
    assert "This trial started before it was registered. It will be labelled retrospective" in page


def test_two_primary_outcomes_need_an_adjustment(cast: Any, sign_in: Any) -> None:
    """[14]"""
    trial = stages.draft(cast)
    document = protocol.to_json(trial.draft)
    second = {**document["outcomes"][0], "id": "again", "column": "again"}
    plan = {**document["analysis_plan"], "multiplicity": "none"}
    trial = rewritten(trial, cast.force_user, outcomes=[*document["outcomes"], second], analysis_plan=plan)
    client, before = sign_in(cast.force_user), refusals()
    refused = client.post(address(trial, "trial-submit"))
    assert refused.status_code == 422
    assert "Say how you will adjust for 2 primary outcomes" in words(refused)
    assert refusals() == before + 1
    assert stages.fresh(trial).registration_state == "draft"


def test_strata_too_small_for_their_arms(cast: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """[21]"""
    monkeypatch.setattr(stages, "PLAN", replace(stages.PLAN, method="stratified", strata=("beat",)))
    trial = stages.baseline(cast)
    pasted = "unit,stratum\n" + "".join(f"U{n},{'A' if n < 6 else n}\n" for n in range(9))
    refused = sign_in(cast.custodian).post(address(trial, "trial-allocation-freeze"), {"pasted": pasted})
    assert refused.status_code == 422
    assert "4 strata leave fewer than 2 units in 3 strata" in summary(refused)
    assert refused.context["form"]["pasted"].value() == pasted
    assert not Allocation.objects.exists()


def test_a_unit_of_another_live_trial(cast: Any, sign_in: Any) -> None:
    """[23]"""
    first = stages.baseline(cast)
    lines = [UnitLine(line.unit, force="testshire") for line in stages.lines()]
    allocations.freeze_units(trial=first, lines=lines, by=cast.custodian)
    trial = stages.baseline(cast)
    sent = {"pasted": "unit,force\n" + "".join(f"{line.unit},testshire\n" for line in lines)}
    client, url, before = sign_in(cast.custodian), address(trial, "trial-allocation-freeze"), refusals()
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert f"U001 is already in trial {first.number}; choose another or explain" in summary(refused)
    assert refusals() == before + 1
    assert stages.fresh(trial).allocation is None
    assert client.post(url, {**sent, "overlap_reason": "The two tactics do not touch."}).status_code == 302


def test_nothing_is_allocated_before_the_protocol_is_frozen(cast: Any, sign_in: Any) -> None:
    """[28]"""
    trial, before = stages.approved(cast), refusals()
    sent = {"pasted": stages.unit_csv()}
    refused = sign_in(cast.custodian).post(address(trial, "trial-allocation-freeze"), sent)
    assert refused.status_code == 409
    assert "Freeze the protocol first" in summary(refused)
    assert refused.context["form"]["pasted"].value() == sent["pasted"]
    assert refusals() == before + 1
    assert not Allocation.objects.exists()


def test_another_force_s_unit_is_named_without_details(cast: Any, sign_in: Any, other_force: Any) -> None:
    """[45]"""
    trial = stages.baseline(cast)
    trial.sites.create(force=other_force, area="North")
    lines = [
        UnitLine(line.unit, force="testshire" if place else "otherton")
        for place, line in enumerate(stages.lines())
    ]
    allocations.freeze_units(trial=trial, lines=lines, by=cast.custodian)
    allocations.draw(trial=stages.fresh(trial), by=cast.custodian)
    trial = conduct.advance(trial=stages.fresh(trial), to="delivering", by=cast.registrar)
    client = sign_in(cast.other_force_user)
    sent = {"kind": "outcome", "file": SimpleUploadedFile("calls.csv", stages.outcomes(trial))}
    answer = client.post(address(trial, "trial-data-upload"), sent)
    run_id = answer["Location"].rstrip("/").rsplit("/", 1)[-1]
    tasks.ingest(run_id)
    page = words(client.get(reverse("run-detail", args=[run_id])))
    assert Run.objects.get(pk=run_id).state == Run.State.FAILED
    assert "U002 belongs to another force" in page
    assert "testshire" not in page.lower()
    assert not Dataset.objects.exists()

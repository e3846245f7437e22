"""From an idea to a rated page, through the pages, by the right person at each step; the others are turned away.

A real worker checks the data and runs the plan.
"""

import csv
import io
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from centre import audit
from centre.models import Run
from experiments.forms.plan import as_text
from experiments.forms.questions import STEPS
from experiments.forms.sources import sources_for
from experiments.forms.step import StepForm
from experiments.models import Allocation, Analysis, Release, Trial
from tactics.models import Finding, Rating, Tactic
from tests.conftest import Worker
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, fields_of, seen, words
from tests.integration.tactics.library import details
from tests.integration.way import Door

# Enough that the trial could have found a small difference: a smaller one is rated inconclusive.
N_UNITS = 800

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_tactic_becomes_a_rated_page(
    cast: Any, sign_in: Any, worker: Worker, client: Any, tmp_path: Path
) -> None:
    door = Door(cast, sign_in)
    tactic = propose_and_publish(door)
    trial = write_and_register(door, tactic)
    allocate(door, trial)
    send_data(door, trial)
    effect = analyse_and_release(door, trial)
    finish_and_replay_the_draw(door, trial, client, tmp_path)
    rate(door, tactic)
    everybody_reads_it(client, tactic, trial, effect)
    assert audit.verify().holds


def propose_and_publish(door: Door) -> Tactic:
    answers = {name: value for name, value in vars_of(details("Visits after a call")).items() if value}
    door.only("force_user", reverse("tactic-propose"), answers, also=("registrar", "other_force_user"))
    tactic = Tactic.objects.get()
    for stranger in ("other_force_user", "researcher", "anonymous"):
        assert door.clients[stranger].get(tactic.get_absolute_url()).status_code == 404
    door.only("publisher", reverse("tactic-publish", args=[tactic.slug]), also=("registrar",))
    tactic.refresh_from_db()
    return tactic


def write_and_register(door: Door, tactic: Tactic) -> Trial:
    start = {"title": stages.PLAN.title, "tactic": tactic.slug, "lead_force": "testshire"}
    door.only("force_user", reverse("trial-new"), start, also=("registrar", "other_force_user"))
    trial = Trial.objects.get()
    assert door.clients["researcher"].get(address(trial)).status_code == 404
    write_protocol(door, trial, tactic)
    # Whoever wrote it sends it: the registrar's role would allow it, their part does not.
    door.only("force_user", address(trial, "trial-submit"), also=("registrar",))
    door.only(
        "reviewer",
        address(trial, "trial-review"),
        {"decision": "approve", "comment": "Ready to register."},
        also=("second_reviewer",),
    )
    door.only("sponsor", address(trial, "trial-sign"), {"stands": "on"})
    door.only("registrar", address(trial, "trial-register"), {"confirm": "register"})
    trial = stages.fresh(trial)
    assert trial.number
    assert trial.registration
    # What is registered stands: nobody edits it any more.
    door.turned_away("force_user", address(trial, "trial-submit"), {}, 409)
    public = door.get("anonymous", address(trial))
    assert trial.registration.sha256 in words(public)
    return trial


def write_protocol(door: Door, trial: Trial, tactic: Tactic) -> None:
    """Fill every step with what a browser would send of the complete protocol."""
    complete = stages.document(tactic, N_UNITS)
    for step in STEPS:
        trial = stages.fresh(trial)
        if step.slug == "analysis":
            url = f"{address(trial, 'trial-protocol-plan')}?as=json"
            answers = {"plan_json": as_text(complete["analysis_plan"]), "as": "json"}
        else:
            url = address(trial, "trial-protocol-step", step.slug)
            form = StepForm(step, complete, sources_for(trial, trial.created_by), edition=0)
            counts = {f"{name}__count": count for name, count in form.counts.items()}
            answers = fields_of(form) | counts
        answers |= {"edition": trial.protocol_edition, "then": "next"}
        # The registrar may write in it too; everybody else is asked at each step and turned away.
        door.only("force_user", url, answers, also=("registrar",))


def allocate(door: Door, trial: Trial) -> None:
    door.only("registrar", address(trial, "trial-conduct"), {"to": "baseline"})
    door.only("custodian", address(trial, "trial-allocation-freeze"), {"pasted": stages.unit_csv(N_UNITS)})
    committed = Allocation.objects.get().commitment
    assert committed in words(door.get("anonymous", address(trial)))
    door.only("custodian", address(trial, "trial-allocation-draw"), {"confirm": "draw"})
    door.turned_away("custodian", address(trial, "trial-allocation-draw"), {"confirm": "draw"}, 409)
    assert Allocation.objects.get().commitment == committed
    for state in ("delivering", "follow_up"):
        door.only("force_user", address(trial, "trial-conduct"), {"to": state}, also=("registrar",))


def send_data(door: Door, trial: Trial) -> None:
    def file() -> dict[str, Any]:
        return {"kind": "outcome", "file": SimpleUploadedFile("calls.csv", stages.outcomes(trial))}

    done = door.only("force_user", address(trial, "trial-data-upload"), file)
    finished(Run.objects.get(pk=done["Location"].rstrip("/").rsplit("/", 1)[-1]))
    door.turned_away("registrar", address(trial, "trial-conduct"), {"to": "data_locked"}, 409)
    reviewed = {"comment": "Nothing is missing, and nothing is there twice."}
    door.only("registrar", address(trial, "trial-data-review"), reviewed, also=("force_user", "analyst"))
    door.only("registrar", address(trial, "trial-conduct"), {"to": "data_locked"}, also=("force_user",))
    # What is locked is replaced by nobody without a reason.
    late = door.clients["force_user"].post(address(trial, "trial-data-upload"), file())
    assert late.status_code == 422
    assert "The data are locked. Say why this version replaces them" in words(late)


def analyse_and_release(door: Door, trial: Trial) -> float:
    door.only("analyst", address(trial, "trial-analyses"), seen(trial))
    analysis = Analysis.objects.get()
    finished(analysis.run)
    analysis.refresh_from_db()
    assert analysis.is_registered
    door.only("analyst", address(trial, "release-prepare", analysis.public_id), {"note": "Read the limits."})
    release = Release.objects.get()
    check, publish = (address(trial, f"release-{act}", release.public_id) for act in ("check", "publish"))
    decisions = {f"decision_{number}": "clear" for number in range(release.files.count())}
    cleared = {**decisions, "comment": "Cells are large enough."}
    door.turned_away("publisher", publish, {"confirm": "publish"}, 409)
    door.only("checker", check, cleared, also=("second_checker",))
    door.turned_away("checker", check, cleared, 409)
    door.turned_away("publisher", publish, {"confirm": "publish"}, 409)
    door.only("second_checker", check, cleared, also=("checker",))
    assert (
        door.clients["anonymous"].get(address(trial, "release-detail", release.public_id)).status_code == 404
    )
    door.turned_away("publisher", publish, {"confirm": "publish"}, 409)
    door.only("force_user", address(trial, "release-facts", release.public_id), {"comment": ""})
    door.only("publisher", publish, {"confirm": "publish"})
    return effect_by_hand(trial)


def finish_and_replay_the_draw(door: Door, trial: Trial, client: Any, tmp_path: Path) -> None:
    told = address(trial, "account-entry-new", "implementation")
    door.turned_away("registrar", address(trial, "trial-conduct"), {"to": "completed"}, 409)
    door.only("force_user", told, stages.DELIVERED, also=("registrar",))
    door.only("registrar", address(trial, "trial-conduct"), {"to": "completed"})
    door.only("custodian", address(trial, "trial-allocation-reveal"), {"confirm": "reveal"})
    for name, room in (("verify.py", "verifier"), ("record.json", "record"), ("list.csv", "list")):
        (tmp_path / name).write_bytes(client.get(address(trial, f"trial-allocation-{room}")).content)
    replayed = subprocess.run(
        [sys.executable, "-I", "verify.py", "record.json", "list.csv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (replayed.returncode, "MATCH" in replayed.stdout) == (0, True), replayed.stdout + replayed.stderr


def rate(door: Door, tactic: Tactic) -> None:
    assert Finding.objects.get().tactic == tactic
    candidate = Rating.objects.candidates().get(tactic=tactic)
    sign = reverse("rating-sign", args=[candidate.pk])
    both = ("reviewer", "second_reviewer")
    door.only("reviewer", sign, {"agree": "yes"}, also=both)
    assert not Rating.objects.get(pk=candidate.pk).is_public
    door.turned_away("reviewer", sign, {"agree": "yes"}, 409)
    door.only("second_reviewer", sign, {"agree": "yes"}, also=both)
    assert Rating.objects.get(pk=candidate.pk).is_public


def everybody_reads_it(client: Any, tactic: Tactic, trial: Trial, effect: float) -> None:
    """The number worked out by hand from the file is on the pages and in the API, at the figures let out."""
    tidy = client.get("/api/v1/estimates/", {"trial_id": trial.number}).json()["results"]
    assert [row["estimate"] for row in tidy] == [pytest.approx(effect, rel=5e-3)]
    table = client.get("/api/v1/estimates/", {"trial_id": trial.number, "format": "csv"}).content.decode()
    assert [float(row["estimate"]) for row in csv.DictReader(io.StringIO(table))] == [tidy[0]["estimate"]]

    shown = f"{abs(tidy[0]['estimate']):g} lower"
    rating = Rating.objects.public().get(tactic=tactic, outcome_domain__slug="burglary")
    page = words(client.get(tactic.get_absolute_url()))
    assert rating.get_label_display() in page
    assert shown in page
    assert f"{shown} with the treatment" in words(client.get(address(trial)))
    assert rating.rules_version in words(client.get(rating.get_absolute_url()))
    listed = client.get(f"/api/v1/tactics/{tactic.slug}/").json()["ratings"]
    assert [one["id"] for one in listed] == [str(rating.pk)]
    trace = client.get(f"/api/v1/ratings/{rating.pk}/trace/").json()
    assert str(Finding.objects.get().pk) in json.dumps(trace)


def effect_by_hand(trial: Trial) -> float:
    rows = list(csv.DictReader(io.StringIO(stages.outcomes(trial).decode())))
    means = {
        arm: statistics.mean(float(row["calls"]) for row in rows if row["arm"] == arm)
        for arm in ("treatment", "control")
    }
    return means["treatment"] - means["control"]


def finished(run: Run) -> None:
    """Wait for the worker."""
    deadline = time.monotonic() + 60
    while not run.is_finished:
        assert time.monotonic() < deadline, f"{run.title}: {run.message}"
        time.sleep(0.05)
        run.refresh_from_db()
    assert run.state == Run.State.DONE, (run.error, run.problems)


def vars_of(found: Any) -> dict[str, Any]:
    """Return the fields of a frozen row as a form sends them."""
    return {name: getattr(found, name) for name in found.__slots__}

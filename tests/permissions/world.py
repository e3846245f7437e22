"""What the matrix is asked about: one trial that is public, one under embargo, one in draft, and what hangs on them."""

import datetime as dt
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils import timezone

from centre import invitations, runs, tokens
from centre.hub.actions import quality_actions, visits, withdrawals
from centre.models import Webhook
from experiments import analysis
from experiments.actions import deviations, diagnoses, extracts, health_checks
from experiments.analysis.extracting import Rule
from experiments.models import AccessNotice, Dataset, Notice, Snapshot, Trial
from tactics.actions import appeals, bulletins, passports, rejections, subscriptions
from tactics.models import Rating, RejectedStudy, TacticNotice
from tests.integration.access import asked
from tests.integration.accounts import enrolled
from tests.integration.experiments_pages import stages
from tests.integration.hub import absent, harmed, outbreak, panels_sent, placed, sent, standing
from tests.integration.tactics import ai_tactics, library, practice, told

STATES = ("public", "embargoed", "draft")
_STEP = {"site": "testshire", "agreement": "dpia", "section": "tier-1-information", "dimension": "mechanism"}
NOWHERE = "00000000-0000-4000-8000-000000000000"


def build(cast: SimpleNamespace) -> dict[str, dict[str, Any]]:
    """Return, for each state, what the parts of an address stand for."""
    release = stages.published(cast)
    held = stages.cleared(
        SimpleNamespace(**vars(cast), embargo_until=dt.date.today() + dt.timedelta(days=90))
    )
    entry = practice.entered(release.trial.tactic, cast.force_user.forces.get(), cast.force_user)
    shown = {"rating_id": Rating.objects.public().first().pk, "slug": release.trial.tactic.slug}
    shown["adoption_id"] = entry.public_id
    said = practice.claimed(entry.tactic, entry.force, cast.force_user)
    shown["claim_id"] = said.public_id
    shown["application_id"] = asked.granted(cast, release).public_id
    sketch = library.proposed(cast.force_user, "A tactic in draft")
    waiting = library.published(cast.registrar, "A tactic with a candidate")
    library.found(waiting, cast.publisher)
    candidate = {
        "rating_id": library.candidate(waiting).pk,
        "slug": sketch.slug,
        "adoption_id": NOWHERE,
        "claim_id": NOWHERE,
        "application_id": NOWHERE,
    }
    draft, submission = stages.draft(cast), _sent(cast)
    for one in (release, held):
        _deviated(one.trial, cast)
    return {
        "public": {**_of_trial(release), **shown, **_diagnosed(release.trial, cast)},
        "embargoed": {**_of_trial(held), **candidate, **_diagnosed(held.trial, cast)},
        "draft": {
            **_of_draft(draft),
            **candidate,
            **_diagnosed(draft, cast),
            "extract_id": _extracted(draft, cast).public_id,
        },
        "always": {
            "slug": "testshire",
            "force": "testshire",
            "run_id": runs.submit(
                task="experiments.analyse", title="Held", subject=held.trial, by=cast.analyst
            ).pk,
            "public_id": tokens.make(name="laptop", scope="read", days=1, by=cast.analyst)[0].public_id,
            "problem": "burglary",
            "rate_id": ai_tactics.rated(ai_tactics.ai_tactic(cast.force_user), cast.force_user).pk,
            "practice_id": told.sent(cast.force_user).public_id,
            "rejected_id": _rejected(cast.reviewer).pk,
            "path": "v1/no/such/address/",
            "notice_id": _notice(release.trial, cast.registrar).public_id,
            "appeal_id": appeals.make(
                rating=Rating.objects.get(pk=shown["rating_id"]),
                grounds="A fact is wrong.",
                by=cast.force_user,
            ).public_id,
            "passport_id": passports.issue(
                rating=Rating.objects.get(pk=shown["rating_id"]), by=cast.force_user
            ).public_id,
            "kind": "json",
            "day": _snapshot().day,
            "factor_id": _factor(cast.analyst).pk,
            "provider_id": "nobody",
            "person_id": cast.analyst.pk,
            **_invited(cast.registrar),
            "webhook_id": Webhook.objects.create(
                url="https://hooks.example.org/", made_by=cast.force_user
            ).public_id,
            "access_notice_id": AccessNotice.objects.get(user=cast.researcher).public_id,
            "measure": "burglary",
            "panel_id": _panel(),
            "submission_id": submission,
            **_visited(cast),
            "absence_id": absent.stated(cast.force_user.forces.get(), cast.registrar).pk,
            "signal_id": _rising(cast),
            "place_scan_id": placed.scanned(cast.analyst, "burglary").pk,
            **_standard(cast),
            "harm_measure": harmed.measured(cast.registrar).key,
            "offence_file_id": harmed.sent(cast.force_user, "testshire,2026-01,Robbery,3").pk,
            "tactic_notice_id": _tactic_notice(release.trial.tactic, cast).public_id,
        },
    }


def _standard(cast: SimpleNamespace) -> dict[str, Any]:
    """Adopt a standard, propose its next version and its end, and send a figure of the force user's force."""
    standing.dictionary(cast.registrar)
    standing.adopted(cast.registrar, cast.director)
    again = standing.proposed(cast.registrar, reason="A lower target", target=80)
    withdrawals.propose(standard=again, reason="Nobody uses it.", by=cast.registrar)
    sent_file = standing.sent(cast.force_user, *standing.rows("testshire", 40, months=["2026-01"]))
    return {
        "standard": again.key,
        "standard_version": again.version,
        "figure_file_id": sent_file.pk,
    }


def _sent(cast: SimpleNamespace) -> Any:
    """Keep a monthly file of the force user's force."""
    with tempfile.TemporaryDirectory() as place:
        return sent.kept(Path(place), sent.content("2024-01"), cast.force_user).pk


def _visited(cast: SimpleNamespace) -> dict[str, Any]:
    """Visit the force user's force today, and agree on what was found in its file."""
    force, today = cast.force_user.forces.get(), timezone.localdate()
    visit = visits.plan(force=force, visited_on=today, team="Two analysts", by=cast.analyst)
    action = quality_actions.agree(
        force=force,
        finding="no_location:2024-01",
        what="Say which rows have no place.",
        owner="Data manager",
        due_on=today,
        by=cast.analyst,
    )
    return {"visit_id": visit.pk, "action_id": action.pk}


def _rising(cast: SimpleNamespace) -> Any:
    """Keep the force's files of two years more, and scan them: one series is rising."""
    with tempfile.TemporaryDirectory() as place:
        return outbreak.signal(Path(place), cast.force_user).pk


def _panel() -> Any:
    """Keep a panel of two forces' areas."""
    with tempfile.TemporaryDirectory() as place:
        return panels_sent.kept(Path(place)).pk


def _invited(registrar: Any) -> dict[str, Any]:
    """Make a link for somebody."""
    made, path = invitations.make(email="new@test.example", role="analyst", by=registrar)
    return {"invitation_id": made.public_id, "key": path.strip("/").rpartition("/")[2]}


def _factor(person: Any) -> Authenticator:
    """Give one person a second factor; nobody else may touch it."""
    enrolled.with_app(person)
    return Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)


def _snapshot() -> Snapshot:
    """Keep a snapshot of what is public."""
    return analysis.keep_snapshot(analysis.make_snapshot(dt.date(2026, 1, 1), lambda share, words: None))


def _rejected(reviewer: Any) -> RejectedStudy:
    """Leave a study out."""
    said = {"study": "A study", "citation": "A journal", "explanation": "It has no comparison."}
    return rejections.record(**said, reason="no_comparison", by=reviewer)


def _deviated(trial: Trial, cast: SimpleNamespace) -> None:
    """Record a deviation from the protocol."""
    said = {"what": "Late.", "reason": "Snow.", "effect": "None.", "happened_on": dt.date.today()}
    deviations.record(trial=trial, pointer="/arms", **said, by=cast.force_user)


def _notice(trial: Trial, user: Any) -> Notice:
    """Tell one person about a trial that has been checked."""
    made = health_checks.check(trial=trial)
    return Notice.objects.create(
        user=user, trial=trial, health_check=made, check_name="feed", status="amber", said="Look.", at=made.at
    )


def _tactic_notice(tactic: Any, cast: SimpleNamespace) -> TacticNotice:
    """Tell the registrar what is new about a tactic."""
    subscriptions.follow(tactic=tactic, by=cast.registrar)
    bulletins.tell()
    return TacticNotice.objects.filter(user=cast.registrar).latest("at")


def _of_trial(release: Any) -> dict[str, Any]:
    return {
        "ref": release.trial.number,
        "version": "1.0",
        "step": "arms",
        **_STEP,
        "dataset_id": Dataset.objects.get(trial=release.trial).public_id,
        "analysis_id": release.analysis.public_id,
        "enrolment_id": NOWHERE,
        "extract_id": NOWHERE,
        "release_id": release.public_id,
        "name": "result.json",
        "outcome_domain": "burglary",
        "target": "who",
        "account_kind": "deviations",
        "entry_id": release.trial.deviation_entries.get().public_id,
    }


def _diagnosed(trial: Any, cast: SimpleNamespace) -> dict[str, Any]:
    """Ask for a diagnosis, which waits for a worker."""
    answers = {"n_units": 40, "mean__0": 20.0, "spread__0": 2.0, "effect__0": -0.3, "replicates": 20}
    return {"diagnosis_id": diagnoses.request(trial=trial, answers=answers, by=cast.registrar).public_id}


def _extracted(trial: Any, cast: SimpleNamespace) -> Any:
    """Freeze the counts of the month that the hub has."""
    rule = Rule(("testshire",), "all-crime", "2024-01", "2024-01")
    return extracts.freeze(trial=trial, rule=rule, by=cast.force_user)


def _of_draft(trial: Any) -> dict[str, Any]:
    missing = {name: NOWHERE for name in ("dataset_id", "analysis_id", "release_id", "enrolment_id")}
    same = {"version": "1.0", "step": "arms", "name": "result.json", "outcome_domain": "burglary", **_STEP}
    same |= {"target": "who", "account_kind": "deviations", "entry_id": NOWHERE}
    return {"ref": str(trial.public_id), **missing, **same}

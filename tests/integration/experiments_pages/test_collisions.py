"""Trials that meet are declared: in the protocol, or by the registrar; what is hidden stays hidden."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from centre.errors import Conflict, Invalid, NotPermitted
from centre.models import AuditEvent, Force
from experiments import protocol
from experiments.actions import (
    amendments,
    collisions,
    conduct,
    cosignatures,
    enrolments,
    registrations,
    reviews,
    sequences,
    trials,
)
from experiments.analysis import collisions as bridge
from experiments.analysis import health, threats
from experiments.models import CollisionNote, Trial
from tactics.rating import CURRENT
from tests.integration.enrolments import trickle
from tests.integration.experiments_pages import stages
from tests.integration.experiments_pages.pages import address, status, words
from tests.integration.tactics import library
from tests.unit.experiments.test_threats import measured

pytestmark = pytest.mark.django_db


def drafted(cast: Any, **changes: Any) -> Trial:
    """Return a complete draft in the same force, on the same days, on the same units; `changes` are of its design."""
    tactic = library.published(cast.registrar, f"Letters {Trial.objects.count()}", is_simulated=True)
    trial = trials.start(
        title="Do letters reduce calls?", by=cast.force_user, tactic=tactic, is_simulated=True
    )
    written = protocol.to_json(protocol.from_json(stages.document(tactic)))
    written["design"] |= changes
    return trials.save(trial=trial, document=written, edition=trial.protocol_edition, by=cast.force_user)


def moved(trial: Trial, by: Any, days: int) -> Trial:
    """Return the draft with every planned day so many days later."""
    written = protocol.to_json(trial.draft)
    for name, day in written["dates"].items():
        if day.get("date"):
            later = dt.date.fromisoformat(day["date"]) + dt.timedelta(days=days)
            written["dates"][name] = {**day, "date": later.isoformat()}
    return trials.save(trial=trial, document=written, edition=trial.protocol_edition, by=by)


def approved(trial: Trial, cast: Any) -> Trial:
    trials.submit(trial=trial, by=cast.force_user)
    reviews.decide(trial=stages.fresh(trial), decision="approve", comment="Ready.", by=cast.reviewer)
    cosignatures.sign(trial=stages.fresh(trial), by=cast.sponsor)
    return stages.fresh(trial)


def test_a_protocol_that_meets_a_trial_names_it_or_is_not_taken(cast: Any, sign_in: Any) -> None:
    first, second = stages.registered(cast), drafted(cast)
    answer = sign_in(cast.force_user).post(address(second, "trial-submit"), {"confirm": "submit"})
    assert answer.status_code == 422
    said = words(answer)
    assert f"{first.number} acts on people and cases in Testshire" in said
    assert "name it here, and say under contamination how the two are kept apart" in said
    assert stages.fresh(second).registration_state == "draft"
    document = protocol.to_json(second.draft)
    document["design"]["concurrent_trials"] = [first.number]
    named = trials.save(trial=second, document=document, edition=second.protocol_edition, by=cast.force_user)
    registered = registrations.register(trial=approved(named, cast), by=cast.registrar).trial
    [met] = bridge.collisions(registered, registered.draft)
    assert (met.other, met.declared) == (first, "Named in this protocol")
    [seen_from_there] = bridge.collisions(first, first.draft)
    assert seen_from_there.declared == f"Named in the protocol of {registered.number}"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"unit_type": "officer"}, id="other things"),
        pytest.param({"days": 4_000}, id="other days"),
        pytest.param({"force": "elsewhere"}, id="another force"),
        pytest.param({"real": True}, id="one is simulated"),
    ],
)
def test_what_is_apart_does_not_meet(cast: Any, change: dict[str, Any]) -> None:
    first = stages.registered(cast)
    second = drafted(cast, **({"unit_type": change["unit_type"]} if "unit_type" in change else {}))
    if "days" in change:
        second = moved(second, cast.force_user, change["days"])
    read = second.draft
    if "force" in change:
        Force.objects.create(slug="elsewhere", name="Elsewhere Police", kind=Force.Kind.SAMPLE)
        document = protocol.to_json(read)
        document["sites"] = [{**site, "force": "elsewhere"} for site in document["sites"]]
        read = protocol.from_json(document)
    if "real" in change:
        Trial.objects.filter(pk=first.pk).update(is_simulated=False)
    assert bridge.collisions(second, read) == []


def test_a_trial_that_stopped_early_is_met_until_it_stopped(cast: Any) -> None:
    first, second = stages.delivering(cast), drafted(cast)
    conduct.advance(trial=first, to="terminated", reason="No staff.", by=cast.director)
    start = second.planned_from
    days = {
        "first_treated_on": start - dt.timedelta(days=20),
        "last_treated_on": start - dt.timedelta(days=1),
    }
    Trial.objects.filter(pk=first.pk).update(**days)
    assert bridge.collisions(second, second.draft) == []
    Trial.objects.filter(pk=first.pk).update(last_treated_on=start)
    assert [one.other for one in bridge.collisions(second, second.draft)] == [first]


def test_an_embargoed_trial_is_settled_by_the_registrar_and_shown_to_the_centre_alone(
    cast: Any, sign_in: Any
) -> None:
    elsewhere = Force.objects.create(slug="elsewhere", name="Elsewhere Police", kind=Force.Kind.SAMPLE)
    cast.embargo_until = timezone.localdate() + dt.timedelta(days=90)
    hidden = stages.registered(cast)
    del cast.embargo_until
    second = moved(drafted(cast), cast.force_user, 4_000)
    second = approved(second, cast)
    # The hidden trial has moved to the same days since; and its people are not the author's.
    Trial.objects.filter(pk=hidden.pk).update(
        planned_from=second.planned_from,
        planned_until=second.planned_until,
        measured_until=second.measured_until,
        lead_force=elsewhere,
        created_by=cast.registrar,
    )
    hidden.team_members.all().delete()
    url = address(second, "trial-register")
    registrar = sign_in(cast.registrar)
    assert hidden.number in words(registrar.get(url))
    answer = registrar.post(url, {"confirm": "register"})
    assert answer.status_code == 422
    assert f"{hidden.number} acts on people and cases" in words(answer)
    assert not CollisionNote.objects.exists()
    sent = {"confirm": "register", "collision_reason": "They work in different towns."}
    assert registrar.post(url, sent).status_code == 302
    second = stages.fresh(second)
    [note] = CollisionNote.objects.all()
    assert (note.trial, note.other, note.reason) == (second, hidden, "They work in different towns.")
    hidden.sites.update(force=elsewhere)
    page = words(sign_in(cast.force_user).get(address(second, "trial-collisions")))
    assert "meets no other trial" in page
    assert "different towns" not in page
    assert "different towns" in words(registrar.get(address(second, "trial-collisions")))
    events = AuditEvent.objects.filter(subject_id=str(second.pk)).values_list("detail", flat=True)
    assert hidden.number not in str(list(events))


def test_who_may_not_know_of_the_other_trial_is_not_told_of_it(cast: Any, sign_in: Any) -> None:
    """A site of the author's force makes a trial known to them: only another force's author can be kept from it."""
    elsewhere = Force.objects.create(slug="elsewhere", name="Elsewhere Police", kind=Force.Kind.SAMPLE)
    cast.embargo_until = timezone.localdate() + dt.timedelta(days=90)
    hidden = stages.registered(cast)
    del cast.embargo_until
    second = drafted(cast)
    document = protocol.to_json(second.draft)
    document["sites"] = [{**site, "force": "elsewhere"} for site in document["sites"]]
    second = trials.save(trial=second, document=document, edition=second.protocol_edition, by=cast.force_user)
    Trial.objects.filter(pk=hidden.pk).update(lead_force=elsewhere, created_by=cast.registrar)
    hidden.team_members.all().delete()
    hidden.sites.update(force=elsewhere)
    page = words(sign_in(cast.force_user).get(address(second, "trial-collisions")))
    assert "meets no other trial" in page
    assert hidden.number not in page
    assert hidden.number in words(sign_in(cast.registrar).get(address(second, "trial-collisions")))
    assert trials.submit(trial=second, by=cast.force_user).registration_state == "submitted"
    verdict = next(one for one in health.verdicts(hidden, timezone.localdate()) if one.check == "collisions")
    assert verdict.status == "green", "the other is not registered"


def test_an_amendment_answers_for_what_it_brings_about_and_for_nothing_else(cast: Any) -> None:
    first = stages.registered(cast)
    apart = moved(drafted(cast), cast.force_user, 4_000)
    second = stages.fresh(registrations.register(trial=approved(apart, cast), by=cast.registrar).trial)
    document = protocol.to_json(second.draft)
    document["dates"] = protocol.to_json(first.draft)["dates"]
    why = {"reason_code": "error", "reason": "The days were wrong.", "by": cast.force_user}
    with pytest.raises(Invalid) as refusal:
        amendments.propose(trial=second, document=document, **why)
    assert [one.pointer for one in refusal.value.problems] == ["/design/concurrent_trials"]
    assert first.number in refusal.value.problems[0].message
    document["design"]["concurrent_trials"] = [first.number]
    made = amendments.propose(trial=second, document=document, **why)
    assert made.registration is not None, "moved days are a minor change"


def test_the_registrar_notes_what_no_protocol_names(cast: Any, sign_in: Any) -> None:
    first, second = stages.registered(cast), drafted(cast)
    days = {name: getattr(first, name) for name in ("planned_from", "planned_until", "measured_until")}
    Trial.objects.filter(pk=first.pk).update(**dict.fromkeys(days, dt.date(2000, 1, 1)))
    second = registrations.register(trial=approved(second, cast), by=cast.registrar).trial
    Trial.objects.filter(pk=first.pk).update(**days)
    second = stages.fresh(second)
    verdict = next(one for one in health.verdicts(second, timezone.localdate()) if one.check == "collisions")
    assert verdict.status in ("amber", "red")
    assert f"Named in no protocol: {first.number} acts on people and cases" in verdict.said
    url = address(second, "trial-collisions")
    assert "Not declared" in words(sign_in(cast.force_user).get(url))
    assert sign_in(cast.force_user).post(url, {"other": first.ref, "reason": "x"}).status_code == 403
    registrar = sign_in(cast.registrar)
    empty = registrar.post(url, {})
    assert empty.status_code == 422
    assert "Choose the other trial" in words(empty)
    assert "Say how the two are kept apart" in words(empty)
    assert registrar.post(url, {"other": first.ref, "reason": "Different streets."}).status_code == 302
    assert "Noted by the registrar" in words(registrar.get(url))
    assert AuditEvent.objects.filter(event="trial.collision_noted").count() == 1
    verdict = next(one for one in health.verdicts(second, timezone.localdate()) if one.check == "collisions")
    assert (verdict.status, verdict.said) == ("green", "Meets 1 trial, as declared.")
    with pytest.raises(NotPermitted):
        collisions.note(trial=second, other=first, reason="x", by=cast.force_user)
    apart = moved(drafted(cast), cast.force_user, 4_000)
    with pytest.raises(Invalid, match="do not meet"):
        collisions.note(trial=second, other=apart, reason="x", by=cast.registrar)
    with pytest.raises(Conflict):
        collisions.note(trial=apart, other=first, reason="x", by=cast.registrar)


def test_an_undeclared_trial_is_a_high_threat_and_a_declared_one_a_moderate(cast: Any) -> None:
    first, second = stages.registered(cast), drafted(cast)

    def found() -> dict[str, Any]:
        judged = threats.threats(second, second.draft, second.draft.outcomes[0], measured(), CURRENT)
        return {one.id: one.level.name for one in judged}

    assert found() == {"T2": "HIGH", "T7": "HIGH"}  # a draft is not registered
    document = protocol.to_json(second.draft)
    document["design"]["concurrent_trials"] = [first.number]
    second = trials.save(trial=second, document=document, edition=second.protocol_edition, by=cast.force_user)
    assert found() == {"T2": "MODERATE", "T7": "HIGH"}


def test_a_note_is_about_two_trials(cast: Any) -> None:
    trial = stages.registered(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        CollisionNote.objects.create(
            trial=trial, other=trial, reason="x", at=timezone.now(), by=cast.registrar
        )


def test_the_page_of_a_trial_that_meets_none_says_so(cast: Any, sign_in: Any) -> None:
    trial = stages.registered(cast)
    url = address(trial, "trial-collisions")
    assert "meets no other trial" in words(sign_in(cast.registrar).get(url))
    assert status(sign_in(cast.researcher), url) == 403


def test_a_case_is_in_one_running_trial_of_its_force_unless_the_protocol_names_the_other(cast: Any) -> None:
    first = trickle.opened(cast)
    [one] = trickle.enrolled(first, cast.force_user, 1)
    case = one.enrolment.unit.code
    tactic = library.published(cast.registrar, "Another caution", is_simulated=True)
    second = trials.start(title="Another trial", by=cast.force_user, tactic=tactic, is_simulated=True)
    written = trickle.document(tactic)
    written["design"]["concurrent_trials"] = [first.number]
    second = trials.save(trial=second, document=written, edition=second.protocol_edition, by=cast.force_user)
    registrations.register(trial=approved(second, cast), by=cast.registrar)
    conduct.advance(trial=stages.fresh(second), to="baseline", by=cast.registrar)
    sequences.start(trial=stages.fresh(second), by=cast.custodian)
    second = stages.fresh(second)
    assert enrolments.enrol(trial=second, asked=trickle.asked(case), by=cast.force_user)
    silent = {**second.protocol, "design": {**second.protocol["design"], "concurrent_trials": []}}
    Trial.objects.filter(pk=second.pk).update(protocol=silent)
    another = trickle.enrolled(first, cast.force_user, 1, start=2)[0].enrolment.unit.code
    with pytest.raises(enrolments.InAnotherTrial, match=f"Case {another} is in trial {first.number}"):
        enrolments.enrol(trial=stages.fresh(second), asked=trickle.asked(another), by=cast.force_user)
    assert second.allocation.enrolments.count() == 1

"""From a finding to a public rating: who may, what waits, what goes live at once."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from centre.audit import verify
from centre.errors import Conflict, Invalid, NotPermitted
from centre.frozen import Frozen
from centre.models import AuditEvent
from tactics.actions import findings, ratings, registry
from tactics.actions.findings import MixedWithSimulated, StudyResult
from tactics.actions.ratings import AlreadySigned, NotIndependent, NotOpen
from tactics.models import Finding, OutcomeDomain, Rating, RegisteredTrial, Synthesis
from tests.integration.tactics.library import STRONG, candidate, found, published, signed

pytestmark = pytest.mark.django_db


def public(tactic: Any) -> Rating:
    return Rating.objects.public().get(tactic=tactic)


def test_published_tactic_is_untested_without_signatures(registrar: Any) -> None:
    rating = public(published(registrar))
    assert (rating.label, rating.strength, rating.synthesis) == ("untested", 0, None)


def test_finding_makes_a_candidate_and_leaves_the_public_rating(registrar: Any, publisher: Any) -> None:
    tactic = published(registrar)
    finding = found(tactic, publisher)
    assert finding.security == 4  # an SE of 0.05 detects 13%
    assert public(tactic).label == "untested"
    waiting = candidate(tactic)
    assert (waiting.label, waiting.crt_code, waiting.strength) == ("promising", "+3", 3)
    assert waiting.synthesis is not None
    assert waiting.synthesis.document["rows"][0]["finding"] == str(finding.pk)
    assert verify().holds
    assert AuditEvent.objects.filter(event="finding.recorded", subject_id=str(finding.pk)).count() == 1


def test_second_signature_makes_it_public(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    rating = candidate(tactic)
    ratings.sign(rating=rating, by=cast.reviewer)
    assert public(tactic).label == "untested"
    signed(rating, cast.second_reviewer)
    assert public(tactic) == rating
    assert Rating.objects.filter(tactic=tactic, superseded_at__isnull=False).count() == 1


def test_one_reviewer_cannot_sign_twice(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    rating = candidate(tactic)
    ratings.sign(rating=rating, by=cast.reviewer)
    with pytest.raises(AlreadySigned):
        ratings.sign(rating=rating, by=cast.reviewer)


def test_trial_team_cannot_sign(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher, conflicted_user_ids=(cast.reviewer.pk,))
    with pytest.raises(NotIndependent):
        ratings.sign(rating=candidate(tactic), by=cast.reviewer)


@pytest.mark.parametrize(
    "who", ["registrar", "publisher", "analyst", "force_user", "researcher", "anonymous"]
)
def test_only_methods_reviewers_sign(cast: Any, who: str) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    with pytest.raises(NotPermitted):
        ratings.sign(rating=candidate(tactic), by=getattr(cast, who))


def test_superseded_and_public_ratings_are_not_open(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    first = candidate(tactic)
    found(tactic, cast.publisher, "CPP-2026-0002-3")
    with pytest.raises(NotOpen, match="newer"):
        ratings.sign(rating=first, by=cast.reviewer)
    second = signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    with pytest.raises(NotOpen, match="public already"):
        ratings.sign(rating=second, by=cast.reviewer)


def test_corrected_release_supersedes_the_earlier_finding(cast: Any) -> None:
    tactic = published(cast.registrar)
    first = found(tactic, cast.publisher)
    second = found(tactic, cast.publisher, estimate=-0.1)
    first.refresh_from_db()
    assert first.superseded_at is not None
    assert list(Finding.objects.current()) == [second]
    assert candidate(tactic).k == 1


def test_two_trials_in_two_forces_are_effective(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    found(tactic, cast.publisher, "CPP-2026-0002-3")
    rating = signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    assert (rating.label, rating.strength) == ("effective", 4)


def test_harmful_candidate_is_held_and_not_public(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher, estimate=0.3)
    held = Rating.objects.on_hold().get()
    assert held.is_held
    assert public(tactic).label == "untested"
    event = AuditEvent.objects.get(event="rating.proposed", subject_id=str(held.pk))
    assert event.detail["held"] is True


def test_inconclusive_goes_public_at_once(cast: Any) -> None:
    tactic = published(cast.registrar)
    weak = STRONG.__class__.from_json({**STRONG.as_json(), "std_error": 0.3})
    found(tactic, cast.publisher, estimate=-0.1, evidence=weak)
    assert public(tactic).label == "inconclusive"
    assert not Rating.objects.candidates().exists()


def test_higher_is_better_outcome_is_turned(cast: Any) -> None:
    tactic = published(cast.registrar, main_outcome="crimes-solved")
    finding = found(tactic, cast.publisher, estimate=0.2, domain="crimes-solved")
    assert (finding.yi, finding.benefit_sign) == (-0.2, -1)
    assert finding.conf_low < finding.yi < finding.conf_high < 0
    assert candidate(tactic).label == "promising"


@pytest.mark.parametrize(("tactic_is", "result_is"), [(True, False), (False, True)])
def test_simulated_never_meets_real(cast: Any, tactic_is: bool, result_is: bool) -> None:
    tactic = published(cast.registrar, is_simulated=tactic_is)
    with pytest.raises(MixedWithSimulated):
        found(tactic, cast.publisher, is_simulated=result_is)
    assert not Finding.objects.exists()


def test_wrong_people_cannot_record(cast: Any) -> None:
    tactic = published(cast.registrar)
    for who in (cast.registrar, cast.analyst, cast.force_user, cast.reviewer):
        with pytest.raises(NotPermitted):
            found(tactic, who)
    assert found(tactic, cast.reviewer, source="located", trial_number="").source == "located"


@pytest.mark.parametrize(
    ("numbers", "pointer"),
    [
        ({"estimate": float("nan"), "conf_low": -1.0, "conf_high": 1.0}, "/result/estimate"),
        ({"estimate": -0.2, "conf_low": -0.1, "conf_high": 0.1}, "/result/conf_low"),
        ({"estimate": 0.8, "conf_low": 0.7998, "conf_high": 0.8002}, "/result/conf_low"),
    ],
)
def test_impossible_numbers_are_refused(cast: Any, numbers: dict[str, float], pointer: str) -> None:
    tactic = published(cast.registrar)
    result = StudyResult(study_label="x", **numbers)
    with pytest.raises(Invalid) as refusal:
        findings.record(
            tactic=tactic,
            outcome_domain=OutcomeDomain.objects.get(slug="burglary"),
            evidence=STRONG,
            result=result,
            by=cast.publisher,
        )
    assert refusal.value.problems[0].pointer == pointer


def test_registered_trial_makes_it_being_tested(cast: Any) -> None:
    tactic = published(cast.registrar)
    registry.note_trial(tactic=tactic, trial_number="CPP-2026-0001-5", state="registered", by=cast.registrar)
    assert public(tactic).label == "being_tested"
    registry.note_trial(tactic=tactic, trial_number="CPP-2026-0001-5", state="withdrawn", by=cast.registrar)
    assert public(tactic).label == "untested"
    assert RegisteredTrial.objects.count() == 1


def test_noting_the_same_again_makes_no_new_rating(cast: Any) -> None:
    tactic = published(cast.registrar)
    before = Rating.objects.count()
    for _ in range(2):
        registry.note_trial(tactic=tactic, trial_number="CPP-2026-0001-5", state="running", by=cast.registrar)
    assert Rating.objects.count() == before + 1


def test_signed_rating_stands_when_another_trial_is_registered(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    rating = signed(candidate(tactic), cast.reviewer, cast.second_reviewer)
    registry.note_trial(tactic=tactic, trial_number="CPP-2026-0002-3", state="running", by=cast.registrar)
    assert public(tactic) == rating
    assert not Rating.objects.candidates().exists()


def test_trial_belongs_to_one_tactic(cast: Any) -> None:
    one, two = published(cast.registrar), published(cast.registrar, "Another tactic")
    registry.note_trial(tactic=one, trial_number="CPP-2026-0001-5", state="running", by=cast.registrar)
    with pytest.raises(Conflict, match="another tactic"):
        registry.note_trial(tactic=two, trial_number="CPP-2026-0001-5", state="running", by=cast.registrar)


def test_overdue_results_lower_the_strength(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    assert candidate(tactic).strength == 3
    with time_machine.travel(date(2027, 1, 15)):
        for number in ("CPP-2026-0002-3", "CPP-2026-0003-1"):
            registry.note_trial(
                tactic=tactic,
                trial_number=number,
                state="completed",
                results_due=date(2027, 1, 1),
                by=cast.registrar,
            )
        document = candidate(tactic).document
    assert [step["rule"] for step in document["trace"] if step["rule"] == "SR"] == ["SR"]


def test_adjusted_strength_needs_a_reason_and_two_signatures(cast: Any) -> None:
    tactic = published(cast.registrar)
    found(tactic, cast.publisher)
    first = candidate(tactic)
    with pytest.raises(Invalid):
        ratings.adjust(rating=first, step=-1, reason=" ", by=cast.reviewer)
    second = ratings.adjust(rating=first, step=-1, reason="Delivery differed between teams", by=cast.reviewer)
    assert (second.strength, second.label) == (2, "promising")
    assert second.is_candidate
    first.refresh_from_db()
    assert first.superseded_at is not None


def test_frozen_rows_refuse_change(cast: Any) -> None:
    tactic = published(cast.registrar)
    finding = found(tactic, cast.publisher)
    finding.yi = 0.5
    with pytest.raises(Frozen):
        finding.save()
    for row in (finding, candidate(tactic), Synthesis.objects.get()):
        with pytest.raises(Frozen):
            row.delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            row.__class__._base_manager.filter(pk=row.pk)._raw_delete("default")  # type: ignore[attr-defined]

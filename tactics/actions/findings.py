"""Findings enter the library by one door, whoever made them."""

from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Literal

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.models import User
from centre.permissions import Permission, require
from tactics.actions import bulletins, ratings
from tactics.models import Bulletin, Finding, OutcomeDomain, Tactic, rules_in_use
from tactics.rating import TrialEvidence, security
from tactics.rating.ladders import counts_as_randomised


class MixedWithSimulated(Conflict):
    """A simulated result never stands beside a real one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """What one study found on one outcome, on the estimate's native scale (not yet oriented).

    `estimate`, `conf_low` and `conf_high` are on the scale of `TrialEvidence.metric`, whose `std_error` goes
    with them. `benefit` says which direction is better; left out, the outcome domain's own. `forces` has
    names; `completed_on` is the day of the last outcome data; `conflicted_user_ids` are the trial team and
    its analyst, who may not sign the rating. `is_proxy` left out takes the outcome domain's default.
    """

    study_label: str
    estimate: float
    conf_low: float
    conf_high: float
    source: Literal["registry", "located"] = "registry"
    trial_number: str = ""
    release_id: str = ""
    citation: str = ""
    role: Literal["primary", "secondary", "harm"] = "primary"
    benefit: Literal["lower", "higher"] | None = None
    forces: tuple[str, ...] = ()
    evaluator: str = ""
    country: str = "England and Wales"
    completed_on: date | None = None
    n_units: int | None = None
    n_events: int | None = None
    is_proxy: bool | None = None
    below_integrity_floor: bool = False
    dose_response: bool = False
    is_simulated: bool = False
    conflicted_user_ids: tuple[int, ...] = field(default=())


@transaction.atomic
def record(
    *,
    tactic: Tactic,
    outcome_domain: OutcomeDomain,
    evidence: TrialEvidence,
    result: StudyResult,
    by: User | None,
) -> Finding:
    """The result is a finding of the tactic, and a candidate rating has been computed from all findings.

    Called by experiments when a release is published (`source="registry"`, `by` may publish releases) and for
    published studies (`source="located"`, `by` signs ratings). `by` is None where the registry's own timer publishes
    what is overdue. The estimate is oriented here, so that below 0
    is a benefit. A later finding of the same trial and outcome domain supersedes the earlier one.

    The current public rating stays until two reviewers have signed the candidate; labels that claim nothing
    go public at once, and a candidate "Potentially harmful" is held before staff.

    Raises
    ------
    NotPermitted : the person may not bring in findings of this source.
    MixedWithSimulated : a simulated result for a real tactic, or the reverse.
    Invalid : a number that is not finite, or an interval that does not contain its estimate.
    """
    if by is not None or result.source != "registry":
        needed = Permission.RELEASE_PUBLISH if result.source == "registry" else Permission.RATING_SIGN
        require(by or AnonymousUser(), needed)
    if tactic.is_simulated != result.is_simulated:
        raise MixedWithSimulated("A simulated result and a real one cannot be findings of one tactic.")
    _check_numbers(result)
    _check_one_scale(evidence, result)
    Tactic.objects.select_for_update().get(pk=tactic.pk)  # a correction sent twice supersedes once
    earlier = _supersede_earlier(tactic, outcome_domain, result.trial_number)
    finding = _create(tactic, outcome_domain, evidence, result)
    bulletins.post(
        tactic=tactic,
        outcome_domain=outcome_domain,
        kind=Bulletin.Kind.RESULT,
        said=f"{'A newer result' if earlier else 'A result'} of “{finding.study_label}”: {finding.effect}.",
    )
    rating = ratings.propose(tactic=tactic, outcome_domain=outcome_domain, by=by)
    audit.record(
        "finding.recorded",
        subject=finding,
        by=by or audit.SYSTEM,
        detail={
            "tactic": tactic.slug,
            "outcome_domain": outcome_domain.slug,
            "trial_number": result.trial_number,
            "release": result.release_id,
            "supersedes": earlier,
            "rating": str(rating.pk),
        },
    )
    return finding


@transaction.atomic
def retract(*, release_id: str, reason: str, by: User | None) -> list[Finding]:
    """The findings of a release that was withdrawn count no more, and every rating that rests on them is re-opened.

    Called by experiments when two people have taken a release back; it has checked what `by` may do.
    """
    resting = list(Finding.objects.filter(release_id=release_id).select_related("tactic", "outcome_domain"))
    gone = [finding for finding in resting if finding.superseded_at is None]
    for finding in gone:
        Tactic.objects.select_for_update().get(pk=finding.tactic_id)
        finding.superseded_at = timezone.now()
        finding.save(update_fields=["superseded_at"])
        audit.record(
            "finding.retracted",
            subject=finding,
            by=by or audit.SYSTEM,
            detail={"release": release_id, "reason": reason},
        )
    _reopen(resting, "The release of “{study}” was withdrawn. " + reason, by)
    return gone


@transaction.atomic
def reopen(*, trial_number: str, reason: str, by: User | None) -> None:
    """What a trial found is looked at again: its protocol was amended, or its integrity has failed.

    Called by experiments, which has checked what `by` may do. The finding stands, and so does the public rating,
    flagged, until two reviewers have agreed again.
    """
    standing = Finding.objects.current().filter(trial_number=trial_number).exclude(trial_number="")
    _reopen(list(standing.select_related("tactic", "outcome_domain")), "“{study}”: " + reason, by)


def _reopen(findings: list[Finding], said: str, by: User | None) -> None:
    """Re-open each rating once, whatever number of its findings is concerned."""
    concerned: dict[tuple[int, int], list[Finding]] = {}
    for finding in findings:
        concerned.setdefault((finding.tactic_id, finding.outcome_domain_id), []).append(finding)
    for together in concerned.values():
        ratings.reopen(
            tactic=together[0].tactic,
            outcome_domain=together[0].outcome_domain,
            finding_ids={str(finding.pk) for finding in together},
            said=said.replace("{study}", together[0].study_label),
            by=by,
        )


def _create(tactic: Tactic, domain: OutcomeDomain, evidence: TrialEvidence, result: StudyResult) -> Finding:
    rules = rules_in_use()
    rated = security(evidence, rules=rules)
    sign = 1 if (result.benefit or domain.benefit) == "lower" else -1
    low, high = sorted((sign * result.conf_low, sign * result.conf_high))
    return Finding.objects.create(
        tactic=tactic,
        outcome_domain=domain,
        source=result.source,
        study_label=result.study_label,
        trial_number=result.trial_number,
        release_id=result.release_id,
        citation=result.citation,
        role=result.role,
        metric=evidence.metric,
        yi=sign * result.estimate,
        vi=evidence.std_error**2,
        conf_low=low,
        conf_high=high,
        benefit_sign=sign,
        security=rated.score,
        security_trace=rated.as_json(),
        evidence=evidence.as_json(),
        is_randomised=counts_as_randomised(evidence, rules),
        design=evidence.design.value,
        sms=rated.sms,
        force_names=sorted(result.forces),
        evaluator=result.evaluator,
        country=result.country,
        completed_on=result.completed_on,
        below_integrity_floor=result.below_integrity_floor,
        dose_response=result.dose_response,
        n_units=result.n_units,
        n_events=result.n_events,
        is_proxy=domain.is_proxy_default if result.is_proxy is None else result.is_proxy,
        is_simulated=result.is_simulated,
        conflicted_user_ids=sorted(result.conflicted_user_ids),
        recorded_at=timezone.now(),
    )


def _check_numbers(result: StudyResult) -> None:
    for name in ("estimate", "conf_low", "conf_high"):
        if not isfinite(getattr(result, name)):
            raise Invalid.field(f"/result/{name}", f"{name} must be a finite number")
    if not result.conf_low <= result.estimate <= result.conf_high:
        raise Invalid.field("/result/conf_low", "The interval must contain the estimate")


def _check_one_scale(evidence: TrialEvidence, result: StudyResult) -> None:
    """Refuse an interval that cannot belong to the standard error: the two are on different scales."""
    half = (result.conf_high - result.conf_low) / 2
    if not 0.5 * evidence.std_error <= half <= 100 * evidence.std_error:
        raise Invalid.field(
            "/result/conf_low",
            "The interval and the standard error are not on the same scale: give both on one",
        )


def _supersede_earlier(tactic: Tactic, domain: OutcomeDomain, trial_number: str) -> str:
    """Step the trial's earlier finding on this outcome back, and return its id."""
    if not trial_number:
        return ""
    standing = Finding.objects.current().filter(
        tactic=tactic, outcome_domain=domain, trial_number=trial_number
    )
    for earlier in standing:
        earlier.superseded_at = timezone.now()
        earlier.save(update_fields=["superseded_at"])
        return str(earlier.pk)
    return ""

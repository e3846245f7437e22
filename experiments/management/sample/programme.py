"""The programme as a walk: each call takes every simulated trial as far as it can go, by the right person at each step.

Where a trial waits for a worker it stops, and the next call goes on. Loading twice changes nothing.
"""

import datetime as dt
import io
import logging

from django.utils import timezone

from centre import sample
from centre.errors import Refusal
from centre.models import Run
from experiments.actions import (
    allocations,
    analyses,
    blind_reviews,
    conduct,
    datasets,
    enrolments,
    factual_checks,
    health_checks,
    registrations,
    releases,
    reviews,
    sequences,
    site_steps,
    trials,
)
from experiments.lifecycle import Conduct, Registration
from experiments.management.sample import (
    accounts,
    data,
    face_matching,
    library,
    more_tactics,
    practice,
    protocols,
    standard,
    street_files,
)
from experiments.management.sample import costs as sums
from experiments.management.sample import tactics as texts
from experiments.management.sample.plans import CasePlan, TrialPlan
from experiments.management.sample.trials import FINISHED
from experiments.management.sample.waiting import WAITING
from experiments.models import Analysis, Dataset, FactualCheck, Release, SiteStep, Trial
from tactics.actions import costs, ratings, rejections
from tactics.actions import tactics as catalogue
from tactics.management.cited import loading as cited
from tactics.models import Rating, RejectedStudy, Tactic

log = logging.getLogger(__name__)

TRIALS = (*FINISHED, *WAITING)

TACTICS = {
    "cocoon": (texts.COCOON, "northmoor"),
    "hardening": (texts.HARDENING, "eastvale"),
    "near_repeat": (texts.NEAR_REPEAT, "southmere"),
    "patrol": (texts.PATROL, "southmere"),
    "video": (more_tactics.VIDEO, "westholt"),
    "fair_treatment": (more_tactics.FAIR_TREATMENT, "northmoor"),
    "asb_plans": (more_tactics.ASB_PLANS, "eastvale"),
    "retail": (more_tactics.RETAIL, "westholt"),
    "face_matching": (face_matching.FACE_MATCHING, "northmoor"),
}


def load() -> None:
    """Make the people and the tactics, and walk every trial to its first wait."""
    sample.make_people()
    tactics = {key: _tactic(key) for key in TACTICS}
    practice.enter(tactics)
    practice.say_hours(tactics)
    cited.load(by=sample.person("registrar"))
    _leave_out_a_study()
    library.score(_tactic("cocoon"))
    library.tell(_tactic("cocoon"))
    street_files.send(timezone.localdate())
    standard.adopt(timezone.localdate())
    advance()


def _leave_out_a_study() -> None:
    """Put one invented study on the list of those that were not taken in."""
    if not RejectedStudy.objects.filter(is_simulated=True).exists():
        rejections.record(
            tactic=_tactic("cocoon"),
            study="Visits in one beat, before and after (simulated)",
            citation="An invented report of the sample programme",
            reason="no_comparison",
            explanation="Burglary was counted before and after in one beat, and nowhere without visits.",
            by=sample.person("reviewer"),
        )


def advance() -> bool:
    """Take every trial as far as it goes now; return whether anything still waits for a worker."""
    waits = any([street_files.scan_once(), *(_walk(plan) for plan in TRIALS)])
    if not waits:
        health_checks.check_all()
    return waits


def _walk(plan: TrialPlan) -> bool:
    try:
        while _step(plan):
            pass
    except Refusal as refusal:  # another copy of this walk was there first, or a run was refused
        log.info("The sample trial “%s” stands still: %s", plan.title, refusal.message)
    trial = _trial(plan)
    return trial is not None and _waiting(trial)


def _tactic(key: str) -> Tactic:
    details, force = TACTICS[key]
    found = Tactic.objects.filter(is_simulated=True, name=details.name).first()
    if found is None:
        found = catalogue.propose(details=details, by=sample.person(force), is_simulated=True)
    if found.uses_ai:
        face_matching.record(found)
    if not found.is_published:
        found = catalogue.publish(tactic=found, by=sample.person("publisher"))
    if key == "patrol" and not found.costs.standing().exists():
        costs.state(tactic=found, details=sums.PATROL, by=sample.person("registrar"))
    return found


def _trial(plan: TrialPlan) -> Trial | None:
    found: Trial | None = Trial.objects.filter(is_simulated=True, title=plan.title).first()
    return found


def _step(plan: TrialPlan) -> bool:
    """Do the next thing for a trial; return whether there was one."""
    trial = _trial(plan)
    if trial is None:
        return _begin(plan)
    if trial.sites.exists() and not trial.site_steps.exists():
        return _agree(plan, trial)
    if trial.registration_state != Registration.REGISTERED:
        return plan.stop != "draft" and _register(plan, trial)
    if plan.stop in ("draft", "submitted", "registered"):  # from here on it is for the people who try it
        return False
    if trial.conduct_state in (Conduct.NOT_STARTED, Conduct.BASELINE):
        return _allocate(plan, trial)
    if plan.cases and _n_enrolled(trial) < plan.cases.n_enrolled:
        return _enrol(plan, plan.cases, trial)
    if plan.stop == "allocated":
        return False
    if plan.stop == "delivering" and trial.datasets.exists():
        return False
    if trial.conduct_state in (Conduct.ALLOCATED, Conduct.DELIVERING, Conduct.FOLLOW_UP):
        return _deliver(plan, trial)
    return _analyse(trial) or _sign(trial)


def _begin(plan: TrialPlan) -> bool:
    lead, tactic = sample.person(plan.force), _tactic(plan.tactic)
    trial = trials.start(title=plan.title, by=lead, tactic=tactic, is_simulated=True)
    document = protocols.document(
        plan, tactic=tactic.slug, tactic_version=tactic.version, today=timezone.localdate()
    )
    others = [_trial(other) for other in TRIALS if other.key in plan.meets]
    document["design"]["concurrent_trials"] = [other.number for other in others if other and other.number]
    if plan.stop == "draft":
        for section in ("sample_size", "analysis_plan", "ethics"):
            del document[section]
    trials.save(trial=trial, document=document, edition=trial.protocol_edition, by=lead)
    return True


def _agree(plan: TrialPlan, trial: Trial) -> bool:
    """Record what each force agreed to; where the trial has yet to open, some is still to come and some is late."""
    waits = plan.stop in ("draft", "submitted", "registered")
    due = (
        {SiteStep.Kind.VETTING: -7, SiteStep.Kind.EQUALITY: 14, SiteStep.Kind.COMMUNITY: 30} if waits else {}
    )
    registrar, today = sample.person("registrar"), timezone.localdate()
    for force in {site.force for site in trial.sites.select_related("force")}:
        for place, kind in enumerate(SiteStep.Kind):
            if days := due.get(kind):
                on = today + dt.timedelta(days=days)
                site_steps.due(trial=trial, force=force, kind=kind, on=on, by=registrar)
            else:
                reference = f"Invented paper {place + 1}"
                site_steps.do(trial=trial, force=force, kind=kind, reference=reference, by=registrar)
    return trial.site_steps.exists()


def _register(plan: TrialPlan, trial: Trial) -> bool:
    state = trial.registration_state
    if state == Registration.DRAFT:
        trials.submit(trial=trial, by=sample.person(plan.force))
    elif plan.stop == "submitted":
        return False
    elif state == Registration.SUBMITTED:
        comment = "The plan can be run, and says what it should."
        reviews.decide(trial=trial, decision="approve", comment=comment, by=sample.person("reviewer"))
    elif state == Registration.IN_REVIEW:
        registrations.register(trial=trial, by=sample.person("registrar"))
    else:
        return False
    return True


def _allocate(plan: TrialPlan, trial: Trial) -> bool:
    if trial.conduct_state == Conduct.NOT_STARTED:
        conduct.advance(trial=trial, to=Conduct.BASELINE, by=sample.person("registrar"))
    elif trial.allocation is None and plan.cases:
        sequences.start(trial=trial, by=sample.person("custodian"))
    elif trial.allocation is None:
        allocations.freeze_units(trial=trial, lines=data.units(plan), by=sample.person("custodian"))
    elif trial.allocation.needs_draw:
        allocations.draw(trial=trial, by=sample.person("custodian"))
    else:
        conduct.advance(trial=trial, to=Conduct.DELIVERING, by=sample.person(plan.force))
    return True


def _enrol(plan: TrialPlan, cases: CasePlan, trial: Trial) -> bool:
    """Enrol the next case; their levels take turns."""
    place = _n_enrolled(trial)
    asked = enrolments.Asked(
        case=f"T{place + 1:03}",
        include=[True] * len(cases.include),
        exclude=[False] * len(cases.exclude),
        levels={name: levels[place % len(levels)] for name, levels in cases.factors},
        key=f"sample-{plan.key}-{place}",
    )
    enrolments.enrol(trial=trial, asked=asked, by=sample.person(plan.force))
    return True


def _n_enrolled(trial: Trial) -> int:
    return trial.allocation.enrolments.count() if trial.allocation else 0


def _deliver(plan: TrialPlan, trial: Trial) -> bool:
    lead = sample.person(plan.force)
    if trial.conduct_state == Conduct.ALLOCATED:
        conduct.advance(trial=trial, to=Conduct.DELIVERING, by=lead)
    elif plan.delivered is not None and not trial.datasets.filter(kind=Dataset.Kind.DOSE).exists():
        return _send(plan, trial, Dataset.Kind.DOSE)
    elif trial.conduct_state == Conduct.DELIVERING:
        conduct.advance(trial=trial, to=Conduct.FOLLOW_UP, by=lead)
    elif trial.datasets.filter(kind=Dataset.Kind.OUTCOME).exists() and not trial.blind_reviews.exists():
        comment = "No unit is missing, none is there twice, and every count is possible."
        blind_reviews.record(trial=trial, comment=comment, by=sample.person("registrar"))
    elif trial.blind_reviews.exists() and not accounts.is_told(trial):
        accounts.tell(plan, trial)
    elif trial.datasets.filter(kind=Dataset.Kind.OUTCOME).exists():
        conduct.advance(trial=trial, to=Conduct.DATA_LOCKED, by=sample.person("registrar"))
    else:
        return _send(plan, trial, Dataset.Kind.OUTCOME)
    return True


def _send(plan: TrialPlan, trial: Trial, kind: str) -> bool:
    """Upload simulated outcomes or doses; there is nothing more to do until a worker has checked them."""
    allocation, key = trial.allocation, f"sample-{kind}-{plan.key}"
    if allocation is None or Run.objects.filter(idempotency_key=key).exists():
        return False
    arms = dict(allocation.assignments.values_list("unit", "arm"))
    make = data.doses if kind == Dataset.Kind.DOSE else data.rows
    datasets.receive(
        trial=trial,
        file=io.BytesIO(make(plan, data.units(plan), arms)),
        kind=kind,
        filename=f"{plan.key}_{kind}.csv",
        by=sample.person(plan.force),
        idempotency_key=key,
    )
    return False


def _analyse(trial: Trial) -> bool:
    allocation = trial.allocation
    if allocation is not None and allocation.is_drawn and not allocation.is_revealed:
        allocations.reveal(trial=trial, by=sample.person("custodian"))
        return True
    analysis: Analysis | None = trial.analyses.filter(is_registered=True).first()
    if analysis is None:
        analyses.request(trial=trial, by=sample.person("analyst"))
        return False
    if not analysis.is_finished:
        return False
    if trial.conduct_state == Conduct.DATA_LOCKED:
        conduct.advance(trial=trial, to=Conduct.COMPLETED, by=sample.person("registrar"))
        return True
    return _release(trial, analysis)


def _release(trial: Trial, analysis: Analysis) -> bool:
    release: Release | None = analysis.releases.first()
    if release is None:
        releases.prepare(trial=trial, analysis=analysis, by=sample.person("analyst"))
        return True
    if release.published_at:
        return False
    checked = set(release.checks.values_list("checker__email", flat=True))
    for key in ("checker", "checker2"):
        if sample.address(key) not in checked:
            releases.clear(release=release, by=sample.person(key))
            return True
    if not FactualCheck.objects.filter(release=release).exists():
        factual_checks.record(release=release, by=trial.created_by)
        return True
    releases.publish(release=release, by=sample.person("publisher"))
    return True


def _sign(trial: Trial) -> bool:
    """Put the reviewers' names under the ratings that this trial made candidates."""
    open_ones = Rating.objects.filter(tactic=trial.tactic, published_at=None, superseded_at=None)
    for rating in open_ones:
        signed = set(rating.signatures.values_list("reviewer__email", flat=True))
        for key in ("reviewer", "reviewer2"):
            if sample.address(key) not in signed:
                ratings.sign(rating=rating, by=sample.person(key))
                return True
    return False


def _waiting(trial: Trial) -> bool:
    return (
        Run.objects.unfinished()
        .filter(subject_type=trial._meta.label_lower, subject_id=str(trial.pk))
        .exists()
    )

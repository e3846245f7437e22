"""What would move a tactic's rating: the evidence behind the public rating, with one more trial. Reads alone."""

from dataclasses import dataclass
from functools import partial
from math import log
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from centre.errors import Invalid
from tactics.models import Finding, OutcomeDomain, Rating, Tactic, rules_in_use
from tactics.rating import LABEL_NAMES, RATIO_METRICS, RatedTrial, RegistryCounts, Rules, rate
from tactics.rating.outlook import LADDER, LIKELY, Assumed, Outlook, expected, outlook, spread_of
from tactics.synthesis import NotEstimable

DEFAULT_CLUSTERS = 80
RANKED = 40  # a page waits for these; more would keep its reader waiting
KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks. `benefit` in per cent (standard deviations for SMD); what is left out, trials so far say."""

    clusters: int = DEFAULT_CLUSTERS
    benefit: float | None = None
    spread: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The outlook for the size asked for, and for each size of the ladder; or why there is none."""

    rating: Rating | None
    question: Question
    assumed: Assumed | None = None
    asked: Outlook | None = None
    ladder: tuple[Outlook, ...] = ()
    reason: str = ""

    @property
    def next_trial(self) -> Outlook | None:
        """Return the smallest trial of the ladder that would probably change the label."""
        return next((one for one in self.ladder if one.moves >= LIKELY), None)

    def as_json(self) -> dict[str, Any]:
        """Return the answer as plain JSON values."""
        assumed, asked, moving = self.assumed, self.asked, self.next_trial
        return {
            "label_now": asked.now.label.value if asked else None,
            "strength_now": asked.now.strength if asked else None,
            "assumed": {
                "metric": assumed.metric,
                "effect": assumed.effect,
                "spread": assumed.spread,
                "uncertainty": assumed.uncertainty,
            }
            if assumed
            else None,
            "asked": _as_json(asked) if asked else None,
            "ladder": [_as_json(one) for one in self.ladder],
            "smallest_that_probably_moves_it": moving.clusters if moving else None,
            "not_estimable": self.reason or None,
        }


def _as_json(one: Outlook) -> dict[str, Any]:
    return {
        "clusters": one.clusters,
        "std_error": one.std_error,
        "security": one.security,
        "label": one.result.label.value,
        "label_name": LABEL_NAMES[one.result.label],
        "strength": one.result.strength,
        "size_band": one.result.size_band,
        "chance_that_the_label_moves": one.moves,
        "chances": {label.value: share for label, share in one.chances},
    }


@dataclass(frozen=True, slots=True)
class Ranked:
    """One tactic and outcome with its outlook, for the choice of the next trial."""

    tactic: Tactic
    outcome_domain: OutcomeDomain
    rating: Rating
    answer: Answer


def ranked() -> tuple[list[Ranked], list[Ranked]]:
    """Return the public ratings that rest on trials, those that one more trial would most probably move first.

    In a second list those of which that cannot be said, with the reason. The ratings of the newest evidence are taken.
    """
    rows = Rating.objects.public().filter(synthesis__k__gte=1, tactic__published_at__isnull=False)
    found = [
        _ranked(rating) for rating in rows.select_related("tactic", "outcome_domain", "synthesis")[:RANKED]
    ]
    known = [one for one in found if one.answer.asked is not None]
    known.sort(key=lambda one: (-(one.answer.asked.moves if one.answer.asked else 0), one.tactic.name))
    return known, [one for one in found if one.answer.asked is None]


def _ranked(rating: Rating) -> Ranked:
    # Nothing but the rating, the rules and the day goes into it, so it is worked out once for all readers.
    key = f"outlook:{rating.pk}:{rules_in_use().version}:{timezone.localdate()}"
    found = cache.get(key)
    if found is None:
        found = answer(rating.tactic, rating.outcome_domain, Question())
        cache.set(key, found, KEPT_SECONDS)
    return Ranked(rating.tactic, rating.outcome_domain, rating, found)


def answer(tactic: Tactic, outcome_domain: OutcomeDomain, question: Question) -> Answer:
    """Answer from the findings that the public rating has read and that still stand: no candidate shows through.

    Raises
    ------
    Invalid : a number that makes no trial, by its field.
    """
    rating = Rating.objects.public().filter(tactic=tactic, outcome_domain=outcome_domain).first()
    keys = rating.finding_ids if rating else []
    findings = list(Finding.objects.current().filter(pk__in=keys))
    counts = tactic.registered_trials.all().counts(timezone.localdate())
    rules = rules_in_use()
    try:
        trials = [finding.rated_under(rules) for finding in findings]
        assumed = _assumed(trials, findings, counts, question, outcome_domain, rules)
        run = partial(outlook, trials, counts, assumed=assumed, today=timezone.localdate(), rules=rules)
        asked = run(clusters=question.clusters)
        ladder = tuple(run(clusters=size) for size in LADDER)
    except NotEstimable as refusal:
        return Answer(rating, question, reason=refusal.message)
    return Answer(rating, question, assumed, asked, ladder)


def _assumed(
    trials: list[RatedTrial],
    findings: list[Finding],
    counts: RegistryCounts,
    question: Question,
    domain: OutcomeDomain,
    rules: Rules,
) -> Assumed:
    now = rate(trials, counts, today=timezone.localdate(), rules=rules)
    metric = now.metric or (trials[0].metric if trials else "log_rate_ratio")
    pooled = {trial.ref for trial in now.eligible}
    used = [one for one in findings if str(one.pk) in pooled] or [
        one for one in findings if one.metric == metric
    ]
    spread = question.spread if question.spread is not None else spread_of([(f.vi, f.n_units) for f in used])
    effect, uncertainty = (
        (oriented(question.benefit, metric, domain), 0.0)
        if question.benefit is not None
        else expected(now, rules)
    )
    rates = [f.n_events / f.n_units for f in used if f.n_events is not None and f.n_units]
    return Assumed(
        metric=metric,  # type: ignore[arg-type]  # a rating's metric is one of them
        effect=effect,
        spread=spread,
        uncertainty=uncertainty,
        events_per_cluster=min(rates) if rates else None,
    )


def oriented(benefit: float, metric: str, domain: OutcomeDomain) -> float:
    """Return a benefit as the engine reads it: in per cent of a rate or odds, else in standard deviations.

    Raises
    ------
    Invalid : 100% or more of something that falls, or a fall of 100% or more of something that should rise.
    """
    if metric not in RATIO_METRICS:
        return -benefit
    inside = 1 - benefit / 100 if domain.benefit == "lower" else 1 + benefit / 100
    if inside <= 0:
        raise Invalid.field("benefit", "The benefit you expect must leave something: enter less than 100")
    return log(inside) if domain.benefit == "lower" else -log(inside)

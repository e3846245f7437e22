"""What would move this? The engine run with one more trial of a given size: which label, how strong, how likely.

Nothing here is evidence. It is arithmetic on a trial that does not exist, and says so wherever it is shown.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from statistics import median

from centre.distributions import quantile
from tactics.rating.evidence import RATIO_METRICS, Design, Metric, TrialEvidence
from tactics.rating.findings import NO_TRIALS, RatedTrial, RegistryCounts
from tactics.rating.rules import CURRENT, Rules
from tactics.rating.security import security
from tactics.rating.tactic import RatingResult, rate
from tactics.rating.verdict import Label
from tactics.synthesis.errors import NotEstimable

STUDY = "One more trial"
SMALLEST, LARGEST = 4, 2_000  # clusters of both arms together
LADDER = (20, 40, 80, 160, 320)
DRAWS = 25  # equally likely results of the trial: enough to say "more likely than not", not a decimal more
LIKELY = 0.8


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is assumed of the trial. `effect` is oriented: below 0 is a benefit.

    `spread` is the standard deviation, between clusters, of the outcome on the metric's scale; `uncertainty` is the
    variance of the effect itself, where it is a forecast and nobody's assertion.
    """

    metric: Metric
    effect: float
    spread: float
    uncertainty: float = 0.0
    events_per_cluster: float | None = None

    def std_error(self, clusters: int) -> float:
        """Return the standard error of a trial with half of the clusters in each arm."""
        first = clusters // 2
        return float(self.spread * (1 / first + 1 / (clusters - first)) ** 0.5)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the rules would say with the trial. `result`: where it finds just what is expected.

    `chances` are the shares of its likely results that give each label.
    """

    clusters: int
    std_error: float
    security: int | None
    now: RatingResult
    result: RatingResult
    chances: tuple[tuple[Label, float], ...]

    @property
    def moves(self) -> float:
        """Return the chance that the label is another one than now."""
        return 1 - self.chance(self.now.label)

    def chance(self, label: Label) -> float:
        """Return the chance of one label."""
        return dict(self.chances).get(label, 0.0)


def spread_of(sizes: Sequence[tuple[float, int | None]]) -> float:
    """Return the spread between units that the trials so far had: the median over trials.

    Parameters
    ----------
    sizes : variance of the estimate and number of units of each trial, both arms together.

    Notes
    -----
    From ``v = s^2 (1/n1 + 1/n2)`` with arms of one size: ``s = sqrt(v n / 4)``. Covariates and repeated measures that
    made a trial more precise are in it: one more trial is taken to be planned as well as those were.

    Raises
    ------
    NotEstimable : no trial says how many units it had.
    """
    known = [(variance * units / 4) ** 0.5 for variance, units in sizes if units and units >= SMALLEST]
    if not known:
        raise NotEstimable(
            "No trial so far says how many units it had, so how precise one more would be is not known: "
            "enter the spread between units"
        )
    return float(median(known))


def expected(now: RatingResult, rules: Rules = CURRENT) -> tuple[float, float]:
    """Return what to expect of one more trial, and how uncertain that is, from the trials so far.

    Without an estimate it is the smallest benefit that "no effect" must exclude (10%), taken as asserted.

    Raises
    ------
    NotEstimable : there is no estimate, and the outcome's scale has no agreed margin.
    """
    summary = now.summary
    if summary is None or summary.estimate is None or summary.std_error is None:
        if now.metric and now.metric not in RATIO_METRICS:
            raise NotEstimable(
                "There is no pooled effect, and no agreed margin on this scale: enter the benefit you expect"
            )
        return rules.margin_benefit, 0.0
    return summary.estimate, summary.std_error**2 + (summary.tau2 or 0.0)


def outlook(
    trials: Sequence[RatedTrial],
    registry: RegistryCounts = NO_TRIALS,
    *,
    clusters: int,
    assumed: Assumed,
    today: date,
    rules: Rules = CURRENT,
) -> Outlook:
    """Run the engine with one more trial: randomised, concealed, kept, nobody lost, in England, by others elsewhere.

    Parameters
    ----------
    trials, registry : the evidence so far.
    clusters : units that are drawn, both arms together.
    assumed : what the trial is taken to be like.

    Notes
    -----
    Its result is drawn from a normal distribution around the expected effect, with its own sampling variance and the
    uncertainty of the effect: `DRAWS` equally likely results, at fixed quantiles, so that the same question has the
    same answer.

    Raises
    ------
    NotEstimable : the number of clusters, the spread or the effect make no trial; the metric has no power ladder.
    """
    _check(clusters, assumed)
    error = assumed.std_error(clusters)
    judged = security(_evidence(clusters, assumed.metric, error), rules=rules).score

    def rated(effect: float | None) -> RatingResult:
        more = [] if effect is None else [_trial(effect, error, judged, clusters, assumed, today)]
        return rate([*trials, *more], registry, today=today, rules=rules)

    spread = (error**2 + assumed.uncertainty) ** 0.5
    drawn = [assumed.effect + spread * quantile((i + 0.5) / DRAWS, None) for i in range(DRAWS)]
    counts = Counter(rated(effect).label for effect in drawn)
    chances = tuple((label, counts[label] / DRAWS) for label in Label if counts[label])
    return Outlook(clusters, error, judged, rated(None), rated(assumed.effect), chances)


def _check(clusters: int, assumed: Assumed) -> None:
    if not SMALLEST <= clusters <= LARGEST:
        raise NotEstimable(f"The number of units must be from {SMALLEST} to {LARGEST:,}")
    if assumed.metric == "difference":
        raise NotEstimable(
            "The outcome is measured in its own units, whose spread between people or places the library does not "
            "keep: what one more trial could detect cannot be worked out"
        )
    if not (isfinite(assumed.spread) and 0 < assumed.spread <= 10):
        raise NotEstimable("The spread between units must be above 0, and 10 at most")
    if not (isfinite(assumed.effect) and abs(assumed.effect) <= 3):
        raise NotEstimable("The effect you expect is too large to be one")


def _evidence(clusters: int, metric: Metric, error: float) -> TrialEvidence:
    return TrialEvidence(
        design=Design.RANDOMISED,
        metric=metric,
        std_error=error,
        concealed=True,
        allocation_verified=True,
        treated_clusters=clusters // 2,
        control_clusters=clusters - clusters // 2,
    )


def _trial(
    effect: float, error: float, judged: int | None, clusters: int, assumed: Assumed, today: date
) -> RatedTrial:
    half = quantile(0.975, None) * error
    events = assumed.events_per_cluster
    return RatedTrial(
        study=STUDY,
        metric=assumed.metric,
        yi=effect,
        vi=error**2,
        conf_low=effect - half,
        conf_high=effect + half,
        security=judged,
        is_randomised=True,
        sms=5,
        forces=frozenset({"a force that has not tested it"}),
        evaluator="a team that has not tested it",
        completed_on=today,
        country="England",
        n_events=None if events is None else round(events * clusters),
    )

"""The rating of a tactic on one outcome domain: pool, code the direction, weigh the strength, name it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tactics.rating.evidence import METRICS
from tactics.rating.findings import BY_REVIEWERS, NO_TRIALS, OVERRIDE, Override, RatedTrial, RegistryCounts
from tactics.rating.rules import CURRENT, Rules
from tactics.rating.strength import Setting, strength
from tactics.rating.trace import Step
from tactics.rating.verdict import (
    LABEL_NAMES,
    Label,
    direction,
    harm_not_excluded,
    label,
    label_without_trials,
    size_band,
)
from tactics.synthesis.summary import Effect, Summary, summarise

GRADE = {5: "High", 4: "High", 3: "Moderate", 2: "Low", 1: "Very low", 0: "Very low"}
CRIME_SOLUTIONS = {
    Label.HARMFUL: "Negative Effects",
    Label.EFFECTIVE: "Effective",
    Label.PROMISING: "Promising",
    Label.MIXED: "Inconclusive",
    Label.NO_EFFECT: "No Effects",
    Label.INCONCLUSIVE: "Inconclusive",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A trial that is shown and not pooled, with the reason."""

    trial: RatedTrial
    reason: str


@dataclass(frozen=True, slots=True)
class RatingResult:
    """A candidate rating with everything that led to it."""

    label: Label
    crt_code: str
    strength: int
    size_band: str
    rules_version: str
    metric: str
    summary: Summary | None
    eligible: tuple[RatedTrial, ...]
    listed: tuple[Listed, ...]
    trace: tuple[Step, ...]
    review_due: bool = False
    harm_not_excluded: bool = False
    crosswalk: dict[str, str] = field(default_factory=dict)

    @property
    def k(self) -> int:
        """Return the number of eligible trials."""
        return len(self.eligible)

    @property
    def label_name(self) -> str:
        """Return the label as readers see it."""
        return LABEL_NAMES[self.label]

    @property
    def raises_hold(self) -> bool:
        """Return whether staff must look the same day."""
        return self.label == Label.HARMFUL

    def as_json(self) -> dict[str, Any]:
        """Return the rating with its trace as plain JSON values."""
        return {
            "rules_version": self.rules_version,
            "label": self.label.value,
            "label_name": self.label_name,
            "crt_code": self.crt_code,
            "strength": self.strength,
            "size_band": self.size_band,
            "metric": self.metric,
            "k": self.k,
            "review_due": self.review_due,
            "harm_not_excluded": self.harm_not_excluded,
            "crosswalk": self.crosswalk,
            "summary": self.summary.as_json() if self.summary else None,
            "eligible": [{"study": trial.study, "finding": trial.ref} for trial in self.eligible],
            "listed": [
                {"study": one.trial.study, "finding": one.trial.ref, "reason": one.reason}
                for one in self.listed
            ],
            "trace": [step.as_json() for step in self.trace],
        }


def rate(
    trials: Sequence[RatedTrial],
    registry: RegistryCounts = NO_TRIALS,
    *,
    today: date,
    rules: Rules = CURRENT,
    override: Override | None = None,
    heterogeneity_explained: bool = False,
) -> RatingResult:
    """Rate a tactic on one outcome domain.

    Parameters
    ----------
    trials : every current trial with its security, one for each independent sample.
    registry : counts of this tactic's registered trials.
    today : the day of the rating, for the age of the evidence.
    override : the reviewers' one step up or down; the label is derived again from it.
    heterogeneity_explained : a registered moderator accounts for the spread.
    """
    eligible, listed = _sort(trials, rules)
    if not eligible:
        name, step = label_without_trials(registry, [one.trial for one in listed])
        walk = {"grade": GRADE[0], "crime_solutions": CRIME_SOLUTIONS.get(name, "")}
        start = Step("ST", "start", "No eligible trial", 0)
        return RatingResult(
            name, "", 0, "", rules.version, "", None, (), tuple(listed), (start, step), crosswalk=walk
        )
    summary = summarise([Effect(t.study, t.yi, t.vi, t.conf_low, t.conf_high) for t in eligible])
    setting = Setting(eligible, summary, registry, rules, today, heterogeneity_explained)
    found = direction(eligible, summary)
    band = size_band(summary, found, metric=eligible[0].metric, rules=rules)
    weighed = strength(setting)
    score, moved = _overridden(weighed.score, override)
    name, step = label(setting, found, score)
    pooled = Step("POOL", "note", summary.method, summary.k, {"metric": eligible[0].metric})
    return RatingResult(
        label=name,
        crt_code=found.crt_code,
        strength=score,
        size_band=str(band.effect),
        rules_version=rules.version,
        metric=eligible[0].metric,
        summary=summary,
        eligible=tuple(eligible),
        listed=tuple(listed),
        trace=(pooled, found.step, band, *weighed.steps, *moved, step),
        review_due=weighed.review_due,
        harm_not_excluded=name == Label.NO_EFFECT and harm_not_excluded(setting),
        crosswalk=_crosswalk(name, score, str(band.effect), found.crt_code, eligible),
    )


def _sort(trials: Sequence[RatedTrial], rules: Rules) -> tuple[list[RatedTrial], list[Listed]]:
    """Part the trials that are pooled from those that are only listed."""
    eligible, listed = [], []
    for trial in sorted(trials, key=lambda t: (t.completed_on or date.min, t.study)):
        reason = _why_not(trial, rules)
        if reason:
            listed.append(Listed(trial, reason))
        else:
            eligible.append(trial)
    metric = _main_metric(eligible)
    other = [t for t in eligible if t.metric != metric]
    words = "measured on another scale; estimates are pooled only within one metric"
    return [t for t in eligible if t.metric == metric], listed + [Listed(t, words) for t in other]


def _why_not(trial: RatedTrial, rules: Rules) -> str:
    if trial.below_integrity_floor:
        return "not a test of the tactic: delivery fell below the trial's integrity floor"
    if trial.security is None:
        return "not rated until it is analysed again"
    if trial.security < rules.eligible_security:
        return f"security {trial.security} is below {rules.eligible_security}"
    return ""


def _main_metric(trials: Sequence[RatedTrial]) -> str:
    """Return the metric that most trials use; on a tie the earlier in the list of metrics."""
    counts = Counter(t.metric for t in trials)
    return max(METRICS, key=lambda metric: (counts[metric], -METRICS.index(metric)))


def _overridden(score: int, override: Override | None) -> tuple[int, list[Step]]:
    if override is None:
        return score, []
    moved = min(5, max(0, score + override.step))
    return moved, [
        Step(OVERRIDE, "change", BY_REVIEWERS + override.reason, override.step, {"from": score, "to": moved})
    ]


def _crosswalk(name: Label, score: int, band: str, crt: str, trials: Sequence[RatedTrial]) -> dict[str, str]:
    """Return the nearest words of other systems, shown beside every rating."""
    return {
        "crime_reduction_toolkit": crt,
        "yef_band": band,
        "crime_solutions": CRIME_SOLUTIONS.get(name, ""),
        "grade": GRADE[score],
        "best_sms": str(max(t.sms for t in trials)),
    }

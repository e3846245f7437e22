"""Strength of evidence, 0 to 5 (GRADE's logic): start, subtract, add, then the caps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import exp, expm1

from tactics.rating.findings import RatedTrial, RegistryCounts
from tactics.rating.rules import Rules
from tactics.rating.trace import Step
from tactics.synthesis.summary import Summary


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything the strength rules look at."""

    trials: Sequence[RatedTrial]
    summary: Summary
    registry: RegistryCounts
    rules: Rules
    today: date
    heterogeneity_explained: bool = False

    @property
    def is_ratio(self) -> bool:
        """Return whether percentages and their margins apply."""
        return self.trials[0].is_ratio

    @property
    def weights(self) -> tuple[float, ...]:
        """Return each trial's share of weight; equal where nothing could be pooled."""
        return self.summary.weights or tuple(1 / len(self.trials) for _ in self.trials)

    def share(self, chosen: Sequence[bool]) -> float:
        """Return the weight that the chosen trials carry."""
        return sum(w for w, one in zip(self.weights, chosen, strict=True) if one)

    @property
    def spans_both_ways(self) -> bool:
        """Return whether the prediction interval reaches beyond the SESOI on both sides (SMD: contains 0)."""
        low, high = self.summary.prediction_low, self.summary.prediction_high
        if low is None or high is None:
            return False
        if not self.is_ratio:
            return low < 0 < high
        return low < self.rules.sesoi_benefit and high > self.rules.sesoi_harm


@dataclass(frozen=True, slots=True)
class Strength:
    """The strength with its steps. `review_due`: the newest trial is over five years old."""

    score: int
    steps: tuple[Step, ...]
    review_due: bool = field(default=False)


def strength(setting: Setting) -> Strength:
    """Rate the strength of the evidence for one tactic and outcome domain."""
    begin = _start(setting)
    changes = [
        step
        for rule in (_bias, _inconsistency, _directness, _imprecision, _reporting, _age, _up)
        for step in rule(setting)
    ]
    total = min(5, max(0, int(begin.effect or 0) + sum(int(step.effect or 0) for step in changes)))
    limits = _caps(setting)
    score = min([total, *(int(step.effect or 0) for step in limits)])
    words = f"Strength {score} of 5"
    result = Step("STRENGTH", "result", words, score, {"before_caps": total})
    due = any(step.rule == "SA" for step in changes)
    return Strength(score, (begin, *changes, *limits, result), due)


def _start(s: Setting) -> Step:
    strong = s.share([t.is_randomised and (t.security or 0) >= s.rules.secure for t in s.trials])
    if strong >= s.rules.weight_majority:
        secure = " or ".join(str(score) for score in range(s.rules.secure, 6))
        return Step(
            "ST",
            "start",
            f"Randomised trials of security {secure} carry {strong:.0%} of the weight",
            s.rules.start_secure,
        )
    if any(t.is_randomised and (t.security or 0) >= s.rules.fairly_secure for t in s.trials):
        words = f"At least one randomised trial has security {s.rules.fairly_secure} or more"
        return Step("ST", "start", words, s.rules.start_randomised)
    if any(t.is_difference_or_rdd and t.security == s.rules.secure for t in s.trials):
        words = f"The best evidence is a difference-in-differences or RDD of security {s.rules.secure}"
        return Step("ST", "start", words, s.rules.start_difference)
    return Step("ST", "start", "No stronger design among the trials", s.rules.start_other)


def _bias(s: Setting) -> list[Step]:
    mean = sum(w * (t.security or 0) for w, t in zip(s.weights, s.trials, strict=True))
    # Weights are fractions: 3.5 exactly may arrive as 3.4999999999.
    mean = round(mean, 9)
    for cut, change in ((s.rules.bias_minus_2, -2), (s.rules.bias_minus_1, -1)):
        if mean < cut:
            return [
                Step("SB", "change", f"Average security {mean:.2f} is below {cut}", change, {"mean": mean})
            ]
    return []


def _inconsistency(s: Setting) -> list[Step]:
    i2 = s.summary.i2
    if i2 is None:
        return []
    values = {
        "i2": i2,
        "prediction_low": s.summary.prediction_low,
        "prediction_high": s.summary.prediction_high,
    }
    if s.spans_both_ways:
        return [Step("SI", "change", "A new place could see a worthwhile benefit or a harm", -2, values)]
    if i2 >= s.rules.i2_high:
        return [Step("SI", "change", f"Results differ a great deal (I² = {i2:.0f}%)", -2, values)]
    if i2 >= s.rules.i2_moderate and not s.heterogeneity_explained:
        return [Step("SI", "change", f"Results differ, unexplained (I² = {i2:.0f}%)", -1, values)]
    return []


def _directness(s: Setting) -> list[Step]:
    steps = []
    if not any(t.in_england_or_wales for t in s.trials):
        steps.append(Step("SD", "change", "No trial in England or Wales", -1))
    proxy = s.share([t.is_proxy for t in s.trials])
    if proxy >= s.rules.weight_majority:
        steps.append(
            Step("SD", "change", f"The outcome is a proxy in trials with {proxy:.0%} of the weight", -1)
        )
    return steps


def _imprecision(s: Setting) -> list[Step]:
    steps = []
    low, high = s.summary.conf_low, s.summary.conf_high
    if s.is_ratio and low is not None and high is not None and low <= 0 <= high:
        reaches = low <= s.rules.margin_benefit or high >= s.rules.margin_harm
        reached = s.rules.margin_benefit if low <= s.rules.margin_benefit else s.rules.margin_harm
        words = f"The interval contains no change and also a {abs(expm1(reached)):.0%} change"
        steps += [Step("SP", "change", words, -1, {"conf_low": low, "conf_high": high})] if reaches else []
    known = [t.n_events for t in s.trials if t.n_events is not None]
    # An unknown count may hold any number, so the clause is judged only where every trial states one.
    if len(known) == len(s.trials) and sum(known) < s.rules.few_events:
        steps.append(
            Step(
                "SP",
                "change",
                f"{sum(known)} events in total, fewer than {s.rules.few_events}",
                -1,
                {"events": sum(known)},
            )
        )
    return steps


def _reporting(s: Setting) -> list[Step]:
    steps = []
    counts = s.registry
    if counts.registered and counts.overdue / counts.registered >= s.rules.overdue_share:
        words = f"{counts.overdue} of {counts.registered} registered trials are overdue with their results"
        steps.append(
            Step("SR", "change", words, -1, {"overdue": counts.overdue, "registered": counts.registered})
        )
    p = s.summary.egger_p_value
    if p is not None and s.summary.k >= s.rules.egger_k and p < s.rules.egger_p:
        steps.append(
            Step("SR", "change", f"Small trials differ from large ones (Egger p = {p:.3f})", -1, {"egger": p})
        )
    return steps


def _age(s: Setting) -> list[Step]:
    dates = [t.completed_on for t in s.trials if t.completed_on is not None]
    if not dates:
        return []
    newest = max(dates)
    years = s.today.year - newest.year - ((s.today.month, s.today.day) < (newest.month, newest.day))
    whole = (s.today.month, s.today.day) == (newest.month, newest.day)
    for limit, change in ((s.rules.old_years, -1), (s.rules.review_due_years, 0)):
        if years > limit or (years == limit and not whole):
            words = f"The newest trial is more than {limit} years old: review due"
            return [Step("SA", "change", words, change, {"newest": newest.isoformat()})]
    return []


def _up(s: Setting) -> list[Step]:
    steps = []
    if any(t.dose_response for t in s.trials):
        steps.append(Step("SU", "change", "More of the tactic went with more effect", 1))
    estimate = s.summary.estimate
    if s.is_ratio and estimate is not None and not any(t.is_randomised for t in s.trials):
        ratio = exp(estimate)
        for limit, change, words in ((s.rules.up_ratio_2, 2, "very large"), (s.rules.up_ratio_1, 1, "large")):
            if ratio <= limit:
                return [*steps, Step("SU", "change", f"A {words} effect (ratio {ratio:.2f})", change)]
    return steps


def _caps(s: Setting) -> list[Step]:
    k = len(s.trials)
    forces = frozenset[str]().union(*(t.forces for t in s.trials))
    teams = {t.evaluator for t in s.trials}
    rows = (
        ("SK", k == 1, s.rules.cap_one_trial, "One trial only"),
        ("SK", k > 1 and len(forces) <= 1, s.rules.cap_one_force, "All trials in one force"),
        ("SK", k > 1 and len(teams) == 1, s.rules.cap_one_team, "All trials by one evaluator team"),
        (
            "SI",
            k < 3,
            s.rules.cap_two_trials,
            "Fewer than three trials: agreement between them cannot be judged",
        ),
    )
    return [Step(rule, "cap", words, cap) for rule, fires, cap, words in rows if fires]

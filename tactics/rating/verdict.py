"""Direction (E1 to E6), size band and headline label (L1 to L8) of a tactic on one outcome domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from math import exp

from tactics.rating.evidence import RATIO_METRICS, Metric
from tactics.rating.findings import RatedTrial, RegistryCounts
from tactics.rating.rules import Rules
from tactics.rating.strength import Setting
from tactics.rating.trace import Step
from tactics.synthesis.summary import Summary


class Label(StrEnum):
    """The headline of a rating."""

    HARMFUL = "potentially_harmful"
    EFFECTIVE = "effective"
    PROMISING = "promising"
    MIXED = "mixed"
    NO_EFFECT = "no_effect"
    INCONCLUSIVE = "inconclusive"
    BEING_TESTED = "being_tested"
    UNTESTED = "untested"


LABEL_NAMES: dict[Label, str] = {
    Label.HARMFUL: "Potentially harmful",
    Label.EFFECTIVE: "Effective",
    Label.PROMISING: "Promising",
    Label.MIXED: "Mixed",
    Label.NO_EFFECT: "No effect",
    Label.INCONCLUSIVE: "Inconclusive",
    Label.BEING_TESTED: "Being tested",
    Label.UNTESTED: "Untested – new or innovative",
}
NEEDS_SIGNATURES = frozenset(LABEL_NAMES) - {Label.INCONCLUSIVE, Label.BEING_TESTED, Label.UNTESTED}


@dataclass(frozen=True, slots=True)
class Direction:
    """The toolkit's direction code, and whether the pooled effect is significant."""

    crt_code: str
    rule: str
    step: Step

    @property
    def is_significant(self) -> bool:
        """Return whether the pooled interval excludes 0."""
        return self.rule in ("E1", "E2")


def percent_change(log_ratio: float) -> float:
    """Return the per cent reduction that a log ratio means; positive is a reduction."""
    return 100 * (1 - exp(log_ratio))


def direction(trials: Sequence[RatedTrial], summary: Summary) -> Direction:
    """Return the direction code. First match wins."""
    good, bad = any(t.is_good for t in trials), any(t.is_bad for t in trials)
    low, high = summary.conf_low, summary.conf_high
    pooled_bad = low is not None and low > 0
    pooled_good = high is not None and high < 0
    table = (
        ("E1", pooled_bad, "-2" if good else "-3", "The pooled effect is harmful"),
        ("E2", pooled_good, "+2" if bad else "+3", "The pooled effect is beneficial"),
        ("E3", good and bad, "0x", "Not significant overall; trials point both ways"),
        ("E4", good, "+1", "Not significant overall; at least one trial found a benefit"),
        ("E5", bad, "-1", "Not significant overall; at least one trial found a harm"),
        ("E6", True, "0", "Not significant overall, and in no trial"),
    )
    rule, code, words = next((rule, code, words) for rule, matches, code, words in table if matches)
    values = {"conf_low": low, "conf_high": high, "any_good": good, "any_bad": bad}
    return Direction(code, rule, Step(rule, "code", words, code, values))


def size_band(summary: Summary, found: Direction, *, metric: Metric, rules: Rules) -> Step:
    """Return the size band from the pooled per cent change, of a rate or of odds; bands are half-open."""
    if metric not in RATIO_METRICS:
        return Step("SIZE", "band", "No size band: bands are defined for ratios only", "")
    if summary.estimate is None:
        return Step("SIZE", "band", "No size band: the trials could not be pooled", "")
    change = round(percent_change(summary.estimate), 9)
    what = "in the odds " if metric == "log_odds_ratio" else ""
    way = "A reduction" if change >= 0 else "An increase"
    table = (
        (found.rule == "E1", "harmful", "Harmful: the interval excludes no change"),
        (
            change >= rules.size_high,
            "high",
            f"Reduction {what}of {change:.1f}%, {rules.size_high:g}% or more",
        ),
        (
            change >= rules.size_moderate,
            "moderate",
            f"Reduction {what}of {change:.1f}%, {rules.size_moderate:g}% to below {rules.size_high:g}%",
        ),
        (
            change >= rules.size_low,
            "low",
            f"Reduction {what}of {change:.1f}%, {rules.size_low:g}% to below {rules.size_moderate:g}%",
        ),
        (
            change > -rules.size_low,
            "negligible",
            f"{way} {what}of {abs(change):.1f}%, below {rules.size_low:g}% either way",
        ),
        (True, "", "Increase, not significant: no band"),
    )
    band, words = next((band, words) for matches, band, words in table if matches)
    return Step("SIZE", "band", words, band, {"percent_reduction": change})


def label(setting: Setting, found: Direction, score: int) -> tuple[Label, Step]:
    """Return the headline label for at least one eligible trial. First match wins."""
    significant, rules = found.is_significant, setting.rules
    table = (
        ("L1", found.rule == "E1" or _secure_harm(setting), Label.HARMFUL),
        (
            "L2",
            found.crt_code == "+3" and score >= rules.effective_strength and _stands_alone(setting),
            Label.EFFECTIVE,
        ),
        ("L3", found.rule == "E2" and score >= rules.promising_strength, Label.PROMISING),
        ("L4", found.crt_code == "0x" or _differs_both_ways(setting), Label.MIXED),
        ("L5", not significant and _secure_null(setting), Label.NO_EFFECT),
        ("L6", True, Label.INCONCLUSIVE),
    )
    rule, name = next((rule, name) for rule, matches, name in table if matches)
    note = ""
    if rule == "L5" and harm_not_excluded(setting):
        note = "; harm not excluded"
    if rule == "L3":
        note = "; one study" if len(setting.trials) == 1 else "; several studies"
    return name, Step(rule, "label", LABEL_NAMES[name] + note, name.value)


def label_without_trials(registry: RegistryCounts, ineligible: Sequence[RatedTrial]) -> tuple[Label, Step]:
    """Return the headline label where no trial is eligible."""
    if ineligible:
        words = _why_none_counts(ineligible)
        return Label.INCONCLUSIVE, Step("L6", "label", words, Label.INCONCLUSIVE.value)
    if registry.awaited:
        several = "trials have" if registry.awaited > 1 else "trial has"
        words = f"{registry.awaited} registered {several} not published yet"
        return Label.BEING_TESTED, Step("L7", "label", words, Label.BEING_TESTED.value)
    return Label.UNTESTED, Step("L8", "label", "No trial, and none registered", Label.UNTESTED.value)


def _why_none_counts(trials: Sequence[RatedTrial]) -> str:
    """Say what is true of them all, or how many of each kind there are."""
    floor = sum(trial.below_integrity_floor for trial in trials)
    unrated = sum(trial.security is None and not trial.below_integrity_floor for trial in trials)
    kinds = (
        (len(trials) - floor - unrated, "No study of sufficient security", "of too low security"),
        (unrated, "No study has a security rating", "not rated"),
        (floor, "No study was a test of the tactic", "not a test of the tactic"),
    )
    met = [(count, all_of, some_of) for count, all_of, some_of in kinds if count]
    if len(met) == 1:
        return met[0][1]
    return "No study counts: " + ", ".join(f"{count} {some_of}" for count, _, some_of in met)


def harm_not_excluded(setting: Setting) -> bool:
    """Return whether the interval still reaches a 5% harm."""
    high = setting.summary.conf_high
    return setting.is_ratio and high is not None and high >= setting.rules.sesoi_harm


def _secure(s: Setting) -> list[RatedTrial]:
    return [t for t in s.trials if (t.security or 0) >= s.rules.secure]


def _secure_harm(s: Setting) -> bool:
    secure = _secure(s)
    return any(t.is_bad and t.role in ("primary", "harm") for t in secure) and not any(
        t.is_good for t in secure
    )


def _stands_alone(s: Setting) -> bool:
    """Return whether the benefit is replicated and unlikely to turn into a harm in a new place."""
    return _replicated(s) and _holds_elsewhere(s)


def _replicated(s: Setting) -> bool:
    """Return whether two independent secure trials stand, one of the secure ones randomised."""
    secure = _secure(s)
    independent = any(a.is_independent_of(b) for a, b in combinations(secure, 2))
    return independent and any(t.is_randomised for t in secure)


def _holds_elsewhere(s: Setting) -> bool:
    """Return whether a new place is unlikely to see a harm; two trials must both be good on their own."""
    if len(s.trials) == 2:
        return all(t.is_good for t in s.trials)
    high = s.summary.prediction_high
    if high is None:
        return False
    return high < 0 if not s.is_ratio else high <= s.rules.sesoi_harm


def _differs_both_ways(s: Setting) -> bool:
    return (s.summary.i2 or 0) >= s.rules.i2_high and s.spans_both_ways


def _secure_null(s: Setting) -> bool:
    """Return whether a secure trial stands and the interval excludes a 10% benefit (ratios only)."""
    low = s.summary.conf_low
    return s.is_ratio and bool(_secure(s)) and low is not None and low > s.rules.margin_benefit

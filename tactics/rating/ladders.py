"""The three ladders of trial security: design (D), power (P) and attrition (A)."""

from math import exp
from typing import Any

from tactics.rating.evidence import RATIO_METRICS, Design, TrialEvidence
from tactics.rating.rules import Rules
from tactics.rating.trace import Step

# design: rule, score, SMS level, words
_FIXED: dict[Design, tuple[str, int, int, str]] = {
    Design.DISCONTINUITY: ("D4b", 4, 4, "Regression discontinuity"),
    Design.DIFFERENCE: ("D4b", 4, 3, "Difference-in-differences with a comparison group"),
    Design.SYNTHETIC: ("D4b", 4, 3, "Synthetic control with a comparison group"),
    Design.ADJUSTED: ("D3", 3, 3, "Adjusted for all agreed confounders, the earlier outcome included"),
    Design.PARTLY_ADJUSTED: ("D2", 2, 2, "Adjusted for some confounders only"),
    Design.COMPARISON: ("D1", 1, 1, "A comparison group, nothing adjusted"),
    Design.NO_COMPARISON: ("D0", 0, 1, "No comparison group"),
}


def counts_as_randomised(evidence: TrialEvidence, rules: Rules) -> bool:
    """Return whether the draw protects the comparison.

    Beyond 20% overrides, or where it is known that the sequence was not concealed, a trial is judged as a QED.
    """
    was_kept = evidence.overrides <= rules.overrides_most
    return evidence.is_randomised and was_kept and evidence.concealed is not False


def design(evidence: TrialEvidence, rules: Rules) -> tuple[Step, int]:
    """Return the design step and the Maryland (SMS) level."""
    if evidence.design != Design.RANDOMISED:
        rule, score, sms, words = _FIXED[evidence.design]
        return Step(rule, "score", words, score, {"design": evidence.design.value}), sms
    values = {
        "design": evidence.design.value,
        "overrides": evidence.overrides,
        "concealed": evidence.concealed,
    }
    if evidence.concealed is False:
        return _not_concealed(evidence, values)
    if evidence.overrides > rules.overrides_most:
        words = f"Randomised, but {evidence.overrides:.0%} of units did not keep their allocation"
        return Step("D2", "score", words, 2, values), 2
    if evidence.overrides > rules.overrides_clean or evidence.concealed is None:
        why = (
            "concealment is not known"
            if evidence.concealed is None
            else f"overrides {evidence.overrides:.0%}"
        )
        return Step("D4a", "score", f"Randomised; {why}", 4, values), 4
    words = f"Randomised, generated and concealed, overrides {rules.overrides_clean:.0%} or fewer"
    return Step("D5", "score", words, 5, values), 5


def _not_concealed(evidence: TrialEvidence, values: dict[str, Any]) -> tuple[Step, int]:
    """Return the step of a comparison by what it adjusts for: D5 needs concealment, D4a that it is not known."""
    adjusted = evidence.baseline_adjusted
    rule, score, sms, words = _FIXED[Design.PARTLY_ADJUSTED if adjusted else Design.COMPARISON]
    said = f"Randomised, but the sequence was not concealed. {words}"
    return Step(rule, "score", said, score, {**values, "adjusted": adjusted}), sms


def detectable(evidence: TrialEvidence, rules: Rules) -> tuple[float, str] | None:
    """Return the detectable effect and its unit: per cent change for ratios, SD otherwise."""
    reach = rules.power_multiplier * evidence.std_error
    if evidence.metric in RATIO_METRICS:
        return 100 * (1 - exp(-reach)), "%"
    if evidence.metric == "smd":
        return reach, "SD"
    return (reach / evidence.outcome_sd, "SD") if evidence.outcome_sd else None


def power(evidence: TrialEvidence, rules: Rules) -> Step | None:
    """Return the power step from the realised standard error; None where the scale is unknown."""
    found = detectable(evidence, rules)
    if found is None:
        return None
    size, unit = found
    if unit == "%":
        score = sum(size <= cut for cut in rules.power_ratio_at_most)
        words = f"Could detect a change of {size:.1f}%"
    else:
        score = int(size <= rules.power_smd_first) + sum(size < cut for cut in rules.power_smd_below)
        words = f"Could detect a difference of {size:.2f} standard deviations"
    values = {
        "std_error": evidence.std_error,
        "detectable": size,
        "unit": unit,
        "planned": evidence.planned_mdes,
    }
    return Step(f"P{score}", "score", f"{words} with 80% power", score, values)


def attrition(evidence: TrialEvidence, rules: Rules) -> Step:
    """Return the attrition step: the worst of unit and cluster level, as randomised."""
    worst = max(evidence.attrition_units, evidence.attrition_clusters)
    percent = round(100 * worst, 9)
    score = sum(percent <= cut for cut in rules.attrition_at_most)
    values = {"units": evidence.attrition_units, "clusters": evidence.attrition_clusters}
    return Step(f"A{score}", "score", f"{percent:.1f}% were lost", score, values)

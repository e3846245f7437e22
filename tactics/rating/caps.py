"""Caps on trial security (C1 to C10): one serious weakness that no other strength makes up for."""

from collections.abc import Callable

from tactics.rating.attrition import is_high, limit
from tactics.rating.evidence import Design, TrialEvidence, size_of
from tactics.rating.ladders import counts_as_randomised
from tactics.rating.rules import Rules
from tactics.rating.trace import Step

NO_RATING = "C9"
Cap = Callable[[TrialEvidence, Rules], Step | None]


def caps(evidence: TrialEvidence, rules: Rules) -> list[Step]:
    """Return every cap that fires, in order of its id."""
    return [step for cap in _CAPS if (step := cap(evidence, rules)) is not None]


def passes_pre_trends(evidence: TrialEvidence, rules: Rules) -> bool:
    """Return whether a difference-in-differences shows parallel pre-trends by C6 (tested, and fine)."""
    return evidence.pre_trend_p is not None and _pre_trends(evidence, rules) is None


def _attrition(evidence: TrialEvidence, rules: Rules) -> Step | None:
    """C1 and C2: randomised, with attrition beyond the boundary that the protocol fixed."""
    overall = max(evidence.attrition_units, evidence.attrition_clusters)
    boundary = evidence.attrition_boundary
    if not counts_as_randomised(evidence, rules) or not is_high(
        overall, evidence.attrition_differential, boundary
    ):
        return None
    smd = evidence.largest_smd
    values = {
        "overall": overall,
        "differential": evidence.attrition_differential,
        "boundary": boundary,
        "limit": limit(overall, boundary),
        "baseline_smd": evidence.baseline_smd,
        "adjusted": evidence.baseline_adjusted,
    }
    equivalent = smd is not None and (
        abs(smd) <= rules.smd_adjust_above
        or (abs(smd) <= rules.smd_fails_above and evidence.baseline_adjusted)
    )
    if equivalent:
        return Step(
            "C1",
            "cap",
            f"High attrition ({boundary} boundary); groups equivalent at baseline",
            rules.cap_c1,
            values,
        )
    return Step(
        "C2",
        "cap",
        f"High attrition ({boundary} boundary); equivalence fails or is not shown",
        rules.cap_c2,
        values,
    )


def _baseline(evidence: TrialEvidence, rules: Rules) -> Step | None:
    """C3 and C4: not randomised, and different before the trial."""
    smd = evidence.largest_smd
    if counts_as_randomised(evidence, rules) or smd is None or abs(smd) <= rules.smd_adjust_above:
        return None
    values = {"baseline_smd": evidence.baseline_smd, "adjusted": evidence.baseline_adjusted}
    if abs(smd) > rules.smd_fails_above:
        parallel = evidence.design == Design.DIFFERENCE and passes_pre_trends(evidence, rules)
        words = f"Groups differed {size_of(smd)} before the trial"
        return Step(
            "C3",
            "cap",
            words + ("; pre-trends are parallel" if parallel else ""),
            rules.cap_c3_parallel if parallel else rules.cap_c3,
            values,
        )
    if evidence.baseline_adjusted:
        return None
    return Step(
        "C4",
        "cap",
        f"Groups differed {size_of(smd)} before the trial, not adjusted",
        rules.cap_c4,
        values,
    )


def _clusters(evidence: TrialEvidence, rules: Rules) -> Step | None:
    """C5 and C5b: too few clusters in the smaller arm."""
    if evidence.treated_clusters is None or evidence.control_clusters is None:
        return None
    smaller = min(evidence.treated_clusters, evidence.control_clusters)
    values = {"treated": evidence.treated_clusters, "control": evidence.control_clusters}
    if smaller <= 1:
        placebo = evidence.design == Design.SYNTHETIC and evidence.placebo_p
        most = rules.cap_c5_placebo if placebo else rules.cap_c5
        return Step("C5", "cap", "One arm has a single cluster", most, values)
    if smaller <= rules.few_clusters_2:
        return Step("C5b", "cap", f"The smaller arm has {smaller} clusters", rules.cap_c5b_fewest, values)
    if smaller <= rules.few_clusters_3:
        return Step("C5b", "cap", f"The smaller arm has {smaller} clusters", rules.cap_c5b_few, values)
    return None


def _pre_trends(evidence: TrialEvidence, rules: Rules) -> Step | None:
    """C6: the groups were already moving apart."""
    if evidence.design != Design.DIFFERENCE:
        return None
    p, share = evidence.pre_trend_p, evidence.pre_coefficient_share
    differ = p is not None and p < rules.pre_trend_p
    large = share is not None and abs(share) >= rules.pre_coefficient_share
    if not differ and not large:
        return None
    words = (
        f"Joint pre-trend p = {p:.3g}"
        if differ
        else f"Largest pre-period coefficient is {share:.0%} of the effect"
    )
    return Step("C6", "cap", words, rules.cap_c6, {"pre_trend_p": p, "pre_coefficient_share": share})


def _pre_periods(evidence: TrialEvidence, rules: Rules) -> Step | None:
    """C7: too short a past to see a trend in."""
    if evidence.design != Design.DIFFERENCE or (evidence.pre_periods or 0) >= rules.pre_periods:
        return None
    known = "not stated" if evidence.pre_periods is None else str(evidence.pre_periods)
    words = f"Pre-periods: {known}; {rules.pre_periods} are needed"
    return Step("C7", "cap", words, rules.cap_c7, {"pre_periods": evidence.pre_periods})


def _staggered(evidence: TrialEvidence, rules: Rules) -> Step | None:
    if not evidence.plain_two_way_on_staggered:
        return None
    return Step("C8", "cap", "Staggered adoption estimated by plain two-way fixed effects", rules.cap_c8)


def _clustering(evidence: TrialEvidence, rules: Rules) -> Step | None:
    if not evidence.clustering_ignored:
        return None
    return Step(NO_RATING, "cap", "Clustering or serial correlation was ignored: no rating", 0)


def _allocation(evidence: TrialEvidence, rules: Rules) -> Step | None:
    """C10: trials of this registry only; a trial located elsewhere has no registered sequence."""
    if not evidence.is_randomised or not evidence.in_this_registry or evidence.allocation_verified:
        return None
    return Step("C10", "cap", "The allocation does not verify against the registered sequence", rules.cap_c10)


_CAPS: tuple[Cap, ...] = (
    _attrition, _baseline, _clusters, _pre_trends, _pre_periods, _staggered, _clustering, _allocation,
)  # fmt: skip

"""What the page "About the ratings" says of the rules: their tables, read from the cut-offs themselves."""

from dataclasses import dataclass
from math import expm1

from tactics.rating import Rules


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the page."""

    title: str
    source: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _power(rules: Rules) -> Table:
    ratio = [f"{cut:g}% or less" for cut in rules.power_ratio_at_most]
    smd = [f"{rules.power_smd_first:.2f} or less"] + [f"below {cut:.2f}" for cut in rules.power_smd_below]
    rows = [(f"P{5 - n}", str(5 - n), ratio[n], smd[n]) for n in range(5)]
    beyond = f"over {rules.power_ratio_at_most[-1]:g}%", f"{rules.power_smd_below[-1]:.2f} or more"
    return Table(
        "Power: the effect the trial could detect",
        "Cut-offs for counts and rates are this project's; those in standard deviations are EEF's.",
        ("Rule", "Score", "Change in a count or rate", "Standard deviations"),
        (*rows, ("P0", "0", *beyond)),
    )


def _attrition(rules: Rules) -> Table:
    rows = [(f"A{5 - n}", str(5 - n), f"{cut:g}% or less") for n, cut in enumerate(rules.attrition_at_most)]
    return Table(
        "Attrition: units or clusters lost, whichever is worse",
        "After EEF.",
        ("Rule", "Score", "Lost"),
        (*rows, ("A0", "0", f"over {rules.attrition_at_most[-1]:g}%")),
    )


def _design(rules: Rules) -> Table:
    clean, most = (f"{share:.0%}" for share in (rules.overrides_clean, rules.overrides_most))
    return Table(
        "Design",
        "After EEF; the Maryland (SMS) level is kept beside it.",
        ("Rule", "Score", "Design", "SMS"),
        (
            ("D5", "5", f"Randomised, drawn and concealed, overrides {clean} or fewer", "5"),
            ("D4a", "4", f"Randomised, overrides over {clean} to {most}, or concealment not known", "4"),
            ("D4b", "4", "Regression discontinuity, difference-in-differences, synthetic control", "4 or 3"),
            ("D3", "3", "Adjusted for all agreed confounders, the earlier outcome included", "3"),
            (
                "D2",
                "2",
                f"Some confounders only, as where a draw was not concealed; or randomised with over {most} overrides",
                "2",
            ),
            ("D1", "1", "A comparison group, drawn openly or not at all, nothing adjusted", "1"),
            ("D0", "0", "No comparison", "1"),
        ),
    )


def _caps(rules: Rules) -> Table:
    fails, adjust = rules.smd_fails_above, rules.smd_adjust_above
    fewest, few = rules.few_clusters_2, rules.few_clusters_3
    share = "half" if rules.pre_coefficient_share == 0.5 else f"{rules.pre_coefficient_share:.0%} of"
    return Table(
        "Caps: no other strength makes up for these",
        "After What Works Clearinghouse, the Maryland scale, and this project.",
        ("Rule", "At most", "When"),
        (
            ("C1", f"{rules.cap_c1}", "Randomised, high attrition, groups equivalent at baseline"),
            ("C2", f"{rules.cap_c2}", "Randomised, high attrition, equivalence fails or is not shown"),
            (
                "C3",
                f"{rules.cap_c3} ({rules.cap_c3_parallel} with parallel pre-trends)",
                f"Not randomised, groups differed by over {fails:g} SD",
            ),
            ("C4", f"{rules.cap_c4}", f"Not randomised, groups differed by over {adjust:g} SD, not adjusted"),
            (
                "C5",
                f"{rules.cap_c5} (synthetic control with placebos: {rules.cap_c5_placebo})",
                "One arm has a single cluster",
            ),
            (
                "C5b",
                f"{rules.cap_c5b_fewest} or {rules.cap_c5b_few}",
                f"The smaller arm has 2 to {fewest}, or {fewest + 1} to {few}, clusters",
            ),
            (
                "C6",
                f"{rules.cap_c6}",
                f"Pre-trends differ (p below {rules.pre_trend_p:.2f}, or {share} the effect or more)",
            ),
            ("C7", f"{rules.cap_c7}", f"Fewer than {rules.pre_periods} periods before the start"),
            ("C8", f"{rules.cap_c8}", "Staggered adoption estimated by plain two-way fixed effects"),
            ("C9", "No rating", "Clustering or serial correlation ignored"),
            ("C10", f"{rules.cap_c10}", "The allocation does not verify against the registered sequence"),
        ),
    )


def _strength(rules: Rules) -> Table:
    secure, fair = rules.secure, rules.fairly_secure
    majority = "half" if rules.weight_majority == 0.5 else f"{rules.weight_majority:.0%}"
    margin, sesoi = abs(expm1(rules.margin_benefit)), abs(expm1(rules.sesoi_benefit))
    rows = (
        (
            "ST",
            f"Start {rules.start_secure}",
            f"Randomised trials of security {secure} or more carry {majority} of the weight",
        ),
        ("ST", f"Start {rules.start_randomised}", f"Any randomised trial of security {fair} or more"),
        (
            "ST",
            f"Start {rules.start_difference}",
            f"The best is a difference-in-differences or RDD of security {secure}",
        ),
        ("ST", f"Start {rules.start_other}", "Otherwise"),
        ("SB", "-1 or -2", f"Average security below {rules.bias_minus_1:g}, or below {rules.bias_minus_2:g}"),
        ("SI", "-1", f"Results differ, unexplained: I² of {rules.i2_moderate:g}% or more"),
        (
            "SI",
            "-2",
            f"I² of {rules.i2_high:g}% or more, or the prediction interval spans a benefit and a harm of {sesoi:.0%}",
        ),
        ("SD", "-1", "No trial in England or Wales"),
        ("SD", "-1", f"The outcome is a proxy in trials with {majority} of the weight"),
        ("SP", "-1", f"The interval contains no change and also a {margin:.0%} change"),
        ("SP", "-1", f"Fewer than {rules.few_events} events in total"),
        (
            "SR",
            "-1",
            f"{rules.overdue_share:.0%} or more of registered trials are overdue with their results",
        ),
        ("SR", "-1", f"Egger's test below {rules.egger_p:.2f} with {rules.egger_k} or more trials"),
        ("SU", "+1", "More of the tactic went with more effect"),
        (
            "SU",
            "+1 or +2",
            f"No randomised trial, and the ratio is {rules.up_ratio_1:g}, or {rules.up_ratio_2:g}, or less",
        ),
        *_most(rules),
        (
            "SA",
            "0 or -1",
            f"The newest trial is over {rules.review_due_years} years old (review due), or over {rules.old_years}",
        ),
    )
    return Table(
        "Strength of evidence for a tactic and outcome: start, subtract, add, then cap",
        "After GRADE.",
        ("Rule", "Change", "When"),
        rows,
    )


def _most(rules: Rules) -> tuple[tuple[str, ...], ...]:
    return (
        ("SK", f"At most {rules.cap_one_trial}", "One trial only"),
        ("SK", f"At most {rules.cap_one_force}", "One force only"),
        ("SK", f"At most {rules.cap_one_team}", "One evaluator team only"),
        ("SI", f"At most {rules.cap_two_trials}", "Fewer than three trials"),
    )


def ladders(rules: Rules) -> tuple[Table, ...]:
    """Return the tables of one version of the rules."""
    return _design(rules), _power(rules), _attrition(rules), _caps(rules), _strength(rules)


# Where the published scales leave a case open, the project chose, and says so.
CLOSURES = (
    ("One high and one moderate threat (EEF)", "Drop 2"),
    ("Three or four moderate threats, one direction (EEF)", "Drop 2"),
    ("Five or more moderate threats (EEF)", "Drop 2"),
    ("One moderate threat with a known direction (EEF)", "Drop 0"),
    ("Direction known for some moderate threats only (EEF)", "Treated as unknown"),
    ("Bands with gaps between whole numbers (EEF)", "Half-open cut-offs"),
    ("Bands that overlap at 10 and 30 and are open from 9 to 10 (YEF)", "Half-open bands"),
    ("A non-significant increase", "No size band"),
    (
        "Only ineligible trials exist",
        "Inconclusive: no study of sufficient security, or why else none counts",
    ),
    ("A sequence that is known not to have been concealed", "Judged by what is adjusted for: D2 or D1"),
    ("Registered, not yet started", "Being tested"),
    ("Trials published elsewhere have no registered sequence", "C10 not applied; judged at D5 or D4a"),
    ("Amendments made blind to outcome data", "Not a deviation"),
    (
        "Standardised differences have no agreed margin",
        "“No effect” cannot be awarded; “Effective” needs a prediction interval wholly on the beneficial side",
    ),
    (
        "A difference in the outcome's own units has no agreed margin either",
        "Treated like a standardised difference; power is judged from the outcome's spread",
    ),
    ("Trials on different scales", "The scale that most trials use is rated; the others are listed"),
    ("Another time, for independence", "Another calendar year of completion"),
    ("A proxy in some trials only", "Counts where those trials carry half of the weight"),
    ("Number of events not stated by every trial", "The clause on 300 events is not applied"),
    (
        "Another operation in one arm",
        "High where nobody logged it, or where it covered over a quarter of unit-time and was not adjusted for; "
        "logged, over a share that nobody knows: Moderate",
    ),
    ("What the comparison got of the treatment was not reported", "Dose unmeasured: Moderate"),
    (
        "When missing outcomes are handled",
        "Where bounds (Lee) or a registered sensitivity estimate of the outcome were computed; their sign counts as "
        "flipped only where the interval of the estimate excludes no change",
    ),
)

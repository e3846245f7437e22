"""What the page "About the ratings" says of the rules: their tables, read from the cut-offs themselves."""

from dataclasses import dataclass

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


DESIGN = Table(
    "Design",
    "After EEF; the Maryland (SMS) level is kept beside it.",
    ("Rule", "Score", "Design", "SMS"),
    (
        ("D5", "5", "Randomised, drawn and concealed, overrides 5% or fewer", "5"),
        ("D4a", "4", "Randomised, overrides over 5% to 20%, or concealment not known", "5"),
        ("D4b", "4", "Regression discontinuity, difference-in-differences, synthetic control", "4 or 3"),
        ("D3", "3", "Adjusted for all agreed confounders, the earlier outcome included", "3"),
        ("D2", "2", "Some confounders only; or randomised with over 20% overrides", "2"),
        ("D1", "1", "A comparison group, nothing adjusted", "1"),
        ("D0", "0", "No comparison", "1"),
    ),
)
CAPS = Table(
    "Caps: no other strength makes up for these",
    "After What Works Clearinghouse, the Maryland scale, and this project.",
    ("Rule", "At most", "When"),
    (
        ("C1", "3", "Randomised, high attrition, groups equivalent at baseline"),
        ("C2", "1", "Randomised, high attrition, equivalence fails or is not shown"),
        ("C3", "1 (3 with parallel pre-trends)", "Not randomised, groups differed by over 0.25 SD"),
        ("C4", "2", "Not randomised, groups differed by over 0.05 SD, not adjusted"),
        ("C5", "1 (synthetic control with placebos: 2)", "One arm has a single cluster"),
        ("C5b", "2 or 3", "The smaller arm has 2 to 4, or 5 to 9, clusters"),
        ("C6", "2", "Pre-trends differ (p below 0.05, or half the effect or more)"),
        ("C7", "3", "Fewer than 3 periods before the start"),
        ("C8", "3", "Staggered adoption estimated by plain two-way fixed effects"),
        ("C9", "No rating", "Clustering or serial correlation ignored"),
        ("C10", "3", "The allocation does not verify against the registered sequence"),
    ),
)
STRENGTH = Table(
    "Strength of evidence for a tactic and outcome: start, subtract, add, then cap",
    "After GRADE.",
    ("Rule", "Change", "When"),
    (
        ("ST", "Start 5", "Randomised trials of security 4 or 5 carry half of the weight"),
        ("ST", "Start 4", "Any randomised trial of security 3 or more"),
        ("ST", "Start 3", "The best is a difference-in-differences or RDD of security 4"),
        ("ST", "Start 2", "Otherwise"),
        ("SB", "-1 or -2", "Average security below 3.5, or below 2.5"),
        ("SI", "-1", "Results differ, unexplained: I² of 50% or more"),
        ("SI", "-2", "I² of 75% or more, or the prediction interval spans a benefit and a harm of 5%"),
        ("SD", "-1", "No trial in England or Wales"),
        ("SD", "-1", "The outcome is a proxy in trials with half of the weight"),
        ("SP", "-1", "The interval contains no change and also a 10% change"),
        ("SP", "-1", "Fewer than 300 events in total"),
        ("SR", "-1", "20% or more of registered trials are overdue with their results"),
        ("SR", "-1", "Egger's test below 0.10 with 10 or more trials"),
        ("SU", "+1", "More of the tactic went with more effect"),
        ("SU", "+1 or +2", "No randomised trial, and the ratio is 0.5, or 0.2, or less"),
        ("SK", "At most 3", "One trial, or one force only"),
        ("SK", "At most 4", "One evaluator team only"),
        ("SI", "At most 4", "Fewer than three trials"),
        ("SA", "0 or -1", "The newest trial is over 5 years old (review due), or over 10"),
    ),
)


def ladders(rules: Rules) -> tuple[Table, ...]:
    """Return the tables of one version of the rules."""
    return DESIGN, _power(rules), _attrition(rules), CAPS, STRENGTH


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
    ("Only ineligible trials exist", "Inconclusive: no study of sufficient security"),
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
        "High where nobody logged it, or where it covered over a quarter of unit-time and was not adjusted for",
    ),
)

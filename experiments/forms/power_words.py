"""The power calculator's questions in plain words: which designs, what each asks for, and examples."""

from collections.abc import Mapping
from dataclasses import dataclass

DESIGNS: Mapping[str, str] = {
    "individual": "People, calls or cases are drawn one by one; the outcome is a number",
    "two_proportions": "People, calls or cases are drawn one by one; the outcome is yes or no",
    "cluster": "Whole groups are drawn, such as teams, shifts or neighbourhoods; several people in each are measured",
    "poisson_cluster": "Whole areas are drawn; crimes or calls in each are counted",
    "matched_pair": "Groups are put in pairs that are alike; one of each pair is drawn",
    "stepped_wedge": "Every group gets it in the end; lots decide when (stepped wedge)",
    "crossover": "The same places have it on some days and not on others (place-day crossover)",
    "did": "Some areas get it and others do not; all are measured before and after (difference in differences)",
}
SHORT: Mapping[str, str] = {
    "individual": "Drawn one by one, outcome a number",
    "two_proportions": "Drawn one by one, outcome yes or no",
    "cluster": "Whole groups drawn",
    "poisson_cluster": "Whole areas drawn, crimes counted",
    "matched_pair": "Matched pairs",
    "stepped_wedge": "Stepped wedge",
    "crossover": "Place-day crossover",
    "did": "Before and after, with a comparison",
}
QUESTIONS: Mapping[str, str] = {
    "size": "How many do we need?",
    "effect": "How small an effect could we find, with what we have?",
    "power": "How likely are we to find an effect, with what we have?",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its label, its hint, what it holds at first, and whether it is behind 'more settings'."""

    label: str
    hint: str = ""
    first: str = ""
    is_whole: bool = False
    is_more: bool = False
    least: float = 0.0
    most: float = 1e9
    above: bool = False  # whether `least` itself is too small


_ICC = Asked(
    "How alike people in one group are (intracluster correlation, ICC)",
    "From 0 to 1. 0: no more alike than strangers; 1: all the same. Best taken from data of your own. We know of no "
    "published table for policing in England and Wales, so look at the table under the answer, which tries others.",
    most=0.99,
)
_R2 = Asked(
    "Share of the differences that a measurement from before explains (R squared)",
    "From 0 to 1. If you measure the same thing before, square the correlation of before and after. 0 if you do not.",
    "0",
    is_more=True,
    most=0.99,
)
_RATIO = Asked(
    "Treated for each one that is not",
    "1 is the same number in both, which needs the fewest. 2 is twice as many treated.",
    "1",
    is_more=True,
    least=0.01,
    most=100,
)
_SIZE = Asked("People measured in each group", "On average.", least=1, most=1e6)
_GROUPS = Asked("Groups in each arm", is_whole=True, least=2, most=10_000)
_EFFECT = Asked(
    "The smallest difference that would matter", "In the outcome's own units, without a sign.", above=True
)
_SD = Asked(
    "How much the outcome differs from one to the next (standard deviation)",
    "In the outcome's own units. Take it from past data.",
    above=True,
)
_CV = Asked(
    "How unequal the groups are in size",
    "The standard deviation of their sizes over the mean size. 0 if all are the same.",
    "0",
    is_more=True,
    most=5,
)
ALPHA = Asked(
    "Significance level, in per cent",
    "How often a tactic that does nothing may look as if it did something.",
    "5",
    is_more=True,
    least=0.1,
    most=50,
)
POWER = Asked(
    "Chance of finding the effect if it is there (power), in per cent",
    "80 is usual; 90 is better.",
    "80",
    least=50,
    most=99,
)
# In the order of the page; sizes, effect and power are asked unless they are what is to be worked out.
FIELDS: Mapping[str, Mapping[str, Asked]] = {
    "individual": {
        "n_per_arm": Asked(
            "People, calls or cases that do not get it", is_whole=True, least=2, most=10_000_000
        ),
        "effect": _EFFECT,
        "sd": _SD,
        "r2": _R2,
        "ratio": _RATIO,
    },
    "two_proportions": {
        "n_per_arm": Asked(
            "People, calls or cases that do not get it", is_whole=True, least=2, most=10_000_000
        ),
        "baseline_rate": Asked("Of 100 without the tactic, how many?", least=0, most=100, above=True),
        "after": Asked("Of 100 with the tactic, how many?", least=0, most=100),
        "ratio": _RATIO,
    },
    "cluster": {
        "clusters_per_arm": _GROUPS,
        "cluster_size": _SIZE,
        "effect": _EFFECT,
        "sd": _SD,
        "icc": _ICC,
        "cluster_size_cv": _CV,
        "r2": _R2,
        "ratio": _RATIO,
    },
    "poisson_cluster": {
        "clusters_per_arm": Asked("Areas in each arm", is_whole=True, least=2, most=10_000),
        "baseline_rate": Asked(
            "Crimes in one area in one month, without the tactic", "On average.", above=True, most=1e6
        ),
        "cluster_size": Asked("Months that are counted", "In each area, after the start.", least=1, most=120),
        "change": Asked("The smallest change that would matter, in per cent", above=True, most=1000),
        "icc": Asked(
            "How much areas differ (intracluster correlation of the monthly counts, ICC)",
            "From 0 to 1: the share of the differences between monthly counts that is between areas. Typical values "
            "are below.",
            most=0.99,
        ),
        "dispersion": Asked(
            "How much more the counts of one area vary than pure chance (dispersion)",
            "1 is pure chance (Poisson). Typical values are below.",
            "1.3",
            least=1,
            most=1000,
        ),
        "r2": Asked(
            "Share of the differences between areas that the count from the year before explains (R squared)",
            "From 0 to 1; 0 if you will not use it. Typical values are below.",
            "0",
            most=0.99,
        ),
        "cluster_size_cv": Asked(
            "How unequal the areas' months or populations are",
            _CV.hint.replace("sizes", "exposure"),
            "0",
            False,
            True,
            0,
            5,
        ),
        "ratio": _RATIO,
    },
    "matched_pair": {
        "clusters_per_arm": Asked("Pairs", is_whole=True, least=2, most=10_000),
        "cluster_size": Asked(
            "People measured in each group", "On average; 1 if single people are paired.", least=1, most=1e6
        ),
        "effect": _EFFECT,
        "sd": _SD,
        "icc": _ICC,
        "r2": Asked(
            "Share of the differences between groups that pairing takes away",
            "From 0 to 1: 0.3 if two of a pair are moderately alike. If you do not know, 0 is safe.",
            "0",
            most=0.99,
        ),
    },
    "stepped_wedge": {
        "steps": Asked(
            "Steps: how many times a set of groups starts",
            "One period before the first start, and one more with each step.",
            is_whole=True,
            least=2,
            most=30,
        ),
        "clusters_per_arm": Asked("Groups that start at each step", is_whole=True, least=1, most=1000),
        "cluster_size": Asked(
            "People measured in each group in each period", "Others each time.", least=1, most=1e6
        ),
        "effect": _EFFECT,
        "sd": _SD,
        "icc": _ICC,
        "cac": Asked(
            "How alike a group is to itself one period later, from 0 to 1 (cluster autocorrelation)",
            "1: a group keeps its level for ever. 0.8: it drifts, and after two periods 0.64 is left.",
            "0.8",
            most=1,
        ),
    },
    "crossover": {
        "clusters_per_arm": Asked("Places without it on any one day", is_whole=True, least=2, most=10_000),
        "ratio": Asked(
            "Places with it for each place without it, on any one day",
            "1 is half and half; 0.5 is 7 of 21.",
            "1",
            least=0.01,
            most=100,
        ),
        "periods": Asked("Days", is_whole=True, least=2, most=730),
        "effect": _EFFECT,
        "sd": Asked(
            "How much one place's days differ (standard deviation)",
            "Within a place, from one day to the next, in the outcome's own units.",
            above=True,
        ),
        "autocorrelation": Asked(
            "How alike a place's neighbouring days are, from 0 to 1 (autocorrelation)",
            "",
            "0",
            is_more=True,
            most=0.99,
        ),
    },
    "did": {
        "n_per_arm": Asked("Areas that do not get it", is_whole=True, least=2, most=100_000),
        "periods": Asked("Months in all, half before and half after", is_whole=True, least=2, most=120),
        "effect": _EFFECT,
        "sd": Asked(
            "How much one area's months differ (standard deviation)",
            "Within an area, after taking out what is common to all, in the outcome's own units.",
            above=True,
        ),
        "autocorrelation": Asked(
            "How alike an area's neighbouring months are, from 0 to 1 (autocorrelation)",
            "0: each month is a new throw of the dice. Take it from past data: leaving it out makes a study look "
            "stronger than it is.",
            most=0.99,
        ),
        "ratio": _RATIO,
    },
}
EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "individual": {"n_per_arm": "150", "effect": "5", "sd": "15"},
    "two_proportions": {"n_per_arm": "200", "baseline_rate": "30", "after": "20"},
    "cluster": {"clusters_per_arm": "8", "cluster_size": "40", "effect": "6", "sd": "20", "icc": "0.05"},
    "poisson_cluster": {
        "clusters_per_arm": "40",
        "baseline_rate": "3.1",
        "cluster_size": "12",
        "change": "20",
        "direction": "fall",
        "icc": "0.56",
        "dispersion": "1.55",
        "r2": "0.79",
    },
    "matched_pair": {
        "clusters_per_arm": "10",
        "cluster_size": "40",
        "effect": "6",
        "sd": "20",
        "icc": "0.05",
        "r2": "0.3",
    },
    "stepped_wedge": {
        "steps": "5",
        "clusters_per_arm": "3",
        "cluster_size": "20",
        "effect": "5",
        "sd": "20",
        "icc": "0.05",
        "cac": "0.8",
    },
    "crossover": {"clusters_per_arm": "14", "ratio": "0.5", "periods": "90", "effect": "0.2", "sd": "1.2"},
    "did": {"n_per_arm": "20", "periods": "24", "effect": "3", "sd": "8", "autocorrelation": "0.4"},
}
# Crime, mean count a month, ICC of monthly counts, dispersion, R squared of a year's count by the year before: computed
# from police.uk street files of Surrey's eleven districts, 709 LSOAs, 25 months. Kinds too rare for a dispersion are
# left out.
TYPICAL: tuple[tuple[str, float, float, float, float], ...] = (
    ("All crime", 10.4, 0.78, 1.9, 0.91),
    ("Violence and sexual offences", 3.10, 0.56, 1.55, 0.79),
    ("Anti-social behaviour", 2.48, 0.56, 1.50, 0.80),
    ("Public order", 0.98, 0.43, 1.31, 0.73),
    ("Criminal damage and arson", 0.87, 0.26, 1.28, 0.59),
    ("Other theft", 0.72, 0.39, 1.14, 0.70),
    ("Vehicle crime", 0.65, 0.20, 1.32, 0.45),
    ("Burglary", 0.42, 0.09, 1.26, 0.20),
)

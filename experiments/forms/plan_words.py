"""How the form asks for each part of an analysis plan."""

from typing import Any

from django import forms

from centre.forms import PlainCharField, PlainTextField
from experiments.forms.numbers import NumberField
from experiments.protocol.vocabulary import Spending
from experiments.stats import looks, options

DEFAULT = ("", "The usual one for this estimator")

COLUMNS = {
    "unit": ("Column of the unit", "The id of what is followed, such as the hot spot or the officer."),
    "cluster": ("Column of the cluster", "The level at which units were assigned, where it is not the unit."),
    "period": ("Column of the period", "Day, week, month or year, where units are followed over time."),
    "arm": ("Column of the arm", "For a draw."),
    "first_treated": (
        "Column of the first treated period",
        "For staggered starts. Blank means never treated.",
    ),
    "treatment": ("Column of the treatment status", "0 or 1 for each row, where the start is not enough."),
    "stratum": ("Column of the stratum", ""),
    "sequence": ("Column of the sequence", "For a stepped wedge: which clusters cross over together."),
    "weight": ("Column of the weight", ""),
    "dose": ("Column of the dose", "What each unit got, such as minutes of patrol."),
}

MULTIPLICITIES = [
    ("none", "None"),
    ("holm", "Holm"),
    ("hochberg", "Hochberg"),
    ("bonferroni", "Bonferroni"),
    ("bh", "Benjamini–Hochberg (false discovery rate)"),
    ("westfall_young", "Westfall–Young (draws common to all outcomes)"),
]

_CHECK_WORDS = {
    "balance": "Balance: are the groups alike before treatment?",
    "attrition": "Attrition: who has no outcome, and do the groups differ in it?",
    "sample_ratio": "Sample ratio: do the groups have the sizes that the draw gives?",
    "allocation_match": "Allocation: is everyone analysed in the group they were drawn into?",
    "dose": "Dose: did each group get what was planned, and not the other's?",
    "pre_trends": "Trends before treatment: did the groups move together?",
    "honest_did": "Honest trends: how far may trends differ before the finding goes?",
    "placebo": "Placebo: is there an effect where there can be none?",
    "displacement": "Displacement: did crime move round the corner?",
    "leave_one_out": "One left out: does the estimate rest on a single cluster?",
    "bacon": "Staggered starts: on which comparisons does a two-way estimate rest?",
}
CHECKS = [(name, _CHECK_WORDS.get(name, name.replace("_", " ").capitalize())) for name in options.CHECK_NAMES]

_ESTIMATOR_WORDS = {
    "difference_in_means": "Difference in means (Neyman)",
    "ancova": "Difference adjusted for covariates (ANCOVA)",
    "lin": "Difference adjusted for covariates in each arm (Lin)",
    "logistic": "Risk difference (standardised logistic regression)",
    "iv": "Effect of receiving it (assigned arm as instrument)",
    "cluster_means": "Difference between cluster means",
    "mixed": "Difference with a random effect of the cluster (mixed model)",
    "poisson": "Rate ratio (Poisson regression)",
    "negative_binomial": "Rate ratio (negative binomial regression)",
    "two_by_two": "Difference-in-differences, two groups and two periods",
    "twfe": "Two-way fixed effects",
    "event_study": "Event study",
    "poisson_twfe": "Rate ratio with unit and period effects (Poisson)",
    "sun_abraham": "Sun–Abraham event study",
    "imputation": "Imputation (Borusyak, Jaravel and Spiess)",
    "synthetic_control": "Synthetic control",
    "synthetic_did": "Synthetic difference-in-differences",
    "triple_difference": "Triple difference",
    "roth_santanna": "Efficient estimate of a random roll-out (Roth and Sant’Anna)",
    "stepped_wedge": "Stepped wedge (cluster and period effects)",
    "crossover": "Crossover by place and day (place and day effects)",
    "callaway_santanna": "Callaway–Sant’Anna group-time effects",
}
ESTIMATORS = [(name, _ESTIMATOR_WORDS.get(name, name.replace("_", " "))) for name in options.ESTIMATOR_RULES]

_COVARIANCES = dict.fromkeys(name for rule in options.ESTIMATOR_RULES.values() for name in rule.covariances)
# What judges an estimate, as it reads after its method; the sandwiches keep the field's short names.
COVARIANCE_WORDS = {
    "classical": "classical errors",
    "driscoll_kraay": "Driscoll–Kraay errors",
    "analytic": "errors from influence functions",
    "multiplier_bootstrap": "errors from influence functions, multiplier bootstrap band",
    "wild_cluster_bootstrap": "wild cluster bootstrap",
    "randomisation": "judged by redrawing who was treated",
    "placebo": "judged by placebos",
    "jackknife": "jackknife errors",
    "bootstrap": "bootstrap errors",
}


def covariance_words(name: str) -> str:
    """Say what judges an estimate."""
    return COVARIANCE_WORDS.get(name, f"{name} errors")


NEEDED = {
    "id": "Give the estimate an id",
    "outcome": "Choose an outcome",
    "estimator": "Choose an estimator",
    "role": "Choose a role",
}
ESTIMATE_WORDS = ("id", "role", "family", "outcome", "estimand", "estimator", "covariance", "alternative")


def _every_option() -> dict[str, options.Option]:
    """Return the options of all estimators; one that has other words elsewhere offers all of them."""
    found: dict[str, options.Option] = {}
    for rule in options.ESTIMATOR_RULES.values():
        for name, option in rule.options.items():
            other = found.get(name)
            if isinstance(option, options.Choice) and isinstance(other, options.Choice):
                option = options.Choice((*dict.fromkeys((*other.values, *option.values)),))
            found[name] = option
    return {**found, **looks.OPTIONS}


_EVERY_OPTION = _every_option()
OPTIONS = tuple(_EVERY_OPTION)
SHARES = tuple(name for name, option in _EVERY_OPTION.items() if isinstance(option, options.Shares))

_OPTION_WORDS = {
    "arm": ("Treatment arm", "Where there are several: the one compared with control."),
    "effect": ("Average over", "Clusters, or the single units in them."),
    "scale": ("Scale", "Difference, or ratio of rates."),
    "exposure": ("Column of the exposure", "Such as population or hours, for a rate."),
    "control_group": ("Comparison group", "Units never treated, or those not treated yet."),
    "base_period": (
        "Base period",
        "Each period against the one before, or all against the last before treatment.",
    ),
    "estimation": ("Estimation", "Doubly robust, weighting or outcome regression."),
    "aggregation": ("Aggregation", "One number, or by time since start, start group or calendar period."),
    "anticipation": ("Periods of anticipation", ""),
    "cluster_effects": ("Effects of clusters", "In a stepped wedge: fixed, or drawn from one distribution."),
    "transition": ("Periods in transition", "Left out from each crossing on, as registered."),
    "unbalanced": ("Units with gaps", "Left out, or kept with the rows they have."),
    "reps": ("Bootstrap repetitions", ""),
    "beta": ("Difference before the start", "Taken off so that the error is least, or whole."),
    "weights": ("Bootstrap weights", "Rademacher for ten clusters or more, Webb below."),
    "second_cluster": ("Also cluster by", "For shocks that all units share in a period."),
    "affected": ("Column of the affected group", "1 where the tactic could work, 0 where it could not."),
    "block_days": ("Days in a block", "For a crossover whose draw is not registered here."),
    "max_run": ("Most days on end in one arm", "The same; blank for no limit."),
    "washout": ("Days of washout", "The same: untreated days between two runs of treatment."),
    "draws": ("Redrawn assignments", "For a permutation or placebo test."),
    "looks": (
        "Looks before the end",
        "Those that the protocol registers, as shares of the information: such as 0.5 0.75 1.",
    ),
    "spending": ("Error rate that each look may spend", "For those looks."),
    "stopped_at": ("Look at which the trial stopped", "1 for the first. Blank if it went on to the end."),
    "always_valid": (
        "Always valid: interval and p value hold however often it is watched",
        "For guardrails and harms, in place of set looks.",
    ),
    "planned": ("Units, or clusters, planned for the end", "For what is always valid: tightest there."),
}


_VALUE_WORDS = dict(Spending.choices())


def option_label(name: str) -> str:
    """Return what people call an option."""
    return _OPTION_WORDS.get(name, (name.replace("_", " ").capitalize(), ""))[0]


def estimate_fields(prefix: str, columns: list[tuple[str, str]]) -> dict[str, forms.Field]:
    """Return the fields of one estimate."""
    made: dict[str, forms.Field] = {
        "id": PlainCharField(
            name="Id", label="Id", help_text="A short code, such as H1.", max_length=60, required=False
        ),
        "outcome": _select(
            "Outcome", [("", "Choose one"), *columns], "The column as the outcomes step names it."
        ),
        "estimator": _select("Estimator", [("", "Choose one"), *ESTIMATORS], ""),
        "role": _select("Role", [("", "Choose one"), *_capitalised(options.ROLES)], "Primary decides."),
        "estimand": _select("Kind of effect", [DEFAULT, *((one, one) for one in options.ESTIMANDS)], ""),
        "covariance": _select(
            "Standard errors",
            [
                DEFAULT,
                *(
                    (one, covariance_words(one)[:1].upper() + covariance_words(one)[1:])
                    for one in _COVARIANCES
                ),
            ],
            "",
        ),
        "family": PlainCharField(name="Family", label="Hypothesis family", max_length=60, required=False),
        "covariates": PlainTextField(
            name="Covariates",
            label="Covariates",
            help_text="Column names, one a line.",
            rows=3,
            required=False,
        ),
        "alternative": _select(
            "Direction of the test", [("", "Two-sided"), *_capitalised(options.ALTERNATIVES[1:])], ""
        ),
    }
    made |= {f"options__{name}": _option(name, option) for name, option in _EVERY_OPTION.items()}
    return {f"{prefix}{name}": field for name, field in made.items()}


def _option(name: str, option: Any) -> forms.Field:
    label, hint = _OPTION_WORDS.get(name, (name.replace("_", " ").capitalize(), ""))
    match option:
        case options.Choice(values=values):
            return _select(label, [DEFAULT, *_capitalised(values)], hint)
        case options.Whole():
            return NumberField(is_whole=True, label=label, help_text=hint, required=False)
        case options.Flag():
            return forms.BooleanField(label=label, help_text=hint, required=False)
    return PlainCharField(name=label, label=label, help_text=hint, max_length=120, required=False)


def _select(label: str, choices: list[tuple[str, str]], hint: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, help_text=hint, required=False)


def _capitalised(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, _VALUE_WORDS.get(value, value.replace("_", " ").capitalize())) for value in values]

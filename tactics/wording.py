"""Ratings in plain words, by rule: what happened, how sure we are, what it would mean. Pure.

Inputs are a rating's stored document and facts about its outcome; nothing is written by hand, so that two
tactics with the same evidence read the same.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import exp
from typing import Any, Literal

from tactics.rating import LABEL_NAMES, RATIO_METRICS, Label

Document = dict[str, Any]
TAG_COLOURS: dict[Label, str] = {
    Label.HARMFUL: "red",
    Label.EFFECTIVE: "green",
    Label.PROMISING: "turquoise",
    Label.MIXED: "orange",
    Label.NO_EFFECT: "grey",
    Label.INCONCLUSIVE: "yellow",
    Label.BEING_TESTED: "purple",
    Label.UNTESTED: "light-blue",
}
STRENGTH_WORDS = {5: "very strong", 4: "strong", 3: "moderate", 2: "limited", 1: "very limited", 0: "none"}
COST_WORDS = {1: "Very low", 2: "Low", 3: "Medium", 4: "High", 5: "Very high"}
LABEL_MEANINGS: dict[Label, str] = {
    Label.HARMFUL: "Good evidence that it makes the outcome worse. Get advice before you start or go on.",
    Label.EFFECTIVE: "At least two independent, secure trials found a benefit, and it is likely elsewhere too.",
    Label.PROMISING: "The trials so far found a benefit, but there are too few, or they are not secure enough.",
    Label.MIXED: "Trials point both ways, or results differ so much that nobody can say what to expect.",
    Label.NO_EFFECT: "Well tested, and a worthwhile benefit can be ruled out.",
    Label.INCONCLUSIVE: "Tested, but the results cannot tell a benefit from no effect or from harm.",
    Label.BEING_TESTED: "No result yet, and at least one registered trial is on its way.",
    Label.UNTESTED: "Nobody has tested it here or registered a trial. That does not mean that it fails.",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the words need to know about an outcome."""

    name: str
    counted_as: str
    benefit: Literal["lower", "higher"]


def sentence_case(name: str) -> str:
    """Return the outcome's name inside a sentence: "Burglary of homes" becomes "burglary of homes"."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def native(value: float, outcome: Outcome) -> float:
    """Turn an oriented value back: below 0 was a benefit, whichever way the outcome is better."""
    return value if outcome.benefit == "lower" else -value


def change(value: float, metric: str, outcome: Outcome) -> str:
    """Return one oriented value in words: "16% lower", "0.21 standard deviations higher", "no change"."""
    turned = native(value, outcome)
    if metric in RATIO_METRICS:
        amount = 100 * (exp(turned) - 1)
        size = f"{abs(amount):.0f}%" if abs(amount) >= 0.95 else f"{abs(amount):.1f}%"
    elif metric == "smd":
        amount, size = turned, f"{abs(turned):.2f} standard deviations"
    else:
        # Decimal writes small numbers out: 0.0000123, never 1.23e-05.
        amount, size = turned, f"{Decimal(f'{abs(turned):.3g}'):f}"
    if float(size.split("%")[0].split()[0]) == 0:
        return "no change"
    return f"{size} {'higher' if amount > 0 else 'lower'}"


def interval(low: float, high: float, metric: str, outcome: Outcome) -> str:
    """Return an oriented interval in words, smaller change first: "between 7% and 24% lower"."""
    ends = sorted((low, high), key=lambda value: abs(value))
    first, second = (change(end, metric, outcome) for end in ends)
    if low * high > 0 and first != "no change":
        return f"between {first.rsplit(' ', 1)[0]} and {second}"
    benefit, harm = change(low, metric, outcome), change(high, metric, outcome)
    return f"anywhere from {benefit} to {harm}"


def effect(document: Document, outcome: Outcome) -> str:
    """Return the effect for a card: "16% lower (between 7% and 24% lower)"; empty where there is none."""
    summary = document["summary"]
    if not summary or summary["estimate"] is None:
        return ""
    metric = document["metric"]
    odds = " odds" if metric == "log_odds_ratio" else ""
    middle = change(summary["estimate"], metric, outcome)
    span = interval(summary["conf_low"], summary["conf_high"], metric, outcome)
    units = " in the outcome's own units" if metric == "difference" else ""
    return f"{middle}{odds}{units} ({span})"


def frequencies(document: Document, outcome: Outcome) -> str:
    """Return what the effect means for 100 cases; empty where the scale does not allow it."""
    summary = document["summary"]
    if document["metric"] != "log_rate_ratio" or not outcome.counted_as or not summary:
        return ""
    if summary["estimate"] is None:
        return ""
    values = [native(summary[name], outcome) for name in ("estimate", "conf_low", "conf_high")]
    middle, *ends = (round(100 * exp(value)) for value in values)
    low, high = sorted(ends)
    return (
        f"Where 100 {outcome.counted_as} would be expected without it, about {middle:,} happened with it; "
        f"the true figure is likely to lie between {low:,} and {high:,}."
    )


def headline(document: Document, outcome: Outcome) -> str:
    """Return the first sentences of a tactic's page, by label."""
    label = Label(document["label"])
    writers = {
        Label.EFFECTIVE: _effective,
        Label.PROMISING: _promising,
        Label.HARMFUL: _harmful,
        Label.MIXED: _mixed,
        Label.NO_EFFECT: _no_effect,
        Label.INCONCLUSIVE: _inconclusive,
        Label.BEING_TESTED: _being_tested,
        Label.UNTESTED: _untested,
    }
    return writers[label](document, outcome)


def _size(document: Document, outcome: Outcome) -> str:
    found = effect(document, outcome)
    return f": {found}" if found else ""


def _trials(k: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return f"{words[k] if k < len(words) else k} trial{'' if k == 1 else 's'}"


def _improves(outcome: Outcome) -> str:
    return f"{'reduces' if outcome.benefit == 'lower' else 'raises'} {sentence_case(outcome.name)}"


def _worsens(outcome: Outcome) -> str:
    return f"{'raises' if outcome.benefit == 'lower' else 'lowers'} {sentence_case(outcome.name)}"


def _effective(document: Document, outcome: Outcome) -> str:
    strength = STRENGTH_WORDS[document["strength"]].capitalize()
    trials = _trials(document["k"])
    return f"{strength} evidence from {trials} that it {_improves(outcome)}{_size(document, outcome)}."


def _promising(document: Document, outcome: Outcome) -> str:
    if document["k"] == 1:
        return (
            f"One trial found that it {_improves(outcome)}{_size(document, outcome)}. "
            "It has not been repeated, so your result may differ."
        )
    return (
        f"{_trials(document['k']).capitalize()} suggest that it {_improves(outcome)}{_size(document, outcome)}. "
        "The evidence is not yet strong enough to call it effective."
    )


def _harmful(document: Document, outcome: Outcome) -> str:
    if document["crt_code"] not in ("-2", "-3"):
        return (
            f"A secure trial found that it {_worsens(outcome)}, and no other secure trial found a benefit. "
            "Get advice from the Centre before you start, or if you are doing it now."
        )
    trials = _trials(document["k"]).capitalize()
    verb = "suggests" if document["k"] == 1 else "suggest"
    return (
        f"{trials} {verb} that it {_worsens(outcome)}{_size(document, outcome)}. "
        "Get advice from the Centre before you start, or if you are doing it now."
    )


def _mixed(document: Document, outcome: Outcome) -> str:
    return (
        f"Results differ: for {sentence_case(outcome.name)} some places saw a benefit and others did not. "
        "We cannot say what yours would see."
    )


def _no_effect(document: Document, outcome: Outcome) -> str:
    # The margins are ratios of 0.90 and 1.05 where lower is better: turned, they are 11 % and just under 5 %.
    worthwhile = "reduction of 10%" if outcome.benefit == "lower" else "rise of 11%"
    text = (
        f"Tested, and no worthwhile effect was found on {sentence_case(outcome.name)}{_size(document, outcome)}. "
        f"A {worthwhile} or more can be ruled out."
    )
    return text + (" A harm of 5% or more cannot." if document["harm_not_excluded"] else "")


def _inconclusive(document: Document, outcome: Outcome) -> str:
    if document["k"] == 0:
        count = len(document["listed"])
        studies = "one study" if count == 1 else f"{count} studies"
        return f"Looked at in {studies}, but not securely enough to say whether it works."
    return (
        f"Tested in {_trials(document['k'])}, but the results cannot tell whether it helps, does nothing or harms"
        f"{_size(document, outcome)}. This is not the same as “no effect”."
    )


def _being_tested(document: Document, outcome: Outcome) -> str:
    awaited = document["registry"]["awaited"]
    trials, verb = _trials(awaited).capitalize(), "is" if awaited == 1 else "are"
    return f"Being tested now. {trials} {verb} registered, and no result has been published yet."


def _untested(document: Document, outcome: Outcome) -> str:
    return "Nobody has tested this here yet. That does not mean that it does not work: it means that we do not know."


def caution(document: Document) -> str:
    """Return the one thing to keep in mind about where the numbers come from; empty where nothing is pooled."""
    summary = document["summary"]
    if not summary or summary["estimate"] is None:
        return ""
    if document["k"] == 1:
        return "This is the result of a single trial, so nothing is known about other places."
    if document["k"] == 2:
        return "With two trials nobody can judge how much results vary from place to place."
    return ""


def prediction(document: Document, outcome: Outcome) -> str:
    """Return what a new place might see; empty where it cannot be worked out."""
    summary = document["summary"]
    if not summary or summary["prediction_low"] is None:
        return ""
    span = interval(summary["prediction_low"], summary["prediction_high"], document["metric"], outcome)
    return f"In a new place, expect {span} {sentence_case(outcome.name)}."


def label_name(label: str) -> str:
    """Return the label as readers see it."""
    return LABEL_NAMES[Label(label)]

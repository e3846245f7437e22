"""Every rule of disclosure control, by its stable id: what is found under it is cited by this name for ever."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: which kind of output it is about, and what it asks, in plain words."""

    output: str
    asks: str


RULES: dict[str, Rule] = {
    "small-cell": Rule("counts", "No count of fewer data subjects than the threshold, and none to be worked out."),
    "share-small": Rule("rates", "No share whose part, or whose rest, is fewer data subjects than the threshold."),
    "sum-contributors": Rule("sums and means", "At least as many contributors as the threshold."),
    "sum-dominance": Rule("sums and means", "The largest contributors do not make up almost all of it."),
    "sum-p-ratio": Rule("sums and means", "The second largest contributor cannot work out the largest."),
    "sum-negative": Rule("sums and means", "A person looks at sums with negative parts: no rule covers them."),
    "percentile-side": Rule("percentiles", "At least as many data subjects as the threshold on each side."),
    "percentile-extreme": Rule("percentiles", "No minimum, maximum or mode."),
    "never-released": Rule("all", "No number of a single unit, and no extreme, under whatever name."),
    "residual-df": Rule("models", "Enough residual degrees of freedom."),
    "dummy-units": Rule("models", "Every group that a model tells apart has as many units as the threshold."),
    "saturated": Rule("models", "No model that only repeats its table."),
    "effect-table": Rule("models", "No effect that gives back, with the margins, a table that is hidden."),
    "at-risk": Rule("steps in time", "At every step as many at risk as the threshold, or the step is hidden."),
    "figure-hidden": Rule("figures", "A figure carries nothing but its drawing."),
    "figure-source": Rule("figures", "A figure is drawn from the released table."),
    "map-addresses": Rule("maps", "No area with fewer addresses than the smallest number allowed."),
    "text-unit": Rule("texts", "No text, file name or message names a unit of the trial."),
    "text-personal": Rule("texts", "No text looks like it holds a name, a number or an address of a person."),
    "text-reason": Rule("texts", "A person reads what the software says in its own words."),
    "differencing": Rule("all", "No few data subjects by whom this differs from what is out already."),
    "differencing-unseen": Rule("all", "A person looks where the machine cannot compare who is counted."),
}  # fmt: skip

"""From a version of the data to the one file that grants of access give."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.conf import settings

from experiments import pseudonyms
from experiments.analysis import sealing
from experiments.models import Dataset, DisclosurePolicy, Trial
from experiments.protocol.vocabulary import CovariateMeasure
from experiments.restricted import Restricted, Use, restricted
from experiments.stats import plan as plans

_USE_OF_PART = {
    "unit": Use.IDENTIFIER,
    "cluster": Use.IDENTIFIER,
    "stratum": Use.IDENTIFIER,
    "arm": Use.LABEL,
    "sequence": Use.LABEL,
    "x": Use.PLACE,
    "y": Use.PLACE,
}
_STRICTEST_FIRST = (Use.PLACE, Use.IDENTIFIER, Use.WORDS, Use.LABEL, Use.VALUE)


@dataclass(frozen=True, slots=True)
class Alone:
    """How many units the list of units, public once the seed is out, tells apart from most others."""

    n_units: int
    n_few: int  # of them, in a group of fewer than `fewest` that share arm, start and stratum
    fewest: int


def can_restrict() -> bool:
    """Return whether there is a secret to make pseudonyms with."""
    return len(settings.PSEUDONYM_SECRET) >= pseudonyms.SHORTEST


def restrict(dataset: Dataset) -> Restricted:
    """Return the file: every column that the register knows to name nobody, and pseudonyms for identifiers."""
    uses, unit = _uses(dataset)
    return restricted(
        sealing.columns(dataset),
        uses,
        unit=unit,
        key=pseudonyms.trial_key(settings.PSEUDONYM_SECRET, str(dataset.trial.public_id)),
        fewest=DisclosurePolicy.objects.in_force().threshold,
    )


def alone(trial: Trial) -> Alone | None:
    """Return what whoever has the list of units could tell of the rows; None where there is no list."""
    allocation = trial.allocation
    if allocation is None:
        return None
    arms = dict(allocation.assignments.values_list("unit", "arm"))
    units = allocation.units.values_list("code", "start", "stratum")
    groups = Counter((arms.get(code, ""), start, stratum) for code, start, stratum in units)
    fewest = DisclosurePolicy.objects.in_force().threshold
    return Alone(groups.total(), sum(size for size in groups.values() if size < fewest), fewest)


def _uses(dataset: Dataset) -> tuple[dict[str, Use], str | None]:
    """Return what each column is to any registered version and to any plan that ran; and the column of units.

    A column that is two things is what says most of a person or a place.
    """
    versions = [one.frozen_protocol for one in dataset.trial.registrations.all()]
    documents = [one.analysis_plan for one in versions] + [one.plan for one in dataset.analyses.all()]
    read = [plans.parse(dict(one)) for one in documents]
    found: dict[str, set[Use]] = defaultdict(set)
    for version in versions:
        for outcome in version.outcomes:
            found[outcome.column].add(Use.VALUE)
        for covariate in version.covariates:
            is_words = covariate.measure is CovariateMeasure.CATEGORY
            found[covariate.column].add(Use.WORDS if is_words else Use.VALUE)
    for plan in read:
        for name in plan.roles():
            found[name].add(Use.VALUE)
        for columns in (plan.columns, *(estimate.columns for estimate in plan.estimates)):
            for part, name in columns.named().items():
                found[name].add(_USE_OF_PART.get(part, Use.VALUE))
    units = [plan.columns.unit for plan in read if plan.columns.unit]
    uses = {name: min(known, key=_STRICTEST_FIRST.index) for name, known in found.items()}
    return uses, units[-1] if units else None

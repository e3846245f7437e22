"""Places for a trial, from the hub's street files: counted, chosen by a rule, described, and their power and trends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from centre import vault
from centre.errors import Invalid
from centre.hub import judging, lookups
from centre.hub.months import between
from centre.hub.street.profile import Profile
from centre.models import Force, MonthlyFile, User
from experiments import hub_counts
from experiments.analysis.power import Explored, explore
from experiments.hub_counts import Counts
from experiments.models import Trial
from experiments.stats.checks.blind_trends import blind_trends
from experiments.stats.checks.leads import LeadTest
from experiments.stats.errors import NotEstimable
from experiments.stats.panel_summary import PanelSummary, foretold, summarise

MOST_FORCES, MOST_MONTHS = 6, 60
ENOUGH_MONTHS = 4  # in each half
WANTED_POWER = 0.8


@dataclass(frozen=True, slots=True)
class Rule:
    """What places are looked for; `treated` are those that will be treated where nothing is drawn."""

    forces: tuple[str, ...]
    measure: str
    first: str
    last: str
    at_least: float = 0.0
    most: int | None = None
    treated: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the rule as plain JSON values."""
        return {
            "forces": list(self.forces),
            "measure": self.measure,
            "first": self.first,
            "last": self.last,
            "at_least": self.at_least,
            "most": self.most,
            "treated": list(self.treated),
        }


@dataclass(frozen=True, slots=True)
class Found:
    """The places that the rule chooses, out of `n_seen`; what cannot be said has its reason beside it.

    `fell_back` is the mean of places in the months that they were chosen on, and after: what falls by itself. Places
    that are chosen for their counts are described by months that they were not chosen on.
    """

    rule: Rule
    counts: Counts
    n_seen: int
    fell_back: tuple[float, float] | None
    files: tuple[dict[str, Any], ...]
    left_out: tuple[str, ...]
    summary: PanelSummary | None
    no_summary: str
    power: Explored | None
    trends: LeadTest | None
    no_trends: str

    @property
    def means(self) -> list[tuple[str, float | None, float]]:
        """Return, for each month, the mean count of the treated and of the others; the first None where nobody is."""
        is_treated = np.isin(self.counts.units, self.rule.treated)
        values = self.counts.values
        return [
            (
                month,
                float(values[is_treated, at].mean()) if is_treated.any() else None,
                float(values[~is_treated, at].mean()),
            )
            for at, month in enumerate(self.counts.months)
        ]


def look(trial: Trial, rule: Rule, by: User) -> Found:
    """Choose places by a rule from what the person may see of the hub.

    Raises
    ------
    Invalid : a field of the rule is wrong, or nothing is left; nothing after the trial's planned start is counted.
    """
    _check_before_start(trial, rule)
    forces = _forces(rule)
    files, left_out = usable(forces, rule.first, rule.last, by)
    counts = counted(files, forces, rule.measure)
    chosen = hub_counts.chosen(counts, at_least=rule.at_least, most=rule.most)
    chosen = _with_treated(counts, chosen, rule)
    if not chosen.units:
        raise Invalid.field(
            "/at_least", "No area has so many a month. Lower the number, or choose another measure"
        )
    summary, fell_back, no_summary = _described(counts, chosen, rule)
    trends, no_trends = _trends(chosen, rule)
    return Found(
        rule=rule,
        counts=chosen,
        n_seen=len(counts.units),
        fell_back=fell_back,
        files=tuple(_named(file) for file in files),
        left_out=tuple(left_out),
        summary=summary,
        no_summary=no_summary,
        power=_power(summary, chosen, rule) if summary else None,
        trends=trends,
        no_trends=no_trends,
    )


def usable(forces: Sequence[Force], first: str, last: str, by: User) -> tuple[list[MonthlyFile], list[str]]:
    """Return the newest files of months that every force has and that may be compared, and why others are left out."""
    months = between(first, last)
    if len(months) > MOST_MONTHS:
        raise Invalid.field("/last", f"Choose {MOST_MONTHS} months or fewer")
    rows = (
        MonthlyFile.objects.visible_to(by)
        .newest()
        .filter(force__in=forces, kind=MonthlyFile.Kind.STREET, month__range=(_day(first), _day(last)))
        .select_related("force")
    )
    by_key = {(row.force.slug, f"{row.month:%Y-%m}"): row for row in rows}
    barred = {
        force.slug: found.barred_months for force in forces if (found := judging.judged(force)) is not None
    }
    kept, left_out = [], []
    for month in months:
        of_month = [by_key.get((force.slug, month)) for force in forces]
        if None in of_month:
            left_out.append(f"{month}: no file")
        elif any(month in barred[force.slug] for force in forces):
            left_out.append(f"{month}: not to be compared, as the force’s scorecard says")
        else:
            kept += [file for file in of_month if file]
    if not kept:
        raise Invalid.field(
            "/first", "The hub has no month in this range that may be compared, for every force"
        )
    _one_vintage(kept)
    return kept, left_out


def counted(files: Sequence[MonthlyFile], forces: Sequence[Force], measure: str) -> Counts:
    """Count areas and months of these files; rows that the lookup puts into another force's area are left out."""
    _, areas = lookups.current()
    own = {force.ons_code for force in forces}

    def tables() -> Any:
        for file in files:
            table = pq.read_table(vault.path(file.columns_sha256), columns=["LSOA code", "Crime type"])
            if areas is not None:
                codes = table.column("LSOA code")
                ours = [
                    code
                    for code in pc.unique(codes).to_pylist()
                    if (areas.force_of(code) or file.force.ons_code) in own
                ]
                table = table.filter(pc.is_in(codes, value_set=pa.array(ours, pa.string())))
            yield f"{file.month:%Y-%m}", table

    return hub_counts.count(tables(), measure)


def _check_before_start(trial: Trial, rule: Rule) -> None:
    start = trial.draft.dates.intervention_start.date or trial.draft.dates.first_unit.date
    if start and _day(rule.last) >= start.replace(day=1):
        message = f"The trial is planned to start on {start:%-d %B %Y}: choose months before {start:%B %Y}"
        raise Invalid.field("/last", message)


def _forces(rule: Rule) -> list[Force]:
    if len(rule.forces) > MOST_FORCES:
        raise Invalid.field("/forces", f"Choose {MOST_FORCES} forces or fewer")
    return list(Force.objects.filter(slug__in=rule.forces).order_by("slug"))


def _one_vintage(files: Sequence[MonthlyFile]) -> None:
    found = {Profile.from_json(file.profile).vintage for file in files} - {"unclear"}
    if len(found) > 1:
        raise Invalid.field(
            "/first",
            "Area codes change within these months, from those of 2011 to those of 2021: choose one side",
        )


def _with_treated(counts: Counts, chosen: Counts, rule: Rule) -> Counts:
    """Return the chosen with those that will be treated, whatever the rule says of them."""
    if unknown := sorted(set(rule.treated) - set(counts.units)):
        raise Invalid.field("/treated", f"Not an area of these files: {', '.join(unknown[:5])}")
    return counts.of(sorted({*chosen.units, *rule.treated}))


def _described(
    counts: Counts, chosen: Counts, rule: Rule
) -> tuple[PanelSummary | None, tuple[float, float] | None, str]:
    """Describe the places: where counts chose them, those of the first half of the months by the second half."""
    try:
        if not rule.at_least and rule.most is None:
            return summarise(chosen.values), None, ""
        half = len(counts.months) // 2
        if half < ENOUGH_MONTHS:
            return (
                None,
                None,
                f"areas chosen for their counts are described from {2 * ENOUGH_MONTHS} months on",
            )
        first, second = counts.values[:, :half], counts.values[:, half:]
        early = replace(counts, months=counts.months[:half], values=first)
        again = hub_counts.chosen(early, at_least=rule.at_least, most=rule.most).units
        at = [place for place, code in enumerate(counts.units) if code in set(again)]
        found = summarise(second[at])
        means = float(first[at].mean()), float(second[at].mean())
        return replace(found, correlation=foretold(first[at], second[at])), means, ""
    except NotEstimable as reason:
        return None, None, str(reason)


def _power(summary: PanelSummary, counts: Counts, rule: Rule) -> Explored | None:
    """Return the smallest effect that is found in as many months after as there are before."""
    n_treated = len(rule.treated) or len(counts.units) // 2
    n_others = len(counts.units) - n_treated
    document = {
        "design": "poisson_cluster",
        "power": WANTED_POWER,
        "clusters_per_arm": n_others,
        "ratio": n_treated / n_others if n_others else 1,
        "cluster_size": len(counts.months),
        "baseline_rate": summary.mean,
        "dispersion": summary.phi,
        "icc": min(max(summary.icc, 0.0), 0.99),
        "r2": min(max(summary.correlation or 0.0, 0.0) ** 2, 0.99),
    }
    found = explore(document, "areas")
    return found if isinstance(found, Explored) else None


def _trends(counts: Counts, rule: Rule) -> tuple[LeadTest | None, str]:
    if not rule.treated:
        return None, ""
    try:
        return blind_trends(counts.values.astype(np.float64), np.isin(counts.units, rule.treated)), ""
    except NotEstimable as reason:
        return None, str(reason)


def _named(file: MonthlyFile) -> dict[str, Any]:
    return {
        "force": file.force.slug,
        "month": f"{file.month:%Y-%m}",
        "version": file.version,
        "sha256": file.sha256,
    }


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")

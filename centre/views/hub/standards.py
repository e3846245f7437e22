"""Standards: how the country stands against each, one standard force by force, and one force against all of them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from centre.drawing import number
from centre.hub import benchmarks
from centre.hub.benchmarks import Benchmark, Figures, Row
from centre.hub.drawings import Level
from centre.hub.standards.assurance import Verdict
from centre.hub.standards.drawing import draw
from centre.hub.standards.funnel import Standing
from centre.hub.standards.windows import Total
from centre.models import Force, Measure, PeerGroup, Standard, StandardWithdrawal
from centre.permissions import Permission
from centre.views.hub import charts
from centre.views.hub.pages import HubPage

VERDICTS = {
    Verdict.MEETS: ("Always met", "green"),
    Verdict.INCONSISTENT: ("Some months", ""),
    Verdict.FAILS: ("Always missed", "red"),
}
_PEOPLE = ("proposed_by", "adopted_by")


class StandardList(HubPage):
    """Each standard, and in one sentence how the country stands."""

    template = "hub/standards.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        seen = Standard.objects.visible_to(self.by).select_related(*_PEOPLE)
        figures = Figures(benchmarks.pool(benchmarks.own_forces(self.by)))
        return self.page(
            rows=[
                {"standard": one, "founds": benchmarks.compared(figures, one)}
                for one in seen.in_force().with_measures()
            ],
            proposals=seen.filter(adopted_at__isnull=True),
            to_come=seen.to_come(),
            withdrawn=seen.withdrawn().prefetch_related("withdrawals"),
            endings=StandardWithdrawal.objects.filter(decision="").select_related("standard", "proposed_by"),
            own=list(self.forces()) if not self.sees_all else [],
            may_keep=self.may(Permission.HUB_KEEP),
            may_submit=self.may(Permission.HUB_SUBMIT),
            may_adopt=self.may(Permission.STANDARD_ADOPT),
        )


class StandardDetail(HubPage):
    """One standard: inputs, activity and outcome side by side, the funnel, and each force against the target."""

    template = "hub/standard.html"

    def get(self, request: HttpRequest, standard: str) -> HttpResponse:
        """Show it, among all forces or those of a group."""
        versions = list(
            Standard.objects.visible_to(self.by)
            .filter(key=standard)
            .select_related(*_PEOPLE)
            .with_measures()
            .prefetch_related("withdrawals__proposed_by", "withdrawals__decided_by")
            .order_by("-version")
        )
        if not versions:
            raise Http404
        held = Standard.objects.in_force().filter(key=standard).values_list("pk", flat=True).first()
        # Beside what holds: what held until it was withdrawn comes before what is only proposed.
        shown = next((one for one in versions if one.pk == held or one.withdrawal), versions[0])
        about = {
            "standard": shown,
            "aims": aims_in_words(shown),
            "versions": versions,
            "open_withdrawal": next((one for one in _withdrawals(versions) if one.is_open), None),
            "may_keep": self.may(Permission.HUB_KEEP),
            "may_adopt": self.may(Permission.STANDARD_ADOPT),
        }
        if shown.withdrawal:
            return self.page(**about)
        groups = list(PeerGroup.objects.in_force())
        group = chosen(groups, request.GET.get("group"))
        own = benchmarks.own_forces(self.by)
        pool = benchmarks.pool(own)
        founds = benchmarks.compared(Figures(pool), shown, among=members(group))
        return self.page(
            **about,
            founds=founds,
            outcomes=[_of_all(one, own, pool.count() if group is None else None) for one in founds],
            groups=groups,
            group=group,
        )


class ForceStandards(HubPage):
    """One force against every standard: beside its like, and over time."""

    template = "hub/force_standards.html"
    room = "hub-standard-list"

    def get(self, request: HttpRequest, force: str) -> HttpResponse:
        """Show it."""
        of = self.force(force)
        like = Force.objects.filter(kind=Force.Kind.SAMPLE) if of.is_sample else Force.objects.official()
        groups = list(PeerGroup.objects.in_force().filter(members__force=of))
        group = chosen(groups, request.GET.get("group"))
        figures = Figures(like)
        held = Standard.objects.visible_to(self.by).in_force().with_measures()
        shown = [
            {
                "standard": one,
                "outcomes": [
                    _of_force(found, of) for found in benchmarks.compared(figures, one, among=members(group))
                ],
            }
            for one in held
        ]
        return self.page(
            force=of,
            groups=groups,
            group=group,
            standards=shown,
            stands=_stands([outcome for one in shown for outcome in one["outcomes"]]),
            may_submit=self.may(Permission.HUB_SUBMIT, on=of),
        )


def aims_in_words(standard: Standard) -> list[dict[str, Any]]:
    """Return each outcome with what its number means."""
    return [{"aim": one, "unit": benchmarks.unit_words(one.measure)} for one in standard.aims]


def _of_all(found: Benchmark, own: frozenset[int] | None, n_pool: int | None) -> dict[str, Any]:
    """Return one outcome, force by force, as a person with forces of their `own` may see it."""
    rows, measure = found.rows_for(own), found.aim.measure
    return {
        "found": found,
        "aim": found.aim,
        "unit": benchmarks.unit_words(measure),
        "short_unit": "Per cent" if benchmarks.scale(measure) == 100 else "Per 1,000",
        "rows": [_shown(found, one) for one in rows if not one.why_left_out],
        "left_out": [one for one in rows if one.why_left_out],
        "n_left_out": sum(bool(one.why_left_out) for one in found.rows),
        "n_silent": 0 if n_pool is None else n_pool - len(found.rows),
        "drawing": funnel_drawing(found, own or frozenset()),
    }


def _withdrawals(versions: list[Standard]) -> list[StandardWithdrawal]:
    """Return what was proposed about ending the standard."""
    return [ending for one in versions for ending in one.withdrawals.all()]


def chosen(groups: list[PeerGroup], wanted: str | None) -> PeerGroup | None:
    """Return the group that is asked for; None for all forces."""
    if not wanted:
        return None
    for one in groups:
        if str(one.pk) == wanted:
            return one
    raise Http404


def members(group: PeerGroup | None) -> frozenset[int] | None:
    """Return the forces of a group; None where there is none."""
    return None if group is None else frozenset(group.members.values_list("force_id", flat=True))


def standing(found: Benchmark, row: Row) -> dict[str, str] | None:
    """Return in words where a force lies among those it is compared with."""
    if row.placed is None:
        return None
    at = row.placed.standing
    if at is Standing.WITHIN:
        return {"words": "As forces usually are", "colour": ""}
    is_far, is_better = at in (Standing.FAR_ABOVE, Standing.FAR_BELOW), found.is_better(at)
    return {
        "words": f"{'Better' if is_better else 'Worse'}, outside {'99.8' if is_far else '95'} %",
        "colour": "green" if is_better else "red" if is_far else "yellow",
    }


def funnel_drawing(found: Benchmark, marked: frozenset[int]) -> str:
    """Return the funnel; empty where none is drawn."""
    if found.funnel is None:
        return ""
    outcome = found.aim.measure
    drawn = draw(
        f"funnel-{outcome.key}",
        f"{outcome.name}, force by force",
        found.funnel,
        {row.force.slug: row.force.name for row in found.rows},
        scale=benchmarks.scale(outcome),
        across_words="Residents" if benchmarks.is_by_residents(outcome) else "Of how many it is counted",
        marked=frozenset(row.force.slug for row in found.rows if row.force.pk in marked),
    )
    return mark_safe(drawn)  # noqa: S308  drawn here; every word in it is escaped


def _shown(found: Benchmark, row: Row) -> dict[str, Any]:
    words, colour = VERDICTS[row.assurance.verdict] if row.assurance else ("", "")
    return {
        "row": row,
        "beside": [_plain(one) for one in (*row.inputs, *row.activity)],
        "inputs": _named(found.standard.put_in, row.inputs),
        "activity": _named(found.standard.done, row.activity),
        "outcome": _divided(row.outcome),
        "share": number(row.share) if row.share is not None else "",
        "standing": standing(found, row),
        "limits": _limits(found, row),
        "assurance": {"words": words, "colour": colour} if words else None,
    }


def _named(measures: list[Measure], totals: tuple[Total | None, ...]) -> list[tuple[Measure, str]]:
    return [(measure, _plain(total)) for measure, total in zip(measures, totals, strict=True)]


def _plain(total: Total | None) -> str:
    """Return a year's figure; what is not known whole is left open, and is never 0."""
    return f"{total.value:,.10g}" if total else "Not known"


def _divided(total: Total | None) -> str:
    if total is None or total.denominator is None:
        return _plain(total)
    return f"{total.value:,.10g} of {total.denominator:,.10g}"


def _limits(found: Benchmark, row: Row) -> str:
    if row.placed is None:
        return ""
    times = benchmarks.scale(found.aim.measure)
    return " to ".join(number(times * limit) for limit in row.placed.usual)


def _stands(shown: list[dict[str, Any]]) -> dict[str, int]:
    """Return in how many standards the force is better than forces usually are, and in how many worse."""
    words = [one["standing"]["words"] for one in shown if one.get("standing")]
    better, worse = (sum(one.startswith(side) for one in words) for side in ("Better", "Worse"))
    return {"all": len(words), "better": better, "worse": worse, "usual": len(words) - better - worse}


def _of_force(found: Benchmark, force: Force) -> dict[str, Any]:
    row = found.row(force)
    context: dict[str, Any] = {
        "found": found,
        "aim": found.aim,
        "unit": benchmarks.unit_words(found.aim.measure),
        "together": number(benchmarks.scale(found.aim.measure) * found.funnel.centre) if found.funnel else "",
    }
    if row is None:
        return context
    months = [(one.month, number(one.value) if one.value is not None else "") for one in row.months]
    return {
        **context,
        **_shown(found, row),
        "drawing": _over_time(found, row),
        "months": months[::-1],
    }


def _over_time(found: Benchmark, row: Row) -> str:
    """Return the force's months with its process limits and the target; empty where no month can be drawn."""
    if not any(one.value is not None for one in row.months):
        return ""
    levels = []
    if row.assurance:
        limits = row.assurance.limits
        levels = [
            Level(limits.mean, "", is_dashed=False),
            Level(limits.upper, "limits"),
            Level(limits.lower, ""),
        ]
    aim = found.aim
    if aim.target is not None:
        levels.append(Level(float(aim.target), "target", is_dashed=False))
    return charts.monthly(
        f"months-{found.standard.key}-{aim.measure.key}",
        f"{aim.measure.name}, {row.force}, month by month",
        [one.month for one in row.months],
        [one.value for one in row.months],
        described="Dashed are the process limits, and between them the mean. A cross is a month that is not known.",
        levels=levels,
    )

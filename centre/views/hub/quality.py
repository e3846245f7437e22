"""The hub's first page, and how good each force's files are."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from centre.hub import judging
from centre.hub.drawings import Marker, over_time
from centre.hub.judging import Judged
from centre.hub.quality.findings import Dimension, Severity
from centre.hub.quality.rules import CURRENT
from centre.hub.quality.scorecard import Tier
from centre.models import AreaLookup, Submission
from centre.permissions import Permission
from centre.views.hub.pages import HubPage

# In a table under "May be compared", its colour, and at the end of a sentence about counts.
TIERS = {
    Tier.COMPARE: ("Yes", "green", "may be compared"),
    Tier.WITH_NOTE: ("With findings", "yellow", "may be compared if what is found is said beside them"),
    Tier.NOT: ("No", "red", "are not to be compared"),
}
SEVERITIES = {
    Severity.STOP: ("Settle first", "red"),
    Severity.WARN: ("Say beside", "yellow"),
    Severity.NOTE: ("Know", "grey"),
}


class HubHome(HubPage):
    """Each force's newest month, how much of what it sent may be compared, and what is found."""

    template = "hub/home.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        found = judging.all_judged(self.forces())
        return self.page(
            rows=[_row(one) for one in found],
            n_stops=sum(any(finding.severity is Severity.STOP for finding in one.findings) for one in found),
            without=self.forces().official().exclude(pk__in=[one.force.pk for one in found]).count(),
            newest=Submission.objects.visible_to(self.by).for_list()[:5],
            lookup=AreaLookup.objects.current(),
            rules_version=CURRENT.version,
            may_submit=self.may(Permission.HUB_SUBMIT),
        )


class ForceScorecard(HubPage):
    """One force: the newest month in words, its findings, and each month in six dimensions."""

    template = "hub/scorecard.html"

    def get(self, request: HttpRequest, force: str) -> HttpResponse:
        """Show it."""
        of = self.force(force)
        found = judging.judged(of)
        if found is None:
            return self.page(force=of, found=None, may_submit=self.may(Permission.HUB_SUBMIT, on=of))
        changes = [
            Marker(one.months[0], one.words) for one in found.findings if one.check == "recording_changes"
        ]
        return self.page(
            force=of,
            found=found,
            changes=changes,
            newest=_tier(found.newest.counts),
            findings=[_finding(one) for one in sorted(found.findings, key=_urgency)],
            dimensions=[one.value.capitalize() for one in Dimension],
            months=[_month(card) for card in reversed(found.scorecards)],
            drawing=_drawing(found, changes),
            may_submit=self.may(Permission.HUB_SUBMIT, on=of),
        )


def _row(one: Judged) -> dict[str, Any]:
    return {
        "force": one.force,
        "first": one.scorecards[0].month,
        "newest": one.newest.month,
        "rows": sum(profile.rows for profile in one.series.profiles),
        "tier": _tier(one.newest.counts),
        "n_months": len(one.scorecards),
        "comparable": one.comparable,
        "findings": {
            severity.value: sum(finding.severity is severity for finding in one.findings)
            for severity in Severity
        },
    }


def _tier(tier: Tier) -> dict[str, str]:
    words, colour, sentence = TIERS[tier]
    return {"words": words, "colour": colour, "sentence": sentence}


def _urgency(finding: Any) -> tuple[int, str]:
    """Order findings by what they ask for, then from the newest month."""
    return (list(SEVERITIES).index(finding.severity), finding.check)


def _finding(one: Any) -> dict[str, Any]:
    words, colour = SEVERITIES[one.severity]
    return {"finding": one, "words": words, "colour": colour}


def _month(card: Any) -> dict[str, Any]:
    return {
        "card": card,
        "grades": [grade.value.capitalize() for grade in card.grades.values()],
        "counts": _tier(card.counts),
        "outcomes": _tier(card.outcomes),
    }


def _drawing(found: Judged, changes: list[Marker]) -> str:
    cards = found.scorecards
    drawn = over_time(
        f"rows-{found.force.slug}",
        f"Rows in each month's file, {found.force}",
        [card.month for card in cards],
        [card.rows for card in cards],
        described="A diamond is a month that is not to be compared; a cross is a month without a file.",
        flagged=frozenset(card.month for card in cards if card.counts is Tier.NOT),
        markers=changes,
    )
    return mark_safe(drawn)  # noqa: S308  drawn here; every word in it is escaped

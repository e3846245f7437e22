"""The hub's first page, and how good each force's files are."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from centre.hub import expecting, following, judging
from centre.hub.drawings import Marker
from centre.hub.following import Followed
from centre.hub.judging import Judged
from centre.hub.quality.findings import Dimension, Finding, Severity
from centre.hub.quality.rules import CURRENT
from centre.hub.quality.scorecard import Scorecard, Tier
from centre.models import AreaLookup, QualityAction, SourceAbsence, Submission, Visit
from centre.permissions import Permission
from centre.views.hub import charts
from centre.views.hub.expected import in_words
from centre.views.hub.pages import HubPage

# In a table under "May be compared", its colour, and at the end of a sentence about counts.
TIERS = {
    Tier.COMPARE: ("Yes", "green", "may be compared"),
    Tier.WITH_NOTE: ("With findings", "yellow", "may be compared if what is found is said beside them"),
    Tier.NOT_ALL_CHECKED: (
        "Not all checked",
        "grey",
        "may be compared as far as they were checked: no table of areas is loaded, so area codes were not looked at",
    ),
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
        actions = QualityAction.objects.visible_to(self.by)
        return self.page(
            rows=[_row(one) for one in found],
            n_barred=sum(one.comparable < len(one.scorecards) for one in found),
            without=self.forces().official().exclude(pk__in=[one.force.pk for one in found]).count(),
            newest=Submission.objects.visible_to(self.by).for_list()[:5],
            lookup=AreaLookup.objects.current(),
            rules_version=CURRENT.version,
            n_open=actions.open().count(),
            n_overdue=actions.overdue().count(),
            may_submit=self.may(Permission.HUB_SUBMIT),
        )


class ForceScorecard(HubPage):
    """One force: the newest month in words, its findings, and each month in six dimensions."""

    template = "hub/scorecard.html"

    def get(self, request: HttpRequest, force: str) -> HttpResponse:
        """Show it."""
        of = self.force(force)
        found = judging.judged(of)
        shared: dict[str, Any] = {
            "force": of,
            "may_submit": self.may(Permission.HUB_SUBMIT, on=of),
            "may_keep": self.may(Permission.VISIT_KEEP, on=of),
            "visits": Visit.objects.for_list().filter(force=of).standing(),
            "expected": in_words(expecting.of_one(of, self.forces())),
            "absences": SourceAbsence.objects.standing().filter(force=of).for_list(),
        }
        if found is None:
            return self.page(found=None, **shared)
        changes = [
            Marker(one.months[0], one.words) for one in found.findings if one.check == "recording_changes"
        ]
        actions = following.followed(QualityAction.objects.filter(force=of).select_related("visit"), found)
        return self.page(
            **shared,
            found=found,
            changes=changes,
            newest=tier(found.newest.counts),
            findings=[{**one, "actions": _on(one["finding"], actions)} for one in urgent_first(found)],
            gone=[one for one in actions if one.is_gone and one.action.is_open],
            dimensions=[one.value.capitalize() for one in Dimension],
            months=newest_first(found),
            drawing=charts.of_months(
                f"rows-{of.slug}",
                f"Rows in each month's file, {of}",
                found,
                [card.rows for card in found.scorecards],
                changes,
            ),
        )


def _on(finding: Finding, actions: list[Followed]) -> list[Followed]:
    """Return the actions that answer a finding."""
    return [one for one in actions if finding in one.found]


def _row(one: Judged) -> dict[str, Any]:
    return {
        "force": one.force,
        "first": one.scorecards[0].month,
        "newest": one.newest.month,
        "rows": sum(profile.rows for profile in one.series.profiles),
        "tier": tier(one.newest.counts),
        "n_months": len(one.scorecards),
        "comparable": one.comparable,
        "findings": {
            severity.value: sum(finding.severity is severity for finding in one.findings)
            for severity in Severity
        },
    }


def tier(one: Tier | None) -> dict[str, str] | None:
    """Return a tier in words; None where the month is not in the series."""
    if one is None:
        return None
    words, colour, sentence = TIERS[one]
    return {"words": words, "colour": colour, "sentence": sentence}


def urgent_first(found: Judged) -> list[dict[str, Any]]:
    """Return the findings, the most pressing first."""
    return [_finding(one) for one in sorted(found.findings, key=_urgency)]


def newest_first(found: Judged) -> list[dict[str, Any]]:
    """Return the scorecards, the newest month first."""
    return [_month(card) for card in reversed(found.scorecards)]


def _urgency(finding: Finding) -> tuple[int, str]:
    return (list(SEVERITIES).index(finding.severity), finding.check)


def _finding(one: Finding) -> dict[str, Any]:
    words, colour = SEVERITIES[one.severity]
    return {"finding": one, "words": words, "colour": colour}


def _month(card: Scorecard) -> dict[str, Any]:
    return {
        "card": card,
        "grades": [grade.value.capitalize() for grade in card.grades.values()],
        "counts": tier(card.counts),
        "outcomes": tier(card.outcomes),
    }

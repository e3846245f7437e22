"""What addresses under a trial share: what the caller may know of, and what only those inside may."""

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404

from centre.api.views import visible
from centre.errors import NotPermitted
from centre.permissions import Permission, has_permission, require
from experiments.models import Analysis, Release, Trial
from experiments.querysets import TrialQuerySet


class OfTrial:
    """An address under `trials/{ref}/`."""

    request: Any
    kwargs: dict[str, Any]
    shown: Trial  # the trial that the document is about

    def trials(self) -> TrialQuerySet:
        """Return the trials that the caller may know of, with what the address shows of one."""
        rows: TrialQuerySet = Trial.objects.visible_to(self.request.user)
        return rows.for_list().with_sites()

    def trial(self) -> Trial:
        """Return the trial, or there is nothing here."""
        found: Trial | None = self.trials().by_ref(self.kwargs["ref"]).first()
        if found is None:
            raise Http404
        self.shown = found
        return found

    def modified(self, rows: list[Any]) -> datetime | None:
        """Return when the newest row changed; of a document about the trial, when the trial did."""
        if rows and isinstance(rows[0], dict):
            return self.shown.updated_at
        found: datetime | None = super().modified(rows)  # type: ignore[misc]  # mixed into a view
        return found

    def trial_inside(self, permission: Permission) -> Trial:
        """Return the trial for somebody who works on it and holds the permission.

        Whoever does not work on it learns nothing, not even that there is something to be refused.
        """
        trial = self.trial()
        if not Trial.objects.worked_on_by(self.request.user).filter(pk=trial.pk).exists():
            raise Http404
        require(self.request.user, permission, on=trial)
        return trial


def sees_uncleared(user: Any, trial: Trial) -> bool:
    """Return whether a person may see results before their release.

    Centre staff without the permission are refused. Everybody else, the trial's own force too, is told nothing.
    """
    if has_permission(user, Permission.RESULT_SEE, on=trial):
        return True
    if user.is_authenticated and user.is_centre_staff:
        raise NotPermitted("Your roles do not include sight of results that are not released.")
    return False


def released(user: Any, analysis: Analysis) -> Release | None:
    """Return the newest published release of an analysis that a person may see."""
    rows = Release.objects.visible_to(user).published().filter(analysis=analysis)
    found: Release | None = rows.order_by("-published_at").first()
    return found


def find_analysis(user: Any, public_id: uuid.UUID) -> tuple[Analysis, Release | None]:
    """Return an analysis; with its release where the person may see no more than that."""
    rows = Analysis.objects.visible_to(user).select_related("trial", "registration", "dataset", "run")
    analysis: Analysis = visible(rows, public_id=public_id)
    release = released(user, analysis)
    if release is not None and not has_permission(user, Permission.RESULT_SEE, on=analysis.trial):
        return analysis, release
    if not sees_uncleared(user, analysis.trial):
        raise Http404
    return analysis, None

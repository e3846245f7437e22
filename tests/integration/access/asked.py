"""Applications for restricted data, taken as far as a test needs."""

import datetime as dt
from typing import Any

from django.utils import timezone

from experiments.actions import access_applications, access_grants
from experiments.models import AccessApplication, AccessDecision, Dataset, Release
from tests.integration.experiments_pages import stages

SAID = {
    "question": "Does the effect differ by how often households called before?",
    "why_rows": "The released files have no rows by household.",
    "lawful_basis": "Public task; approved by the ethics board of an invented university.",
    "others": "Nobody else.",
}
PURPOSE = "To see whether the effect differs by calls before."


def day(after: int = 0) -> dt.date:
    """Return the day so many days from now."""
    return timezone.localdate() + dt.timedelta(days=after)


def answers(**changes: Any) -> dict[str, Any]:
    """Return a complete application, but for the data."""
    return {**SAID, "starts_on": day(), "ends_on": day(60), "accepts_terms": True, **changes}


def data(release: Release) -> Dataset:
    """Return the data that a release stands on."""
    found: Dataset = release.analysis.dataset
    return found


def applied(cast: Any, release: Release | None = None, **changes: Any) -> AccessApplication:
    """Return an application that waits."""
    dataset = data(release or stages.published(cast))
    return access_applications.apply(dataset=dataset, by=cast.researcher, **answers(**changes))


def granted(cast: Any, release: Release | None = None, **changes: Any) -> AccessApplication:
    """Return an application that was granted for a month."""
    made = applied(cast, release, **changes)
    access_applications.grant(application=made, purpose=PURPOSE, ends_on=day(30), by=cast.registrar)
    return AccessApplication.objects.get(pk=made.pk)


def ended(cast: Any, before: AccessApplication) -> AccessApplication:
    """Return a grant of the same file that ended yesterday."""
    file = AccessDecision.objects.get(application=before).file
    made: AccessApplication = AccessApplication.objects.create(
        dataset=before.dataset,
        applicant=cast.researcher,
        starts_on=day(-9),
        ends_on=day(-1),
        applied_at=timezone.now(),
        **SAID,
    )
    AccessDecision.objects.create(
        application=made,
        outcome="grant",
        purpose=PURPOSE,
        starts_on=day(-9),
        ends_on=day(-1),
        file=file,
        decided_at=timezone.now(),
        decided_by=cast.registrar,
    )
    return made


def revoked(cast: Any, application: AccessApplication) -> AccessApplication:
    """Take a grant back."""
    access_grants.revoke(application=application, reason="The project has ended.", by=cast.director)
    return AccessApplication.objects.get(pk=application.pk)

"""What nobody does with access to data, straight at the tables: one attempt for each rule of the database."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from experiments.actions import access_applications
from experiments.models import AccessApplication, AccessDecision, AccessRevocation
from tests.integration.access.asked import PURPOSE, SAID, applied, data, day, granted
from tests.integration.experiments_pages import stages


def _refused(application: AccessApplication, by: Any) -> AccessDecision:
    made: AccessDecision = AccessDecision.objects.create(
        application=application, outcome="refuse", reason="No.", decided_at=timezone.now(), decided_by=by
    )
    return made


def asked_for_data_that_are_not_out(cast: Any) -> None:
    AccessApplication.objects.create(
        dataset=data(stages.cleared(cast)), applicant=cast.researcher, starts_on=day(), ends_on=day(60),
        applied_at=timezone.now(), **SAID,
    )  # fmt: skip


def withdrawn_after_the_decision(cast: Any) -> None:
    made = granted(cast)
    made.withdrawn_at = timezone.now()
    made.save(update_fields=["withdrawn_at"])


def decided_after_it_was_withdrawn(cast: Any) -> None:
    asked = applied(cast)
    access_applications.withdraw(application=asked, by=cast.researcher)
    _refused(asked, cast.registrar)


def decided_by_the_applicant(cast: Any) -> None:
    _refused(applied(cast), cast.researcher)


def decided_by_who_began_the_trial(cast: Any) -> None:
    _refused(applied(cast), cast.force_user)


def granted_the_file_of_another_trial(cast: Any) -> None:
    file = granted(cast).decision.file
    elsewhere = applied(cast, stages.published(cast))
    AccessDecision.objects.create(
        application=elsewhere, outcome="grant", purpose=PURPOSE, starts_on=day(), ends_on=day(1), file=file,
        decided_at=timezone.now(), decided_by=cast.registrar,
    )  # fmt: skip


def revoked_what_was_refused(cast: Any) -> None:
    refused = access_applications.refuse(application=applied(cast), reason="No.", by=cast.registrar)
    AccessRevocation.objects.create(
        decision=refused, reason="x", revoked_at=timezone.now(), revoked_by=cast.registrar
    )


ATTEMPTS: dict[str, Callable[[Any], None]] = {
    "access_asked_for_released_data": asked_for_data_that_are_not_out,
    "access_withdrawn_while_it_waits": withdrawn_after_the_decision,
    "access_decided_while_it_waits": decided_after_it_was_withdrawn,
    "access_decided_by_another": decided_by_the_applicant,
    "access_decided_by_another, who began the trial": decided_by_who_began_the_trial,
    "access_gives_its_own_file": granted_the_file_of_another_trial,
    "access_revoked_where_granted": revoked_what_was_refused,
}

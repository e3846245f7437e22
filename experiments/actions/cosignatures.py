"""The senior sponsor of the lead force signs the protocol that is to be registered."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict
from centre.models import User
from centre.permissions import Permission, require
from experiments import protocol
from experiments.lifecycle import Registration
from experiments.models import Cosignature, SiteStep, Trial

OPEN = (Registration.SUBMITTED, Registration.IN_REVIEW)


@transaction.atomic
def sign(*, trial: Trial, by: User) -> Cosignature:
    """The sponsor stands by this very text."""
    trial = Trial.objects.for_action(trial, by)
    require(by, Permission.TRIAL_COSIGN, on=trial.lead_force)
    if trial.lead_force is None:
        raise Conflict("No force leads this trial, so nobody signs for one.")
    if trial.registration_state not in OPEN:
        raise Conflict("A protocol is signed between its submission and its registration.")
    digest = protocol.digest(trial.draft)
    if trial.cosignatures.filter(protocol_sha256=digest, by=by).exists():
        raise Conflict("You have signed this text already.")
    made = Cosignature.objects.create(
        trial=trial,
        protocol_edition=trial.protocol_edition,
        protocol_sha256=digest,
        by=by,
        at=timezone.now(),
    )
    audit.record("trial.cosigned", subject=trial, by=by, detail={"object": digest})
    return made


def is_signed(trial: Trial, read: protocol.Protocol) -> bool:
    """Return whether the sponsor of the lead force stands by this text, here or by a paper that is on record."""
    if trial.lead_force_id is None:
        return True
    if trial.cosignatures.filter(protocol_sha256=protocol.digest(read)).exists():
        return True
    paper = trial.site_steps.filter(force=trial.lead_force_id, kind=SiteStep.Kind.SPONSOR)
    return bool(paper.exclude(done_at=None).exists())

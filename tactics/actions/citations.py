"""What a published review or study says of a tactic is cited on its page."""

from django.db import transaction
from django.utils import timezone

from centre import audit
from centre.errors import Conflict, Invalid
from centre.models import User
from centre.permissions import Permission, require
from centre.text import clean_text
from tactics.models import CitedEvidence, OutcomeDomain, Tactic


class OnlyForRealTactics(Conflict):
    """A simulated tactic has no literature."""


@transaction.atomic
def cite(
    *,
    key: str,
    tactic: Tactic,
    kind: str,
    outcome: str,
    says: str,
    citation: str,
    by: User,
    doi: str = "",
    quality: str = "",
    outcome_domain: OutcomeDomain | None = None,
) -> CitedEvidence:
    """The tactic's page quotes the source. It is no finding: no rating and no pooled number reads it.

    `key` names the quotation: cited again it stays as it is.
    """
    require(by, Permission.TACTIC_EDIT, on=tactic)
    if tactic.is_simulated:
        raise OnlyForRealTactics("A published review cannot be cited for a simulated tactic.")
    if kind not in CitedEvidence.Kind.values:
        raise Invalid.field("kind", "Say whether it is a review, a study or a claim")
    if kind == CitedEvidence.Kind.CLAIM and not quality.strip():
        raise Invalid.field("quality", "Say how good the evidence of a claim is")
    standing: CitedEvidence | None = CitedEvidence.objects.filter(key=key).first()
    if standing is not None:
        return standing
    cited: CitedEvidence = CitedEvidence.objects.create(
        key=key,
        tactic=tactic,
        kind=kind,
        outcome_domain=outcome_domain,
        outcome=clean_text(outcome, label="Outcome", maximum=120, required="Enter the outcome"),
        says=clean_text(says, label="What it says", maximum=600, required="Enter what the source says"),
        citation=clean_text(citation, label="Citation", maximum=300, required="Enter the citation"),
        doi=doi,
        quality=clean_text(quality, label="How good the evidence is", maximum=300),
        recorded_at=timezone.now(),
        recorded_by=by,
    )
    audit.record("evidence.cited", subject=cited, by=by, detail={"tactic": tactic.slug, "citation": citation})
    return cited

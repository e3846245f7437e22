"""The hours account of one tactic, as the page and the API show it: sums, the scale-up or why there is none."""

from collections.abc import Iterable
from dataclasses import dataclass

from centre.models import Force
from tactics.hours import Claim, ScaleUp, Sum, scale_up, sums
from tactics.models import HoursClaim, Tactic
from tactics.synthesis import NotEstimable


@dataclass(frozen=True, slots=True)
class Account:
    """The sums of one tactic; `scale` or, where there is none, `why_none`."""

    sums: list[Sum]
    scale: ScaleUp | None
    why_none: str


def account(tactic: Tactic, standing: Iterable[HoursClaim]) -> Account:
    """Return the account. Needs `with_current_rating` on the tactic and the forces of the claims."""
    claims = [one.as_claim for one in standing]
    try:
        return Account(sums(claims), _scaled(tactic, claims), "")
    except NotEstimable as refusal:
        return Account(sums(claims), None, refusal.message)


def _scaled(tactic: Tactic, claims: list[Claim]) -> ScaleUp:
    if tactic.is_simulated:
        raise NotEstimable(
            "The tactic and its forces are invented: nothing of it is scaled up to real forces."
        )
    rating = tactic.headline_rating
    return scale_up(
        claims,
        strength=rating.strength if rating else 0,
        harms=[harm.outcome_domain.name for harm in tactic.harms],
        officers=Force.objects.territorial().officers(),
    )

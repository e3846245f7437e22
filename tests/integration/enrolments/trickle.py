"""A trial whose cases come one by one, taken as far as a test needs; and cases to enrol in it."""

from types import SimpleNamespace
from typing import Any

from experiments import protocol
from experiments.actions import conduct, cosignatures, enrolments, registrations, reviews, sequences, trials
from experiments.actions.enrolments import Asked, Enrolled
from experiments.models import Trial
from tests.integration.experiments_pages import stages
from tests.integration.tactics import library

FACTORS = [
    {"name": "sex", "levels": ["female", "male"], "weight": None},
    {"name": "area", "levels": ["north", "south"], "weight": None},
]
PLANS: dict[str, dict[str, Any]] = {
    "trickle_simple": {"method": "trickle_simple"},
    "permuted_blocks": {"method": "permuted_blocks", "block_sizes": [2, 4], "factors": FACTORS},
    "minimisation": {"method": "minimisation", "coin_probability": 0.8, "factors": FACTORS},
}
SENT: dict[str, Any] = {"include": [True, True], "exclude": [False]}


def document(tactic: Any, method: str = "permuted_blocks") -> dict[str, Any]:
    """Return a complete protocol with two conditions to include and one to exclude."""
    found = protocol.to_json(protocol.from_json(stages.document(tactic)))
    found["allocation"] |= PLANS[method]
    found["design"]["timing"] = "trickle"
    found["eligibility"] |= {
        "include": ["The suspect is 18 or older", "The offence was reported within 28 days"],
        "exclude": ["The suspect has been in this trial before"],
    }
    found["eligibility"]["intake"] |= {"dry_run_expected": 12, "dry_run_processed": 12}
    return found


def baseline(cast: SimpleNamespace, method: str = "permuted_blocks") -> Trial:
    """Return a registered trial whose sequence may be opened."""
    tactic = library.published(cast.registrar, "Conditional caution", is_simulated=True)
    trial = trials.start(title=stages.PLAN.title, by=cast.force_user, tactic=tactic, is_simulated=True)
    written = stages.declaring(document(tactic, method), cast.force_user)
    trial = trials.save(trial=trial, document=written, edition=trial.protocol_edition, by=cast.force_user)
    trials.submit(trial=trial, by=cast.force_user)
    reviews.decide(trial=stages.fresh(trial), decision="approve", comment="Ready.", by=cast.reviewer)
    cosignatures.sign(trial=stages.fresh(trial), by=cast.sponsor)
    registrations.register(trial=stages.fresh(trial), by=cast.registrar)
    return conduct.advance(trial=stages.fresh(trial), to="baseline", by=cast.registrar)


def opened(cast: SimpleNamespace, method: str = "permuted_blocks") -> Trial:
    """Return a trial in which cases can be enrolled."""
    trial = baseline(cast, method)
    sequences.start(trial=trial, by=cast.custodian)
    return stages.fresh(trial)


def asked(case: str, *, place: int = 0, key: str = "", **changes: Any) -> Asked:
    """Return what is sent of a case; `place` varies its levels."""
    levels = {"sex": ("female", "male")[place % 2], "area": ("north", "south")[place // 2 % 2]}
    return Asked(**{"case": case, **SENT, "levels": levels, "key": key or f"key-{case}", **changes})


def enrolled(trial: Trial, by: Any, n: int, *, start: int = 1) -> list[Enrolled]:
    """Enrol so many cases."""
    has_levels = bool(trial.allocation.trickle_scheme.factors)
    return [
        enrolments.enrol(
            trial=trial,
            asked=asked(f"C{place:04}", place=place, **({} if has_levels else {"levels": {}})),
            by=by,
        )
        for place in range(start, start + n)
    ]

"""The gap map: what is known of each tactic on each outcome, and what nobody has looked at."""

from collections.abc import Iterable
from dataclasses import dataclass

from tactics.models import OutcomeDomain, Rating, Tactic


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of one tactic on one outcome."""

    rating: Rating | None
    # A registered trial is under way; reviews are cited. Both count for what the tactic is meant to change.
    is_tested: bool
    is_cited: bool

    @property
    def is_known(self) -> bool:
        """Return whether there is a result to speak of."""
        return self.rating is not None and bool(self.rating.finding_ids)


@dataclass(frozen=True, slots=True)
class Row:
    """One tactic, with a cell for each outcome."""

    tactic: Tactic
    cells: tuple[Cell, ...]


def outcomes(tactics: Iterable[Tactic]) -> list[OutcomeDomain]:
    """Return the outcomes that any of the tactics is meant to change or is rated on, by name."""
    found = {rating.outcome_domain for tactic in tactics for rating in _ratings(tactic)}
    found |= {tactic.main_outcome for tactic in tactics if tactic.main_outcome}
    return sorted(found, key=lambda outcome: outcome.name)


def rows(tactics: Iterable[Tactic], columns: Iterable[OutcomeDomain]) -> list[Row]:
    """Return a row for each tactic. Needs `with_current_rating` and `with_awaited`."""
    across = list(columns)
    return [Row(tactic, tuple(_cell(tactic, outcome) for outcome in across)) for tactic in tactics]


def _cell(tactic: Tactic, outcome: OutcomeDomain) -> Cell:
    rating = next((one for one in _ratings(tactic) if one.outcome_domain_id == outcome.pk), None)
    is_aimed_at = tactic.main_outcome_id == outcome.pk
    tested, cited = tactic.n_awaited, tactic.cited  # type: ignore[attr-defined]
    return Cell(rating, is_aimed_at and bool(tested), is_aimed_at and bool(cited))


def _ratings(tactic: Tactic) -> list[Rating]:
    found: list[Rating] = tactic.current_ratings  # type: ignore[attr-defined]
    return found

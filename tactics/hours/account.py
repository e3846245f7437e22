"""The sums of an hours account. Hours are never added across how they are known, nor claimed with realised ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tactics.hours.claims import BASES, STATUSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one force says of one period. `officers`: of the force, full-time equivalent; None where not known."""

    force: str
    starts_on: date
    ends_on: date
    gross: Decimal
    cost: Decimal
    low: Decimal
    high: Decimal
    incidents: int
    counted_as: str
    basis: str
    status: str
    officers: Decimal | None = None

    @property
    def net(self) -> Decimal:
        """Return the hours saved when what the tactic takes is taken off; below nought where it takes more."""
        return self.gross - self.cost

    @property
    def days(self) -> int:
        """Return the length of the period, both ends counted."""
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """The claims that may be added: one basis, one status, one thing that was counted."""

    basis: str
    status: str
    counted_as: str
    n_forces: int
    n_claims: int
    gross: Decimal
    cost: Decimal
    low: Decimal
    high: Decimal
    incidents: int

    @property
    def net(self) -> Decimal:
        """Return the hours saved when what the tactic takes is taken off."""
        return self.gross - self.cost

    @property
    def basis_words(self) -> str:
        """Return how the hours are known."""
        return BASES[self.basis]

    @property
    def status_words(self) -> str:
        """Return whether they were claimed or realised."""
        return STATUSES[self.status]

    @property
    def net_per_1000(self) -> Decimal:
        """Return the net hours for every 1,000 that were counted."""
        return self._per_1000(self.net)

    @property
    def low_per_1000(self) -> Decimal:
        """Return the same if every force's lowest figure is right."""
        return self._per_1000(self.low)

    @property
    def high_per_1000(self) -> Decimal:
        """Return the same if every force's highest figure is right."""
        return self._per_1000(self.high)

    def _per_1000(self, hours: Decimal) -> Decimal:
        return 1000 * hours / self.incidents


def sums(claims: Iterable[Claim]) -> list[Sum]:
    """Return the sums of an account: realised first, the surest basis first.

    Parameters
    ----------
    claims : hours of periods that do not overlap within a force, basis and status.

    Returns
    -------
    One sum for each basis x status x thing counted. `low` and `high` are the sums of the forces' own lowest and
    highest figures: the widest that all of them together allow, not an interval of confidence.
    """
    groups: dict[tuple[str, str, str], list[Claim]] = {}
    for one in claims:
        groups.setdefault((one.status, one.basis, _folded(one.counted_as)), []).append(one)
    statuses, bases = list(STATUSES)[::-1], list(BASES)
    ordered = sorted(groups, key=lambda key: (statuses.index(key[0]), bases.index(key[1]), key[2]))
    return [_sum(groups[key]) for key in ordered]


def _sum(rows: list[Claim]) -> Sum:
    return Sum(
        basis=rows[0].basis,
        status=rows[0].status,
        counted_as=min(one.counted_as for one in rows),  # the same words whatever the order
        n_forces=len({one.force for one in rows}),
        n_claims=len(rows),
        gross=sum((one.gross for one in rows), Decimal()),
        cost=sum((one.cost for one in rows), Decimal()),
        low=sum((one.low for one in rows), Decimal()),
        high=sum((one.high for one in rows), Decimal()),
        incidents=sum(one.incidents for one in rows),
    )


def _folded(words: str) -> str:
    return " ".join(words.casefold().split())

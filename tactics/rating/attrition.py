"""What Works Clearinghouse attrition boundaries (Standards Handbook 4.1, Table II.1).

The highest differential attrition, in percentage points, that still counts as low, by overall attrition
rounded to a whole per cent. The table is used, not a formula.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, get_args

Boundary = Literal["cautious", "optimistic"]
BOUNDARY_NAMES: tuple[Boundary, ...] = get_args(Boundary)

CAUTIOUS = (
    5.7, 5.8, 5.9, 5.9, 6.0, 6.1, 6.2, 6.3, 6.3, 6.3,
    6.3, 6.2, 6.2, 6.1, 6.0, 5.9, 5.9, 5.8, 5.7, 5.5,
    5.4, 5.3, 5.2, 5.1, 4.9, 4.8, 4.7, 4.5, 4.4, 4.3,
    4.1, 4.0, 3.8, 3.6, 3.5, 3.3, 3.2, 3.1, 2.9, 2.8,
    2.6, 2.5, 2.3, 2.1, 2.0, 1.8, 1.6, 1.5, 1.3, 1.2,
    1.0, 0.9, 0.7, 0.6, 0.4, 0.3, 0.2, 0.0,
)  # fmt: skip
OPTIMISTIC = (
    10.0, 10.1, 10.2, 10.3, 10.4, 10.5, 10.7, 10.8, 10.9, 10.9,
    10.9, 10.9, 10.9, 10.8, 10.8, 10.7, 10.6, 10.5, 10.3, 10.2,
    10.0, 9.9, 9.7, 9.5, 9.4, 9.2, 9.0, 8.8, 8.6, 8.4,
    8.2, 8.0, 7.8, 7.6, 7.4, 7.2, 7.0, 6.7, 6.5, 6.3,
    6.0, 5.8, 5.6, 5.3, 5.1, 4.9, 4.6, 4.4, 4.2, 3.9,
    3.7, 3.5, 3.2, 3.0, 2.8, 2.6, 2.3, 2.1, 1.9, 1.6,
    1.4, 1.1, 0.9, 0.7, 0.5, 0.3,
)  # fmt: skip
_TABLES: dict[Boundary, tuple[float, ...]] = {"cautious": CAUTIOUS, "optimistic": OPTIMISTIC}


def limit(overall: float, boundary: Boundary) -> float | None:
    """Return the highest low differential in percentage points; None where every differential is high.

    Parameters
    ----------
    overall : share of all units lost, 0 to 1.
    boundary : the one the protocol fixed in advance.
    """
    percent = int(Decimal(repr(overall * 100)).quantize(Decimal(1), ROUND_HALF_UP))
    table = _TABLES[boundary]
    return table[percent] if percent < len(table) else None


def is_high(overall: float, differential: float, boundary: Boundary) -> bool:
    """Return whether attrition is high: the differential (0 to 1) lies beyond the boundary."""
    highest = limit(overall, boundary)
    # Shares are sums of counts: 0.062 arrives as 0.06199999 or 0.06200001 and must mean the same.
    return highest is None or round(abs(differential) * 100, 9) > highest

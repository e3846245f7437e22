"""Prices of different years, and years that are not now."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from tactics.synthesis import NotEstimable

LONGEST = 30  # years: the rate of later ones is another one, which this does not have
_YEAR = re.compile(r"(\d{4})[/-](\d{2})|(\d{4})")


def year_of(text: str) -> str:
    """Return a price year in its one spelling: "2015-16" is "2015/16".

    Raises
    ------
    NotEstimable : it is no year, or a financial year whose second part does not follow the first.
    """
    found = _YEAR.fullmatch(text.strip())
    if found is None:
        raise NotEstimable(f"“{text[:20]}” is no price year: write 2015/16, or 2015 for a calendar year")
    if found[3]:
        return found[3]
    if int(found[2]) != (int(found[1]) + 1) % 100:
        raise NotEstimable(f"“{text[:20]}” is no financial year: 2015/16 is one")
    return f"{found[1]}/{found[2]}"


@dataclass(frozen=True, slots=True)
class Deflator:
    """An index of prices by year, with its source."""

    source: str
    index: Mapping[str, float]

    def factor(self, start: str, end: str) -> float:
        """Return what turns a price of `start` into one of `end`.

        Raises
        ------
        NotEstimable : the series lacks a year.
        """
        for year in (start, end):
            if year not in self.index:
                raise NotEstimable(
                    f"The price index has no value for {year}, so prices of {start} and {end} cannot be compared"
                )
        return self.index[end] / self.index[start]


def factor(start: str, end: str, deflator: Deflator | None) -> float:
    """Return what turns a price of one year into one of another; 1 for the same year.

    Raises
    ------
    NotEstimable : the years differ and there is no price index for both.
    """
    if start == end:
        return 1.0
    if deflator is None:
        raise NotEstimable(
            f"Prices of {start} and of {end} cannot be compared: no price index has been loaded here"
        )
    return deflator.factor(start, end)


def annuity(rate: float, years: int) -> float:
    """Return the present value of 1 at the start of each of so many years: the first is not discounted.

    Notes
    -----
    ``sum of (1 + r)^-j for j = 0 … years - 1``.

    Raises
    ------
    NotEstimable : no years, more than 30, or a rate that is below 0 or 1 and above.
    """
    if not 1 <= years <= LONGEST:
        raise NotEstimable(f"The number of years must be from 1 to {LONGEST}")
    if not (isfinite(rate) and 0 <= rate < 1):
        raise NotEstimable("The discount rate must be from 0 to below 1")
    return float(sum((1 + rate) ** -year for year in range(years)))

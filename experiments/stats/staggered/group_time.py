"""Which group–time cells there are, what each is compared with, and why one is left out.

A cell ``(g, t)`` is the cohort first treated in ``g``, seen in period ``t``. Nothing
here touches an outcome.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

ControlGroup = Literal["never_treated", "not_yet_treated"]
BasePeriod = Literal["varying", "universal"]

NO_CONTROLS = "no unit is still untreated to compare with"
NO_BASE = "no period is seen before treatment"


@dataclass(frozen=True, slots=True)
class Cell:
    """One group–time cell.

    ``period`` and ``base`` index the panel's periods, ``cohort`` and ``controls`` its
    cohorts (sorted by adoption, never treated last). ``reason`` says why the cell
    cannot be estimated; it is empty where it can. A ``reference`` cell is the base
    period itself, zero by construction.
    """

    cohort: int
    period: int
    base: int
    adopted: float
    time: float
    controls: tuple[int, ...]
    reference: bool = False
    reason: str = ""

    @property
    def event_time(self) -> float:
        """Periods since adoption, in the units of the period column."""
        return self.time - self.adopted

    @property
    def is_post(self) -> bool:
        """Whether the cohort is treated in this period."""
        return self.time >= self.adopted

    @property
    def estimable(self) -> bool:
        """Whether there is a comparison to make."""
        return not self.reason and not self.reference


def cells(
    cohorts: FloatArray,
    periods: FloatArray,
    *,
    control_group: ControlGroup,
    base_period: BasePeriod = "varying",
    anticipation: float = 0.0,
) -> tuple[Cell, ...]:
    """List the group–time cells of a staggered design, in order of cohort and period.

    Parameters
    ----------
    cohorts : (C,) distinct adoption times, increasing, ``inf`` for never treated.
    periods : (T,) observed periods, increasing.
    control_group : ``never_treated``, or ``not_yet_treated``: cohorts that adopt after
        the later of the period and its base (plus anticipation), the cohort itself
        never among them, the never-treated always.
    base_period : ``varying`` compares a period before adoption with the one before it;
        ``universal`` compares every period with the last one before adoption.
    anticipation : periods before adoption in which units may already respond. These too are
        compared with the last period before them, whatever the base: against the period before
        it, a response that lasts would show in its first period only.

    Notes
    -----
    Where nobody is never treated the last cohort is a comparison only, and periods
    from its adoption on have none: the support of Callaway & Sant'Anna (2021),
    *J Econometrics*, section 2.2, and of R's ``did``. The base of the anticipated periods is that of
    ``did`` since August 2026 and of csdid 0.4.3; moderndid 0.2.0 still takes the period before.
    """
    targets = [c for c, adopted in enumerate(cohorts) if np.isfinite(adopted)]
    if control_group == "not_yet_treated" and len(targets) == len(cohorts):
        targets = targets[:-1]
    found: list[Cell] = []
    for cohort in targets:
        adopted = float(cohorts[cohort])
        before = np.flatnonzero(periods + anticipation < adopted)
        for period, time in enumerate(periods.tolist()):
            is_plain = base_period == "varying" and time + anticipation < adopted
            if is_plain and period == 0:
                continue  # the first period has none before it to compare with
            base = period - 1 if is_plain else int(before[-1]) if len(before) else -1
            controls = _controls(cohorts, periods, cohort, max(period, base), control_group, anticipation)
            reason = NO_BASE if base < 0 else NO_CONTROLS if not controls else ""
            found.append(
                Cell(
                    cohort=cohort,
                    period=period,
                    base=base,
                    adopted=adopted,
                    time=time,
                    controls=controls,
                    reference=base == period,
                    reason=reason,
                )
            )
    return tuple(found)


def _controls(
    cohorts: FloatArray,
    periods: FloatArray,
    cohort: int,
    latest: int,
    control_group: ControlGroup,
    anticipation: float,
) -> tuple[int, ...]:
    never = np.isinf(cohorts)
    eligible = never if control_group == "never_treated" else cohorts > periods[latest] + anticipation
    return tuple(int(c) for c in np.flatnonzero(eligible) if c != cohort)

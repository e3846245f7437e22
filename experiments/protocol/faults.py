"""Values that cannot be right, whatever is still missing: a draft with any of them is not saved."""

import datetime as dt
from collections.abc import Iterator, Sequence

from centre.errors import Problem
from experiments.protocol.deadlines import longest_embargo
from experiments.protocol.formats import format_faults
from experiments.protocol.schema import Day, Protocol
from experiments.stats.looks import planned_fault_of

LARGEST_SAMPLE = 1_000_000

_ORDERED_DATES = (
    ("intervention_start", "intervention_end", "End date must be after the start date"),
    ("intervention_end", "follow_up_end", "Follow-up must end after the intervention ends"),
    ("first_unit", "primary_completion", "Primary completion must be after the first unit"),
    ("primary_completion", "data_lock", "The data lock must be after primary completion"),
)


def faults(protocol: Protocol, *, today: dt.date) -> list[Problem]:
    """Return each value given that cannot be right."""
    return [
        *_sample_size(protocol),
        *_shares(protocol),
        *_dates(protocol),
        *_embargo(protocol, today),
        *_repeated(protocol),
        *_decision(protocol),
        *_periods(protocol),
        *_doses(protocol),
        *_decided(protocol, today),
        *format_faults(protocol),
    ]


def _sample_size(protocol: Protocol) -> Iterator[Problem]:
    size = protocol.sample_size
    for name in ("planned_units", "planned_clusters"):
        yield from _whole(f"/sample_size/{name}", getattr(size, name), LARGEST_SAMPLE)
    yield from _whole("/sample_size/planned_observations", size.planned_observations, 10**9)
    if size.power is not None and not 0.5 <= size.power <= 0.99:
        yield Problem("/sample_size/power", "Power must be between 0.5 and 0.99")
    if size.alpha is not None and not 0.001 <= size.alpha <= 0.2:
        yield Problem("/sample_size/alpha", "Alpha must be between 0.001 and 0.2")
    yield from _icc(protocol)
    if size.mde is not None and size.mde <= 0:
        yield Problem("/sample_size/mde", "The smallest effect to detect must be above 0")
    yield from _whole("/allocation/clusters_n", protocol.allocation.clusters_n, LARGEST_SAMPLE)


def _icc(protocol: Protocol) -> Iterator[Problem]:
    size = protocol.sample_size
    if size.icc is not None and not 0 <= size.icc < 1:
        yield Problem("/sample_size/icc", "ICC must be at least 0 and less than 1")
    # An estimate of the ICC, and so the end of its interval, may be below 0.
    for name in ("icc_low", "icc_high"):
        value = getattr(size, name)
        if value is not None and not -1 <= value <= 1:
            yield Problem(f"/sample_size/{name}", "The interval of the ICC must lie between -1 and 1")
    low, high = size.icc_low, size.icc_high
    if (low is None) != (high is None):
        missing = "icc_low" if low is None else "icc_high"
        yield Problem(f"/sample_size/{missing}", "Give both ends of the interval of the ICC, or neither")
    elif low is not None and high is not None and size.icc is not None and not low <= size.icc <= high:
        yield Problem("/sample_size/icc", "The ICC must lie inside its interval")


def _whole(pointer: str, value: int | None, largest: int) -> Iterator[Problem]:
    if value is not None and not 2 <= value <= largest:
        yield Problem(pointer, f"Enter a whole number from 2 to {largest:,}")


def _shares(protocol: Protocol) -> Iterator[Problem]:
    for place, part in enumerate(protocol.allocation.ratio):
        if part.share is not None and not 0 < part.share <= 100:
            low = part.share <= 0
            message = "Each arm needs a share above 0" if low else "A share can be at most 100"
            yield Problem(f"/allocation/ratio/{place}/share", message)


def _dates(protocol: Protocol) -> Iterator[Problem]:
    dates = protocol.dates
    for first, last, message in _ORDERED_DATES:
        yield from _order(f"/dates/{last}", getattr(dates, first), getattr(dates, last), message)
    for place, site in enumerate(protocol.sites):
        yield from _order(
            f"/sites/{place}/end", site.start, site.end, "End date must be after the start date"
        )


def _order(pointer: str, start: Day, end: Day, message: str) -> Iterator[Problem]:
    if start.date and end.date and end.date < start.date:
        yield Problem(f"{pointer}/date", message)


def _embargo(protocol: Protocol, today: dt.date) -> Iterator[Problem]:
    until = protocol.data.embargo_until
    if until and until > longest_embargo(today):
        message = "A record can be kept private for at most 18 months after registration"
        yield Problem("/data/embargo_until", message)


def _repeated(protocol: Protocol) -> Iterator[Problem]:
    yield from _twice("/arms", "id", [arm.id for arm in protocol.arms], "Two arms have the code “{}”")
    ids = [outcome.id for outcome in protocol.outcomes]
    yield from _twice("/outcomes", "id", ids, "Two outcomes have the id “{}”")
    columns = [outcome.column for outcome in protocol.outcomes]
    yield from _twice("/outcomes", "column", columns, "Two outcomes are read from the column “{}”")


def _twice(pointer: str, name: str, values: Sequence[str], message: str) -> Iterator[Problem]:
    for place, value in enumerate(values):
        if value and value in values[:place]:
            yield Problem(f"{pointer}/{place}/{name}", message.format(value))


def _decision(protocol: Protocol) -> Iterator[Problem]:
    floor = protocol.decision.integrity_floor
    if floor is not None and not 0 <= floor <= 1:
        yield Problem(
            "/decision/integrity_floor", "The integrity floor is a share of planned dose, from 0 to 1"
        )
    looks = protocol.decision.interim.looks
    if looks and (fault := planned_fault_of(looks)):
        yield Problem("/decision/interim/looks", f"{fault[0].upper()}{fault[1:]}")


def _periods(protocol: Protocol) -> Iterator[Problem]:
    qed = protocol.qed
    if qed.pre_periods_n is not None and not 0 <= qed.pre_periods_n <= 10_000:
        yield Problem("/qed/pre_periods_n", "Enter a whole number from 0 to 10,000")
    if not 0 <= qed.anticipation_periods <= 1_000:
        yield Problem("/qed/anticipation_periods", "Enter a whole number from 0 to 1,000")
    if qed.post_periods_n is not None and not 1 <= qed.post_periods_n <= 10_000:
        yield Problem("/qed/post_periods_n", "Enter a whole number from 1 to 10,000")
    for name in ("dry_run_expected", "dry_run_processed"):
        cases = getattr(protocol.eligibility.intake, name)
        if cases is not None and not 0 <= cases <= LARGEST_SAMPLE:
            message = f"Enter a whole number from 0 to {LARGEST_SAMPLE:,}"
            yield Problem(f"/eligibility/intake/{name}", message)


def _doses(protocol: Protocol) -> Iterator[Problem]:
    for place, arm in enumerate(protocol.arms):
        planned, least = arm.dosage.planned, arm.dosage.min_acceptable
        if planned is not None and least is not None and least > planned:
            message = "The smallest acceptable dose cannot be above the planned one"
            yield Problem(f"/arms/{place}/dosage/min_acceptable", message)
    buffer, margin = protocol.design.buffer_metres, protocol.problem.margin
    if buffer is not None and not 0 <= buffer <= 100_000:
        yield Problem("/design/buffer_metres", "Enter a distance from 0 to 100,000 metres")
    if margin is not None and margin <= 0:
        yield Problem("/problem/margin", "The margin must be above 0")


def _decided(protocol: Protocol, today: dt.date) -> Iterator[Problem]:
    decided = protocol.ethics.decided_on
    if decided and decided > today:
        yield Problem("/ethics/decided_on", "The day of the decision cannot be in the future")

"""From the data to the sample of one estimate: what is read, what is dropped and counted, what is refused."""

from dataclasses import dataclass

import numpy as np

from experiments.stats.errors import BadData, NotEstimable, Problem
from experiments.stats.frame import Coded, FloatArray, Frame, IntArray
from experiments.stats.labels import number_label
from experiments.stats.options import ESTIMATOR_RULES
from experiments.stats.ordering import Blocks, Order, Rows, in_blocks
from experiments.stats.plan import EstimateSpec, Plan
from experiments.stats.results import Dropped
from experiments.stats.sample import BoolArray, Sample, compact
from experiments.stats.timing import first_treated_values, period_values

# A text covariate with more levels than this is an identifier, not a covariate.
MAX_LEVELS = 200


class _Keep:
    """Which rows are still in, and why the others are not."""

    def __init__(self, n_rows: int) -> None:
        self.mask: BoolArray = np.ones(n_rows, dtype=bool)
        self.dropped: list[Dropped] = []

    def drop(self, out: BoolArray | None, reason: str) -> None:
        if out is None:
            return
        lost = int(np.count_nonzero(out & self.mask))
        if lost:
            self.dropped.append(Dropped(reason, lost))
            self.mask &= ~out


@dataclass(slots=True)
class _Columns:
    """The full columns of the data, before rows are chosen and ordered; None where one is not used."""

    outcome: FloatArray
    unit: Coded | None
    cluster: Coded | None
    stratum: Coded | None
    sequence: Coded | None
    period: IntArray
    period_line: FloatArray
    period_names: tuple[str, ...]
    arm: IntArray | None
    first_treated: FloatArray | None
    treatment: FloatArray | None
    weight: FloatArray | None
    exposure: FloatArray | None
    affected: FloatArray | None
    received: FloatArray | None
    covariates: list[FloatArray]
    covariate_names: tuple[str, ...]


def build(frame: Frame, spec: EstimateSpec, plan: Plan) -> Sample:
    """The sample of one estimate.

    Rows with a missing outcome (or arm, covariate, …) are dropped and counted; what cannot be meant is
    refused.

    Raises
    ------
    BadData : a column is missing or holds something that is not what the plan says, at its line and column.
    NotEstimable : no row is left.
    """
    rule = ESTIMATOR_RULES[spec.estimator]
    frame.require(spec.used_columns())
    parts = {part: name for part, name in spec.columns.named().items() if part in rule.reads}
    keep = _Keep(frame.n_rows)
    columns = _read(frame, spec, plan, parts, keep)
    if not keep.mask.any():
        reasons = "; ".join(f"{row.count} rows: {row.reason}" for row in keep.dropped)
        raise NotEstimable(f"no row is left ({reasons})")
    order = _order(columns, keep.mask)
    sample = _assemble(columns, order, plan, keep)
    if rule.panel and "unit" in parts:
        _check_panel(sample, parts, order, frame)
    return sample


def _read(frame: Frame, spec: EstimateSpec, plan: Plan, parts: dict[str, str], keep: _Keep) -> _Columns:
    outcome = frame.numbers(spec.outcome)
    keep.drop(frame.missing(spec.outcome), "missing outcome")
    arm = _arms(frame, parts.get("arm"), plan, keep)
    stratum = _labels(frame, parts.get("stratum"), "stratum", keep)
    cluster = _labels(frame, parts.get("cluster"), "cluster", keep)
    sequence = _labels(frame, parts.get("sequence"), "sequence", keep)
    weight = _positive(frame, parts.get("weight"), "weight", keep)
    exposure = _positive(frame, spec.options.get("exposure"), "exposure", keep)
    treatment = _share(frame, parts.get("treatment"), "treatment status", keep)
    affected = _share(frame, spec.options.get("affected"), "affected group", keep)
    received = _share(frame, parts.get("received"), "treatment received", keep)
    covariates, covariate_names = _covariates(frame, spec.covariates, keep)
    period, line, names, first = _time(frame, parts)
    return _Columns(
        outcome=outcome,
        unit=_complete(frame, parts.get("unit")),
        cluster=cluster,
        stratum=stratum,
        sequence=sequence,
        period=period,
        period_line=line,
        period_names=names,
        arm=arm,
        first_treated=first,
        treatment=treatment,
        weight=weight,
        exposure=exposure,
        affected=affected,
        received=received,
        covariates=covariates,
        covariate_names=covariate_names,
    )


def _arms(frame: Frame, name: str | None, plan: Plan, keep: _Keep) -> IntArray | None:
    """Codes into the plan's arms; rows of other arms are out."""
    if name is None or plan.arms is None:
        return None
    coded = frame.coded(name)
    # "1" and "1.0" are one arm, whichever way the file was written.
    place = {
        number_label(arm): position for position, arm in enumerate((plan.arms.control, *plan.arms.treatments))
    }
    found_names = [number_label(name) for name in coded.names]
    codes = np.array([place.get(label, -2) for label in found_names] + [-1], dtype=np.int64)[coded.codes]
    missing = [arm for arm in place if arm not in found_names]
    if missing:
        found = ", ".join(coded.names[:10]) or "none"
        raise BadData(
            [Problem(f"column '{name}'", f"No row has the arm '{missing[0]}'; arms found: {found}")]
        )
    keep.drop(codes == -1, "missing arm")
    keep.drop(codes == -2, "arm not named in the plan")
    return codes


def _labels(frame: Frame, name: str | None, part: str, keep: _Keep) -> Coded | None:
    if name is None:
        return None
    coded = frame.coded(name)
    keep.drop(coded.codes < 0, f"missing {part}")
    return coded


def _positive(frame: Frame, name: str | None, part: str, keep: _Keep) -> FloatArray | None:
    if name is None:
        return None
    values = frame.numbers(name)
    wrong = np.flatnonzero(values <= 0)
    if len(wrong):
        raise frame.refuse(wrong, name, f"The {part} must be above 0")
    keep.drop(frame.missing(name), f"missing {part}")
    return values


def _share(frame: Frame, name: str | None, part: str, keep: _Keep) -> FloatArray | None:
    if name is None:
        return None
    values = frame.numbers(name)
    if np.fmin.reduce(values, initial=0.0) < 0 or np.fmax.reduce(values, initial=0.0) > 1:
        wrong = np.flatnonzero((values < 0) | (values > 1))
        raise frame.refuse(wrong, name, f"The {part} must be from 0 to 1")
    keep.drop(frame.missing(name), f"missing {part}")
    return values


def _covariates(
    frame: Frame, names: tuple[str, ...], keep: _Keep
) -> tuple[list[FloatArray], tuple[str, ...]]:
    """Numbers as they are; text as one 0/1 column for each level but the first in code-point order."""
    columns: list[FloatArray] = []
    labels: list[str] = []
    for name in names:
        if not frame.is_text(name):
            values = frame.numbers(name)
            keep.drop(frame.missing(name), f"missing covariate '{name}'")
            columns.append(values)
            labels.append(name)
            continue
        coded = frame.coded(name)
        keep.drop(coded.codes < 0, f"missing covariate '{name}'")
        if len(coded.names) > MAX_LEVELS:
            message = (
                f"The covariate has {len(coded.names)} different texts; at most {MAX_LEVELS} are a covariate"
            )
            raise BadData([Problem(f"column '{name}'", message)])
        for code, level in enumerate(coded.names[1:], start=1):
            columns.append((coded.codes == code).astype(np.float64))
            labels.append(f"{name}={level}")
    return columns, tuple(labels)


def _complete(frame: Frame, name: str | None) -> Coded | None:
    """A column that names its row, so that a gap is a defect of the data and not a missing value."""
    if name is None:
        return None
    coded = frame.coded(name)
    empty = np.flatnonzero(coded.codes < 0)
    if len(empty):
        raise frame.refuse(empty, name, "The value is missing")
    return coded


def _time(
    frame: Frame, parts: dict[str, str]
) -> tuple[IntArray, FloatArray, tuple[str, ...], FloatArray | None]:
    """Period codes, the time line, its names, and first treatment on that line."""
    period = _complete(frame, parts.get("period"))
    if period is None:
        return np.zeros(frame.n_rows, dtype=np.int64), np.zeros(1), ("",), None
    line, place = period_values(period)
    names = [""] * len(line)
    for label, position in zip(period.names, place, strict=True):
        names[position] = label
    first = None
    if "first_treated" in parts:
        try:
            first = first_treated_values(frame.coded(parts["first_treated"]), period, line)
        except ValueError:
            message = "The period of first treatment must be written like the periods, or 'never'"
            raise BadData([Problem(f"column '{parts['first_treated']}'", message)]) from None
    return place[period.codes], line, tuple(names), first


def _order(columns: _Columns, keep: BoolArray) -> Order:
    """The kept rows sorted by unit and period; ties are broken by everything else the estimate reads."""
    n_periods = len(columns.period_line)
    if columns.unit is not None and keep.all():
        blocks = in_blocks(columns.unit.codes, columns.period, n_periods)
        if blocks is not None:
            return blocks
    key = columns.period if columns.unit is None else columns.unit.codes * n_periods + columns.period
    rows = np.flatnonzero(keep)
    if len(rows) < len(keep):
        key = key[rows]
    if not (key[1:] > key[:-1]).all():
        if (key[1:] < key[:-1]).any():
            order = np.argsort(key, kind="stable")
            rows, key = rows[order], key[order]
        if (key[1:] == key[:-1]).any():
            rows = rows[np.lexsort([*(column[rows] for column in reversed(_contents(columns))), key])]
    return Rows(rows)


def _contents(columns: _Columns) -> list[FloatArray | IntArray]:
    """Every column that can tell two rows of one unit and period apart."""
    named = (columns.cluster, columns.stratum, columns.sequence)
    coded = [column.codes for column in named if column is not None]
    plain = (
        columns.arm,
        columns.first_treated,
        columns.treatment,
        columns.weight,
        columns.exposure,
        columns.affected,
        columns.received,
    )
    given = [column for column in plain if column is not None]
    return [*coded, *given, columns.outcome, *columns.covariates]


def _assemble(columns: _Columns, order: Order, plan: Plan, keep: _Keep) -> Sample:
    def pick(column: FloatArray | None) -> FloatArray | None:
        return None if column is None else order.of(column)

    def coded(column: Coded | None) -> tuple[IntArray | None, tuple[str, ...]]:
        return (None, ()) if column is None else compact(order.of(column.codes), column.names)

    outcome = order.of(columns.outcome)
    unit, unit_names = _units(columns, order, len(outcome))
    cluster, cluster_names = coded(columns.cluster)
    stratum, stratum_names = coded(columns.stratum)
    sequence, sequence_names = coded(columns.sequence)
    period, period_names = _periods(columns, order)
    place = {name: position for position, name in enumerate(columns.period_names)}
    covariates = [order.of(column) for column in columns.covariates]
    arms = () if plan.arms is None else (plan.arms.control, *plan.arms.treatments)
    return Sample(
        outcome=outcome,
        unit=unit,
        unit_names=unit_names,
        cluster=unit if cluster is None else cluster,
        cluster_names=unit_names if cluster is None else cluster_names,
        period=period,
        period_values=columns.period_line[[place[name] for name in period_names]],
        period_names=period_names,
        arm=None if columns.arm is None else order.of(columns.arm),
        arm_names=arms if columns.arm is not None else (),
        first_treated=pick(columns.first_treated),
        treatment=pick(columns.treatment),
        stratum=stratum,
        stratum_names=stratum_names,
        sequence=sequence,
        sequence_names=sequence_names,
        weight=pick(columns.weight),
        exposure=pick(columns.exposure),
        affected=pick(columns.affected),
        received=pick(columns.received),
        covariates=_beside(covariates, len(outcome)),
        covariate_names=columns.covariate_names,
        dropped=tuple(keep.dropped),
        n_rows=len(keep.mask),
    )


def _beside(covariates: list[FloatArray], n_rows: int) -> FloatArray:
    """(N, k) of the covariates, each in one run of memory; a single one is not copied."""
    if not covariates:
        return np.empty((n_rows, 0))
    return covariates[0][:, None] if len(covariates) == 1 else np.stack(covariates).T


def _units(columns: _Columns, order: Order, n_rows: int) -> tuple[IntArray, tuple[str, ...]]:
    """Codes and names of the units; without a unit column each row is one."""
    if columns.unit is None:
        return np.arange(n_rows), tuple(map("row {}".format, range(1, n_rows + 1)))
    if isinstance(order, Blocks):
        return np.repeat(np.arange(order.n_units), order.n_periods), columns.unit.names
    return compact(order.of(columns.unit.codes), columns.unit.names)


def _periods(columns: _Columns, order: Order) -> tuple[IntArray, tuple[str, ...]]:
    if isinstance(order, Blocks):
        return np.tile(np.arange(order.n_periods), order.n_units), columns.period_names
    return compact(order.of(columns.period), columns.period_names)


def _check_panel(sample: Sample, parts: dict[str, str], order: Order, frame: Frame) -> None:
    """Refuse what a panel cannot have: a unit twice in a period; a timing, cluster or weight that changes."""
    if isinstance(order, Rows):
        _refuse_twice(sample, parts["unit"], order, frame)
    fixed = {"first_treated": sample.first_treated, "cluster": sample.cluster, "weight": sample.weight}
    for part, values in fixed.items():
        if part not in parts or values is None:
            continue
        changed = np.flatnonzero(values[1:] != values[:-1])
        changed = changed[sample.unit[changed] == sample.unit[changed + 1]]
        if len(changed):
            unit = sample.unit_names[sample.unit[changed[0]]]
            place = frame.place(order.place(int(changed[0]) + 1), parts[part])
            raise BadData([Problem(place, f"It changes within the unit '{unit}'; it must not")])


def _refuse_twice(sample: Sample, name: str, order: Rows, frame: Frame) -> None:
    key = sample.unit * sample.n_periods + sample.period
    twice = np.flatnonzero(key[1:] == key[:-1])
    if not len(twice):
        return
    unit, period = sample.unit_names[sample.unit[twice[0]]], sample.period_names[sample.period[twice[0]]]
    such = f" ({len(twice):,} such rows)" if len(twice) > 1 else ""
    again = max(order.place(int(twice[0]) + step) for step in (0, 1))
    message = f"Unit '{unit}' appears twice in period '{period}'{such}"
    raise BadData([Problem(frame.place(again, name), message)])

"""One table of the registered shape: every column that the plan reads, drawn from the stated design."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from experiments.stats.diagnosis.assignment import assign, assign_days
from experiments.stats.diagnosis.design import Design, OutcomeShape
from experiments.stats.diagnosis.latent import calibrated, latent, quantile
from experiments.stats.draws import stream, uniforms
from experiments.stats.plan import Plan
from experiments.stats.registered import DrawnDays, Registered

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PLACES = 1_000.0  # the side of the square that units lie in, where the plan reads where they are
EXPOSURES = np.array([0.6, 0.8, 1.0, 1.2, 1.4])
LEVELS = np.array(["A", "B", "C"], dtype=object)
COVARIATE_MEAN = 5.0


class Replicate:
    """One draw of everything but the effect, so that several effects share it.

    Parameters
    ----------
    plan : whose columns are drawn, and no others.
    design : the stated design; `design.problems` says what cannot be drawn.
    seed, number : the same two give the same tables, whatever else is drawn before or beside them.

    Notes
    -----
    Outcomes are quantiles of their own distributions at normal values (`latent`) of correlation ``icc`` within
    clusters and ``autocorrelation**k`` over k periods. Outcomes are independent of each other.
    """

    def __init__(self, plan: Plan, design: Design, *, seed: int, number: int) -> None:
        self.plan, self.design, self.seed, self.number = plan, design, seed, number
        self.parts = plan.roles()
        self.assigned = assign(design, plan, seed, number)
        periods = np.arange(1, design.n_periods + 1)
        days = assign_days(design, plan, seed, number)
        self.arms: IntArray = self.assigned.arm[:, None] if days is None else days
        starts = self.assigned.first[:, None]
        self.treated = ((periods >= starts) if days is None else (days > 0)).astype(np.float64)
        self.exposure = self._if_read("exposure", lambda: EXPOSURES[self._exposure_level()])
        # Every other unit, so that each cluster has both.
        self.affected = self._if_read(
            "affected", lambda: (np.arange(design.n_units)[:, None] % 2 == 0).astype(np.float64)
        )
        self.received = self._if_read(
            "received", lambda: (self.uniform("received") < design.uptake).astype(np.float64)
        )
        self._fixed: dict[str, pa.Array] = {}
        self._values: dict[str, FloatArray] = {}

    def table(self, factor: float = 1.0) -> pa.Table:
        """The data under `factor` times the stated effects.

        Returns
        -------
        Table
            ``n_units`` × ``n_periods`` rows, sorted by unit and period.
        """
        return pa.table({name: self._column(name, part, factor) for name, part in self.parts.items()})

    @property
    def registered(self) -> Registered | None:
        """What a registration would say of the draw, where a test must know it: of days, no column does."""
        arms, rules = self.plan.arms, self.design.days
        if arms is None or rules is None:
            return None
        labels = (arms.control, *arms.treatments)
        days = {
            str(unit): tuple(labels[code] for code in row)
            for unit, row in enumerate(self.arms.tolist(), start=1)
        }
        names = tuple(map(str, range(1, self.design.n_periods + 1)))
        shares = {label: self.design.shares.get(label, 1.0) for label in labels}
        return Registered(shares=shares, days=DrawnDays(rules, names, days))

    def uniform(self, name: str) -> FloatArray:
        """(n_units, 1) of uniform draws."""
        return uniforms(stream(self.seed, name, "uniform", self.number), (self.design.n_units, 1))

    def latent(self, name: str, icc: float, autocorrelation: float) -> FloatArray:
        """(n_units, n_periods) of normal values."""
        shape = (self.assigned.cluster, self.design.n_periods)
        return latent(self.seed, name, self.number, *shape, icc, autocorrelation)

    @property
    def active(self) -> FloatArray:
        """Where the tactic works: treated, received, and on those it can work on."""
        return self.treated * self.received * self.affected

    def _if_read(self, part: str, make: Callable[[], FloatArray]) -> FloatArray:
        return make() if part in self.parts.values() else np.ones((self.design.n_units, 1))

    def _exposure_level(self) -> NDArray[np.intp]:
        return np.floor(self.uniform("exposure") * len(EXPOSURES)).astype(np.intp)

    def _column(self, name: str, part: str, factor: float) -> pa.Array:
        if name in self.design.outcomes:
            return self._long(_outcome(self, name, factor))
        if name not in self._fixed:
            self._fixed[name] = self._long(self._drawn(name, part))
        return self._fixed[name]

    def _long(self, values: NDArray[Any]) -> pa.Array:
        return pa.array(np.broadcast_to(values, (self.design.n_units, self.design.n_periods)).ravel())

    def _drawn(self, name: str, part: str) -> NDArray[Any]:
        maker = _MAKERS.get(part)
        return _covariate(self, name) if maker is None else maker(self)

    def ranked(self, name: str) -> FloatArray:
        """Normal values of an outcome: what its covariates explain, and the rest."""
        if name not in self._values:
            self._values[name] = _ranked(self, name, self.design.outcomes[name])
        return self._values[name]


def draw(plan: Plan, design: Design, *, seed: int, number: int, factor: float = 1.0) -> pa.Table:
    """Simulate the data of one replicate under one effect; see `Replicate`."""
    return Replicate(plan, design, seed=seed, number=number).table(factor)


def _outcome(made: Replicate, name: str, factor: float) -> FloatArray:
    shape, values = made.design.outcomes[name], made.ranked(name)
    exposed = made.exposure if shape.kind == "count" and _has_exposure(made.plan, name) else 1.0
    without = np.where(made.active > 0, shape.treated_mean(factor * shape.effect), shape.mean)
    means = np.broadcast_to(exposed * without, values.shape)
    if shape.kind == "continuous":
        found = means + shape.spread * values
    else:
        found = np.empty_like(values)
        for mean in np.unique(means):  # few are different, and each has its table
            rows = means == mean
            found[rows] = quantile(values[rows], shape.kind, float(mean), shape.spread)
    return np.where(_lost(made), np.nan, found)


def _ranked(made: Replicate, name: str, shape: OutcomeShape) -> FloatArray:
    about = (shape.kind, shape.mean, shape.spread)
    icc = calibrated(made.design.icc, *about) if made.design.n_clusters else 0.0
    values = made.latent(name, icc, calibrated(made.design.autocorrelation, *about))
    used = [column for column in covariates_of(made.plan, name) if column not in made.design.outcomes]
    if not used or not made.design.r_squared:
        return values
    explained = sum(_behind(made, column) for column in used) / np.sqrt(len(used))
    share = made.design.r_squared
    return np.asarray(np.sqrt(share) * explained + np.sqrt(1 - share) * values)


def covariates_of(plan: Plan, outcome: str) -> list[str]:
    """The covariates of every estimate of an outcome, each once."""
    return list(
        dict.fromkeys(name for spec in plan.estimates if spec.outcome == outcome for name in spec.covariates)
    )


def _has_exposure(plan: Plan, outcome: str) -> bool:
    return any(spec.options.get("exposure") for spec in plan.estimates if spec.outcome == outcome)


def _behind(made: Replicate, name: str) -> FloatArray:
    """Normal values of a covariate: as alike within clusters as outcomes are, and half of it lasting over time."""
    icc = made.design.icc if made.design.n_clusters else 0.0
    passing = made.latent(name, icc, 0.5)
    if made.design.n_periods == 1:
        return passing
    lasting = latent(made.seed, f"{name} lasting", made.number, made.assigned.cluster, 1, icc, 0.0)
    return np.asarray(np.sqrt(0.5) * (passing + lasting))


def _covariate(made: Replicate, name: str) -> NDArray[Any]:
    values, kind = _behind(made, name), made.design.covariates.get(name, "continuous")
    if kind == "category":
        return LEVELS[np.searchsorted([-0.43, 0.43], values)]
    return quantile(values, kind, 0.5 if kind == "binary" else COVARIATE_MEAN * (kind == "count"), 1.0)


def _lost(made: Replicate) -> NDArray[np.bool_]:
    """The rows whose outcome is lost: from a random period on, for the stated share of units."""
    periods = made.design.n_periods
    if not made.design.attrition:
        return np.zeros((made.design.n_units, 1), dtype=bool)
    loses = made.uniform("attrition") < made.design.attrition
    since = np.floor(made.uniform("lost since") * periods) if periods > 1 else np.zeros((len(loses), 1))
    return np.asarray(loses & (np.arange(periods) >= since))


def _arm(made: Replicate) -> NDArray[Any]:
    arms = made.plan.arms
    names = (arms.control, *arms.treatments) if arms else ("",)
    return np.array(names, dtype=object)[made.arms]


def _first_treated(made: Replicate) -> NDArray[Any]:
    first = made.assigned.first
    if made.design.days is not None:
        first = np.where(made.treated.any(axis=1), made.treated.argmax(axis=1) + 1.0, np.inf)
    return np.where(np.isfinite(first), first, 0).astype(np.int64)[:, None]


def _sequence(made: Replicate) -> NDArray[Any]:
    """A unit's place in the order of starts: those who start together share it; never is 0."""
    starts = np.unique(made.assigned.first[np.isfinite(made.assigned.first)])
    place = np.searchsorted(starts, made.assigned.first) + 1
    return np.where(np.isfinite(made.assigned.first), place, 0)[:, None]


_MAKERS: Mapping[str, Callable[[Replicate], NDArray[Any]]] = {
    "unit": lambda made: np.arange(1, made.design.n_units + 1)[:, None],
    "cluster": lambda made: made.assigned.cluster[:, None] + 1,
    "stratum": lambda made: made.assigned.stratum[:, None] + 1,
    "period": lambda made: np.arange(1, made.design.n_periods + 1)[None, :],
    "arm": _arm,
    "first_treated": _first_treated,
    "treatment": lambda made: made.treated,
    "sequence": _sequence,
    "weight": lambda made: 0.5 + made.uniform("weight"),
    "dose": lambda made: made.treated * made.received * (0.5 + made.uniform("dose")),
    "received": lambda made: made.treated * made.received,
    "exposure": lambda made: made.exposure,
    "affected": lambda made: made.affected,
    "x": lambda made: PLACES * made.uniform("x"),
    "y": lambda made: PLACES * made.uniform("y"),
}

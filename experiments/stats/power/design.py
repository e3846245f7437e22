"""A design as it is written: which keys it takes, what they may hold, and which one is to be solved for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from experiments.stats.errors import BadPlan, Problem
from experiments.stats.strict_json import Fields

MOST_SIMULATED = 20_000

# The keys of every design, in the order in which an answer repeats them, with what each holds where it is left out.
NEUTRAL: Mapping[str, float | None] = {
    "effect": None,
    "sd": 1,
    "alpha": 0.05,
    "power": None,
    "n_per_arm": None,
    "clusters_per_arm": None,
    "cluster_size": None,
    "cluster_size_cv": 0,
    "icc": None,
    "ratio": 1,
    "r2": 0,
    "periods": None,
    "steps": None,
    "cac": None,
    "autocorrelation": None,
    "baseline_rate": None,
    "dispersion": 1,
    "simulate": 0,
}
EVERYWHERE = ("effect", "alpha", "power", "simulate")


@dataclass(frozen=True, slots=True)
class Range:
    """What one key may hold."""

    low: float
    high: float
    words: str
    is_open: tuple[bool, bool] = (False, False)
    is_whole: bool = False

    def holds(self, value: float) -> bool:
        """Whether the value lies inside."""
        above = value > self.low if self.is_open[0] else value >= self.low
        below = value < self.high if self.is_open[1] else value <= self.high
        return above and below and (not self.is_whole or value == int(value))


_OPEN = (True, True)
RANGES: Mapping[str, Range] = {
    "effect": Range(-1e12, 1e12, "a number other than 0", _OPEN),
    "sd": Range(0, 1e12, "a number above 0", _OPEN),
    "alpha": Range(0, 1, "a number above 0 and below 1", _OPEN),
    "power": Range(0, 1, "a number above alpha and below 1", _OPEN),
    "n_per_arm": Range(2, 1e9, "a number from 2 to 1000000000"),
    "clusters_per_arm": Range(1, 1e7, "a number from 1 to 10000000"),
    "cluster_size": Range(0, 1e9, "a number above 0", (True, False)),
    "cluster_size_cv": Range(0, 5, "a number from 0 to 5"),
    "icc": Range(0, 1, "a number from 0 to below 1", (False, True)),
    "ratio": Range(0.01, 100, "a number from 0.01 to 100"),
    "r2": Range(0, 1, "a number from 0 to below 1", (False, True)),
    "periods": Range(2, 1000, "a whole number from 2 to 1000", is_whole=True),
    "steps": Range(2, 200, "a whole number from 2 to 200", is_whole=True),
    "cac": Range(0, 1, "a number from 0 to 1"),
    "autocorrelation": Range(-1, 1, "a number above -1 and not above 1", (True, False)),
    "baseline_rate": Range(0, 1e12, "a number above 0", _OPEN),
    "dispersion": Range(0, 1e6, "a number above 0", _OPEN),
    "simulate": Range(0, MOST_SIMULATED, f"a whole number from 0 to {MOST_SIMULATED}", is_whole=True),
}


@dataclass(frozen=True, slots=True)
class Keys:
    """What one design takes: the keys it needs, those it may have with their defaults, and which may be solved."""

    needs: tuple[str, ...]
    sizes: tuple[str, ...]
    defaults: Mapping[str, float | None]

    @property
    def all(self) -> tuple[str, ...]:
        """Every key in the order of an answer."""
        own = {*EVERYWHERE, *self.needs, *self.sizes, *self.defaults}
        return tuple(key for key in NEUTRAL if key in own)


DESIGNS: Mapping[str, Keys] = {
    "individual": Keys((), ("n_per_arm",), {"sd": 1, "ratio": 1, "r2": 0}),
    "cluster": Keys(
        ("icc",), ("clusters_per_arm", "cluster_size"), {"sd": 1, "cluster_size_cv": 0, "ratio": 1, "r2": 0}
    ),
    "matched_pair": Keys(("icc",), ("clusters_per_arm", "cluster_size"), {"sd": 1, "r2": 0}),
    "stepped_wedge": Keys(
        ("icc",),
        ("clusters_per_arm", "cluster_size"),
        {"sd": 1, "periods": None, "steps": None, "cac": 1, "autocorrelation": None},
    ),
    "crossover": Keys(
        ("periods",), ("clusters_per_arm",), {"sd": 1, "icc": 0, "ratio": 1, "autocorrelation": 0}
    ),
    "did": Keys(("periods", "autocorrelation"), ("n_per_arm",), {"sd": 1, "icc": 0, "ratio": 1}),
    "poisson_cluster": Keys(
        ("icc", "baseline_rate"),
        ("clusters_per_arm", "cluster_size"),
        {"cluster_size_cv": 0, "ratio": 1, "r2": 0, "dispersion": 1},
    ),
    "two_proportions": Keys(("baseline_rate",), ("n_per_arm",), {"ratio": 1}),
}


@dataclass(frozen=True, slots=True)
class Design:
    """A design with one thing left open.

    `n_per_arm` and `clusters_per_arm` count the control arm; the treated arm is `ratio` times as large. In a
    stepped wedge `clusters_per_arm` is the clusters that start together, in a crossover the places of an arm on
    one day. `effect` is a difference in the outcome's units, for `two_proportions` of proportions, for
    `poisson_cluster` a log rate ratio.
    """

    design: str
    solve_for: str
    effect: float | None = None
    sd: float = 1.0
    alpha: float = 0.05
    power: float | None = None
    n_per_arm: float | None = None
    clusters_per_arm: float | None = None
    cluster_size: float | None = None
    cluster_size_cv: float = 0.0
    icc: float = 0.0
    ratio: float = 1.0
    r2: float = 0.0
    periods: int = 0
    steps: int = 0
    cac: float = 1.0
    autocorrelation: float = 0.0
    baseline_rate: float = 0.0
    dispersion: float = 1.0
    simulate: int = 0

    def having(self, **values: Any) -> "Design":
        """The same design with other values of some of its keys."""
        return replace(self, **values)

    def document(self) -> dict[str, Any]:
        """The design as it was written, with its defaults."""
        values = asdict(self)
        return {"design": self.design, **{key: values[key] for key in DESIGNS[self.design].all}}


def parse(value: Any) -> Design:
    """Read a design.

    Parameters
    ----------
    value : the JSON object of the contract; a key that is absent is null or its default.

    Returns
    -------
    Design

    Raises
    ------
    BadPlan : with every problem, each at its JSON pointer: an unknown key, a key that this design does not take, a
        value out of range, or not exactly one of power, size and effect left open.
    """
    problems: list[Problem] = []
    fields = Fields(value, "", problems)
    if not fields.is_object:
        raise BadPlan(problems)
    fields.only(("design", *NEUTRAL))
    name = fields.word("design", tuple(DESIGNS))
    if name not in DESIGNS:
        raise BadPlan(problems)
    keys = DESIGNS[name]
    given = _numbers(fields, keys)
    _refuse_others(fields, name, keys)
    opened = _open(fields, keys)
    if not problems:
        _consistent(fields, name, given)
    if problems:
        raise BadPlan(problems)
    return Design(design=name, solve_for=opened, **_whole(given))


def _numbers(fields: Fields, keys: Keys) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in keys.all:
        value = fields.values.get(key)
        if value is None:
            if key in keys.needs:
                fields.refuse(key, f"'{key}' is missing; this design needs {RANGES[key].words}")
            value = keys.defaults.get(key, NEUTRAL[key])
        elif isinstance(value, bool) or not isinstance(value, int | float) or not RANGES[key].holds(value):
            fields.refuse(key, f"'{key}' must be {RANGES[key].words}")
        elif key == "effect" and value == 0:
            fields.refuse(key, f"'{key}' must be {RANGES[key].words}: no trial finds an effect of nothing")
        found[key] = value
    return found


def _refuse_others(fields: Fields, name: str, keys: Keys) -> None:
    """Refuse a key of another design, unless it says what leaving it out says."""
    for key, value in fields.values.items():
        if key in NEUTRAL and key not in keys.all and value is not None and value != NEUTRAL[key]:
            fields.refuse(key, f"the design '{name}' takes no '{key}'; it takes: {', '.join(keys.all)}")


def _open(fields: Fields, keys: Keys) -> str:
    may = ("power", *keys.sizes, "effect")
    opened = [key for key in may if fields.values.get(key) is None]
    if len(opened) != 1:
        sizes = " or ".join(f"'{key}'" for key in keys.sizes)
        now = ", ".join(f"'{key}'" for key in opened) or "none"
        fields.refuse(
            None, f"leave exactly one of 'power', the size ({sizes}) and 'effect' null; null here: {now}"
        )
    return opened[0] if opened else "power"


def _consistent(fields: Fields, name: str, given: dict[str, Any]) -> None:
    """What one key says about another."""
    if given["power"] is not None and given["power"] <= given["alpha"]:
        fields.refuse("power", "'power' must be above 'alpha'")
    if name == "two_proportions":
        _proportions(fields, given)
    if name == "poisson_cluster" and given["effect"] is not None and abs(given["effect"]) > 10:
        fields.refuse("effect", "'effect' is the log of a rate ratio, from -10 to 10")
    if name == "stepped_wedge":
        _wedge(fields, given)
    if name in ("crossover", "did") and given["autocorrelation"] >= 1:
        fields.refuse("autocorrelation", "'autocorrelation' must be below 1")
    if name not in ("stepped_wedge", "poisson_cluster") and (given.get("cluster_size") or 1) < 1:
        fields.refuse("cluster_size", "'cluster_size' must be at least 1")
    size = given.get("clusters_per_arm")
    if name != "stepped_wedge" and size is not None and size * min(1, given.get("ratio") or 1) < 2:
        fields.refuse("clusters_per_arm", "each arm needs at least 2 clusters")


def _proportions(fields: Fields, given: dict[str, Any]) -> None:
    if given["baseline_rate"] >= 1:
        fields.refuse("baseline_rate", "'baseline_rate' is a proportion here: above 0 and below 1")
    elif given["effect"] is not None and not 0 <= given["baseline_rate"] + given["effect"] <= 1:
        fields.refuse("effect", "'baseline_rate' and 'effect' together must be a proportion, from 0 to 1")


def _wedge(fields: Fields, given: dict[str, Any]) -> None:
    """One period before the first start, and one after each: whichever of the two is given says the other."""
    steps, periods = given["steps"], given["periods"]
    if steps is None and periods is None:
        fields.refuse("steps", "'steps' is missing: how many groups of clusters start one after the other")
    elif periods is not None and periods < 3:
        fields.refuse("periods", "a stepped wedge has at least 3 periods")
    elif steps is not None and periods is not None and periods != steps + 1:
        fields.refuse("periods", f"{steps} steps, one a period, need {steps + 1} periods")
    else:
        given["steps"] = steps if steps is not None else periods - 1
        given["periods"] = given["steps"] + 1
    if given["autocorrelation"] is None:
        given["autocorrelation"] = given["cac"]
    elif given["autocorrelation"] < given["cac"]:
        fields.refuse(
            "autocorrelation",
            "'autocorrelation', the fall for each further period, must not be below 'cac', the fall for the first",
        )


def _whole(given: dict[str, Any]) -> dict[str, Any]:
    """Whole numbers as such, so that 12.0 periods are 12."""
    whole = {key: int(value) for key, value in given.items() if RANGES[key].is_whole and value is not None}
    return given | whole

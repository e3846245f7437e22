"""Outcomes drawn from each design and analysed as its trial would be, one effect for each replicate."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from scipy import special

from experiments.stats.effects import Effect
from experiments.stats.estimators.ancova import ancova
from experiments.stats.estimators.cluster_means import cluster_means
from experiments.stats.estimators.difference_in_means import difference_in_means
from experiments.stats.estimators.stepped_wedge import stepped_wedge
from experiments.stats.estimators.twfe import twfe
from experiments.stats.estimators.two_by_two import two_by_two
from experiments.stats.frame import FloatArray, IntArray
from experiments.stats.power.design import Design
from experiments.stats.power.drawing import Source, arm_sizes, arms
from experiments.stats.power.precision import rate_cv, related, wedge, wedge_covariance
from experiments.stats.regression.two_way import TwoWayFit

Effects = Iterator[Effect]


def _individual(design: Design, effect: float, source: Source) -> Effects:
    z = arms(design)
    noise = source.normals("outcome", len(z))
    before = _before(design, noise, source)
    for number, each in enumerate(noise):
        y = effect * z + design.sd * each
        yield ancova(y, z, before[number]) if design.r2 else difference_in_means(y, z)


def _two_proportions(design: Design, effect: float, source: Source) -> Effects:
    z = arms(design)
    chance = design.baseline_rate + effect * z
    for each in source.uniforms("outcome", len(z)):
        yield difference_in_means((each < chance).astype(np.float64), z)


def _cluster(design: Design, effect: float, source: Source) -> Effects:
    if design.cluster_size_cv:
        return _unequal(design, effect, source)
    z = arms(design)
    noise = source.normals("outcome", len(z))
    return _compared(design, z, effect * z + _mean_sd(design) * noise, noise, source)


def _mean_sd(design: Design) -> float:
    """The standard deviation of a cluster's mean."""
    assert design.cluster_size is not None
    return float(design.sd * np.sqrt(design.icc + (1 - design.icc) / design.cluster_size))


def _compared(design: Design, z: FloatArray, y: FloatArray, noise: FloatArray, source: Source) -> Effects:
    """One number for each cluster, with a measurement from before where there is one."""
    before = _before(design, noise, source)
    for number, each in enumerate(y):
        yield ancova(each, z, before[number], kind="classical") if design.r2 else cluster_means(each, z)


def _before(design: Design, noise: FloatArray, source: Source) -> FloatArray:
    """A measurement from before (count, units, 1) that explains `r2` of what varies between units of an arm."""
    own = source.normals("before", noise.shape[1])
    made: FloatArray = np.sqrt(design.r2) * noise + np.sqrt(1 - design.r2) * own
    return made[:, :, None]


def _unequal(design: Design, effect: float, source: Source) -> Effects:
    """People in clusters whose sizes follow a gamma distribution, at least one in each."""
    z, cv = arms(design), design.cluster_size_cv
    assert design.cluster_size is not None
    drawn = special.gammaincinv(cv**-2, source.uniforms("size", len(z))) * design.cluster_size * cv**2
    sizes = np.maximum(1, np.round(drawn)).astype(np.int64)
    shared = np.sqrt(design.icc) * source.normals("cluster", len(z))
    people = np.sqrt(1 - design.icc) * source.all_normals("outcome", int(sizes.sum()))
    own = source.normals("before", len(z))
    start = 0
    for number, each in enumerate(sizes):
        cluster = np.repeat(np.arange(len(z)), each)
        noise = shared[number][cluster] + people[start : start + len(cluster)]
        start += len(cluster)
        y, treated = effect * z[cluster] + design.sd * noise, z[cluster]
        if not design.r2:
            yield difference_in_means(y, treated, clusters=cluster)
            continue
        standard = np.bincount(cluster, weights=noise) / each
        standard /= np.sqrt(design.icc + (1 - design.icc) / each)
        before = np.sqrt(design.r2) * standard + np.sqrt(1 - design.r2) * own[number]
        yield ancova(y, treated, before[cluster][:, None], clusters=cluster)


def _matched_pair(design: Design, effect: float, source: Source) -> Effects:
    """Two clusters a pair; `r2` of what varies between clusters is common to both."""
    pairs = arm_sizes(design)[0]
    z, pair = np.tile([0.0, 1.0], pairs), np.repeat(np.arange(pairs), 2)
    common = np.sqrt(design.r2) * source.normals("pair", pairs)
    noise = common[:, pair] + np.sqrt(1 - design.r2) * source.normals("outcome", 2 * pairs)
    for each in effect * z + _mean_sd(design) * noise:
        yield difference_in_means(each, z, blocks=pair)


def _poisson_cluster(design: Design, effect: float, source: Source) -> Effects:
    """Counts of clusters with gamma rates; given its rate, a count's variance is `dispersion` times its mean."""
    z = arms(design)
    assert design.cluster_size is not None
    cv, exposure = rate_cv(design), np.full((source.count, len(z)), design.cluster_size)
    if design.cluster_size_cv:
        exposure = exposure * _gamma(source.uniforms("size", len(z)), design.cluster_size_cv)
    own = _gamma(source.uniforms("rate", len(z)), cv) if cv else np.ones(exposure.shape)
    level = design.baseline_rate * np.exp(effect * z)
    rates = _counts(source.uniforms("outcome", len(z)), level * own * exposure, design.dispersion) / exposure
    if design.cluster_size_cv:
        for number, each in enumerate(rates):
            yield difference_in_means(each, z, weights=exposure[number], clusters=np.arange(len(z)))
        return
    spread = np.sqrt(design.dispersion * level / design.cluster_size + (cv * level) ** 2)
    yield from _compared(design, z, rates, (rates - level) / spread, source)


def _gamma(chance: FloatArray, cv: float) -> FloatArray:
    """Gamma draws with mean 1 and a coefficient of variation."""
    return np.asarray(special.gammaincinv(cv**-2, chance) * cv**2)


def _counts(chance: FloatArray, mean: FloatArray, dispersion: float) -> FloatArray:
    # Half a second to import, and only simulations need it: the pages start without.
    from scipy import stats

    if dispersion <= 1:
        return np.asarray(stats.poisson.ppf(chance, mean), dtype=np.float64)
    return np.asarray(stats.nbinom.ppf(chance, mean / (dispersion - 1), 1 / dispersion), dtype=np.float64)


def _stepped_wedge(design: Design, effect: float, source: Source) -> Effects:
    schedule = np.repeat(wedge(design.steps), arm_sizes(design)[0], axis=0)
    root = np.linalg.cholesky(wedge_covariance(design))
    noise = source.normals("outcome", *schedule.shape) @ root.T
    for each in noise:
        y, status, unit, period = _long(effect * schedule + each, schedule)
        yield _leading(stepped_wedge(y, status, unit, period).fit)


def _crossover(design: Design, effect: float, source: Source) -> Effects:
    """A new draw every day, and days of one place that are alike."""
    z = arms(design)
    order = np.argsort(source.uniforms("draw", design.periods, len(z)), axis=2)
    root = np.linalg.cholesky(related(design))
    noise = source.normals("outcome", len(z), design.periods) @ root.T
    noise *= design.sd * np.sqrt(1 - design.icc)
    for number, each in enumerate(noise):
        status = z[order[number]].T
        y, on, unit, period = _long(effect * status + each, status)
        yield _leading(twfe(y, on, unit, period, covariance="CR2"))


def _long(y: FloatArray, status: FloatArray) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Outcome, status, unit and period of each row of a panel."""
    units, periods = y.shape
    return y.ravel(), status.ravel(), np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)


def _leading(made: TwoWayFit) -> Effect:
    """The first coefficient of a model with unit and period effects, CR2 by unit."""
    df = made.df(np.eye(len(made.coefficients))[0])
    return Effect(float(made.coefficients[0]), float(np.sqrt(made.covariance[0, 0])), df, "CR2")


def _did(design: Design, effect: float, source: Source) -> Effects:
    z = arms(design)
    post = np.arange(design.periods) >= design.periods // 2
    root = np.linalg.cholesky(related(design))
    noise = source.normals("outcome", len(z), design.periods) @ root.T
    noise *= design.sd * np.sqrt(1 - design.icc)
    unit, after = np.repeat(np.arange(len(z)), design.periods), np.tile(post, len(z))
    treated = z[unit] > 0
    for each in noise:
        y = each + effect * np.outer(z, post)
        yield two_by_two(y.ravel(), treated, after, unit)


Recipe = Callable[[Design, float, Source], Effects]
RECIPES: Mapping[str, Recipe] = {
    "individual": _individual,
    "cluster": _cluster,
    "matched_pair": _matched_pair,
    "stepped_wedge": _stepped_wedge,
    "crossover": _crossover,
    "did": _did,
    "poisson_cluster": _poisson_cluster,
    "two_proportions": _two_proportions,
}


def analysis(design: Design) -> str:
    """The analysis that is planned for a design, and simulated."""
    if design.design in ("individual", "cluster", "poisson_cluster") and design.r2:
        unequal = design.design == "cluster" and design.cluster_size_cv
        return "ancova, CR2 by cluster" if unequal else _ADJUSTED[design.design]
    if design.design in ("cluster", "poisson_cluster") and design.cluster_size_cv:
        return _WEIGHTED[design.design]
    return _PLAIN[design.design]


_PLAIN = {
    "individual": "difference_in_means, HC2",
    "cluster": "cluster_means",
    "matched_pair": "difference_in_means of pairs",
    "stepped_wedge": "stepped_wedge, CR2 by cluster",
    "crossover": "twfe with place and day effects, CR2 by place",
    "did": "two_by_two, HC2 by unit",
    "poisson_cluster": "cluster_means of rates",
    "two_proportions": "difference_in_means, HC2",
}
_WEIGHTED = {
    "cluster": "difference_in_means, CR2 by cluster",
    "poisson_cluster": "difference_in_means of rates weighted by exposure, CR2 by cluster",
}
_ADJUSTED = {
    "individual": "ancova, HC2",
    "cluster": "ancova of cluster means",
    "poisson_cluster": "ancova of cluster rates",
}

"""The power calculator's answer in words: one sentence, what else to know, and its tables."""

from dataclasses import dataclass
from math import expm1
from typing import Any

from experiments.analysis.power import Explored
from experiments.views.numbers import number, percent, whole

USUAL = 0.8
_UNITS = {
    "individual": "People, calls or cases without it",
    "two_proportions": "People, calls or cases without it",
    "cluster": "Groups in each arm",
    "poisson_cluster": "Areas in each arm",
    "matched_pair": "Pairs",
    "stepped_wedge": "Groups that start at each step",
    "crossover": "Places without it on any one day",
    "did": "Areas without it",
}
_GUESSED = {
    "sd": "how much the outcome differs (standard deviation)",
    "icc": "how alike those of one group are (ICC)",
    "cac": "how alike a group is to itself later (cluster autocorrelation)",
    "autocorrelation": "how alike neighbouring months are (autocorrelation)",
    "dispersion": "how much more counts vary than pure chance (dispersion)",
    "baseline_rate": "how many in 100 there are without the tactic",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the page shows it."""

    caption: str
    columns: list[dict[str, Any]]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says."""

    sentence: str
    remarks: list[str]
    warnings: list[str]
    facts: list[dict[str, str]]
    curve: Table | None
    grids: list[Table]
    has_answer: bool
    has_wish: bool = False


def unit(design: str) -> str:
    """Return what the sizes of a design count."""
    return _UNITS[design]


def tell(found: Explored) -> Told:
    """Return an answer in words and tables."""
    answer = found.answer
    if answer.whole is None:
        reason = str(answer.reason)
        return Told(f"{reason[0].upper()}{reason[1:]}.", [], [], [], None, [], False)
    design = answer.whole
    return Told(
        sentence=_sentence(design, answer.rise),
        remarks=_remarks(found),
        warnings=[f"{text[0].upper()}{text[1:]}." for text in answer.warnings],
        facts=_facts(found),
        curve=Table(
            "Chance of finding the effect, by size",
            [{"label": unit(design.design)}, {"label": "Chance of finding it"}],
            [[whole(point.size), _per_cent(point.power)] for point in found.curve],
        ),
        grids=[_grid(design, grid) for grid in found.grids],
        has_answer=True,
        has_wish=design.solve_for != "power",
    )


def _sentence(design: Any, rise: float | None) -> str:
    found = effect(design, design.effect)
    if rise is not None:
        found = f"{found}, or {effect(design, rise)},"
    return f"{_who(design)} detect {found} with a chance of {_chance(design.power)}."


def _chance(power: float) -> str:
    often = {0.8: " (four times in five)", 0.9: " (nine times in ten)"}.get(round(power, 9), "")
    return f"{_per_cent(power)}{often}"


def _per_cent(power: float) -> str:
    """Return a chance, never rounded to a certainty."""
    return "over 99%" if power > 0.99 else percent(100 * power)


def _who(design: Any) -> str:
    return str(_WHO[design.design](design))


def _one_by_one(design: Any) -> str:
    control, treated = _arms(design.n_per_arm, design.ratio)
    if control == treated:
        return f"Two arms of {whole(control)} people, calls or cases"
    return f"{whole(treated)} people, calls or cases with the tactic and {whole(control)} without"


def _groups(noun: str, design: Any) -> str:
    control, treated = _arms(design.clusters_per_arm, design.ratio)
    if control == treated:
        return f"{whole(control)} {noun} in each arm ({whole(2 * control)} in all)"
    return f"{whole(treated)} {noun} with the tactic and {whole(control)} without"


def _arms(size: float, ratio: float) -> tuple[int, int]:
    """Return both arms in whole units."""
    return int(size), -int(-size * ratio * (1 - 1e-9) // 1)


def _people(design: Any) -> str:
    return f"{number(design.cluster_size)} people measured in each"


def _places(design: Any) -> str:
    control, treated = _arms(design.clusters_per_arm, design.ratio)
    return (
        f"{whole(control + treated)} places, {whole(treated)} of them with the tactic on any one day, over "
        f"{whole(design.periods)} days"
    )


_WHO: dict[str, Any] = {
    "individual": _one_by_one,
    "two_proportions": _one_by_one,
    "cluster": lambda d: f"{_groups('groups', d)}, with {_people(d)},",
    "poisson_cluster": lambda d: f"{_groups('areas', d)}, counted for {number(d.cluster_size)} months,",
    "matched_pair": lambda d: f"{whole(int(d.clusters_per_arm))} pairs of groups, with {_people(d)},",
    "stepped_wedge": lambda d: (
        f"{whole(int(d.clusters_per_arm * d.steps))} groups, {whole(int(d.clusters_per_arm))} starting at each of "
        f"{d.steps} steps, with {_people(d)} in each of {d.periods} periods,"
    ),
    "crossover": _places,
    "did": lambda d: (
        f"{whole(_arms(d.n_per_arm, d.ratio)[1])} areas with the tactic and {whole(int(d.n_per_arm))} without, over "
        f"{d.periods} months,"
    ),
}


def effect(design: Any, value: float) -> str:
    """Return an effect in words."""
    way = "a fall" if value < 0 else "a rise"
    if design.design == "two_proportions":
        before = 100 * design.baseline_rate
        return f"{way} from {number(before)} to {number(before + 100 * value)} in every 100"
    if design.design == "poisson_cluster":
        return f"{way} of {percent(abs(100 * expm1(value)))}"
    return f"a difference of {number(abs(value))}"


def _remarks(found: Explored) -> list[str]:
    design: Any = found.answer.whole
    if design.solve_for == "effect":
        return ["A smaller effect is missed more often than that."]
    if design.solve_for == "power":
        if design.power < USUAL:
            return [
                f"That is less than the usual {percent(100 * USUAL)}: if nothing is found, little is learnt."
            ]
        return []
    power = found.answer.document()["power_rounded_up"]
    return (
        [f"Rounded up like that, the chance is {_per_cent(power)}."] if power > design.power + 0.005 else []
    )


def _facts(found: Explored) -> list[dict[str, str]]:
    made = found.answer.document()
    rows = [
        ("Worked out, before rounding", number(made[made["solved_for"]], 5)),
        ("Degrees of freedom", number(made["df"])),
        ("Effect in standard errors", number(made["noncentrality"])),
        ("Standard error", number(made["std_error"])),
        ("Design effect: variance, compared with as many drawn one by one", number(made["design_effect"])),
        ("Analysis that is meant", made["analysis"].replace("_", " ")),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]


def _grid(design: Any, grid: Any) -> Table:
    holds = {"power": "Chance of finding it", "effect": "Smallest effect found"}
    what = holds.get(design.solve_for, f"{unit(design.design)} needed")
    headings = [_column(design, grid.across, value) for value in grid.columns]
    rows = [[_guess(grid.key, value), *(_cell(design, cell) for cell in cells)] for value, cells in grid.rows]
    numeric = [{"label": text} for text in headings]
    columns: list[dict[str, Any]] = [{"label": _short(grid.key)}, *numeric]
    of_areas = (design.design, grid.key) == ("poisson_cluster", "icc")
    guessed = "how much areas differ (ICC)" if of_areas else _GUESSED[grid.key]
    return Table(f"{what}, by {guessed}", columns, rows)


def _short(key: str) -> str:
    return {
        "icc": "ICC",
        "sd": "Standard deviation",
        "cac": "Cluster autocorrelation",
        "baseline_rate": "In 100 without it",
    }.get(key, key.capitalize())


def _column(design: Any, across: str, value: float) -> str:
    if across == "power":
        return f"With a chance of {percent(100 * value)}"
    if design.design == "two_proportions":
        return f"{number(100 * abs(value))} in 100 {'fewer' if value < 0 else 'more'}"
    words = effect(design, value).removeprefix("a ")
    return f"{words[0].upper()}{words[1:]}"


def _guess(key: str, value: float) -> str:
    return number(100 * value) if key == "baseline_rate" else number(value)


def _cell(design: Any, value: float | None) -> str:
    if value is None:
        return "None"
    if design.solve_for == "power":
        return _per_cent(value)
    if design.solve_for != "effect":
        return whole(int(value))
    if design.design == "two_proportions":
        return f"{number(100 * abs(value))} in 100"
    if design.design == "poisson_cluster":
        return percent(abs(100 * expm1(value)))
    return number(abs(value))

"""Estimates in words, figures drawn by the engine, and what a reader should make of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from centre import vault
from experiments.forms.plan_words import ESTIMATORS, covariance_words
from experiments.models import AnalysisFile, Release, ReleaseFile, Trial
from experiments.promises import Kept, kept
from experiments.protocol import Protocol
from experiments.protocol.schema import Outcome
from experiments.protocol.vocabulary import Direction
from experiments.views.numbers import number, p_text, percent, span, whole

SVG = "image/svg+xml"
RATIOS = {"log_rate_ratio": "rate ratio", "log_odds_ratio": "odds ratio"}
PLACEBO = "placebo="  # paths of synthetic controls of controls
CARRY_OVER = {  # terms of a crossover
    "carry_over": "Carry-over from the day before",
    "effect beside carry_over": "Effect, carry-over taken out",
    "effect without post-switch days": "Effect without the days after a switch",
}
BESIDE = frozenset({"sensitivity", "exploratory"})
CHECKS = {
    "pre_trends": "Trends before the start",
    "bacon": "Comparisons inside a two-way estimate (Goodman-Bacon)",
    "honest_did": "How far trends may differ (HonestDiD)",
    "placebo": "Placebo tests",
    "displacement": "Displacement",
    "leave_one_out": "Without each cluster",
    "balance": "Balance",
    "attrition": "Who has no outcome (attrition)",
    "sample_ratio": "Sizes of the arms",
    "allocation_match": "Arms as registered",
    "dose": "Dose delivered",
}
MOST_ROWS = 200  # of a check shown on a page; the result document has all
ALIKE = "The interval holds both better and worse: these data cannot tell."
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Term:
    """One number of several behind an estimate."""

    name: str
    value: str
    interval: str
    band: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """One row of a result document, as a page shows it."""

    row: Row
    outcome: str
    sentence: str
    value: str = ""
    interval: str = ""

    @property
    def is_ok(self) -> bool:
        return bool(self.row["status"] == "ok")

    @property
    def level(self) -> str:
        return _level(self.row)

    @property
    def p_value(self) -> str:
        """The test that goes with the interval: the two must tell the same story."""
        return p_text(self.row.get("p_value"))

    @property
    def p_value_adjusted(self) -> str:
        """The same test, allowing for the others of its family; empty where there are none."""
        adjusted = self.row.get("p_value_adjusted")
        return "" if adjusted == self.row.get("p_value") else p_text(adjusted)

    @property
    def units(self) -> str:
        return whole(self.row.get("n_units")) or "Not shown"

    @property
    def method(self) -> str:
        how = dict(ESTIMATORS).get(self.row["estimator"], self.row["estimator"])
        covariance = self.row.get("covariance")
        scale = str(RATIOS.get(self.row["scale"], self.row["scale"])).replace("_", " ").capitalize()
        return f"{scale}. {how}{f'; {covariance_words(covariance)}' if covariance else ''}"

    @property
    def leads(self) -> bool:
        """Whether it answers a question of the plan, and is not another way to answer one."""
        return self.row["role"] not in BESIDE

    @property
    def warnings(self) -> list[str]:
        return [str(text) for text in self.row.get("warnings") or ()]

    @property
    def terms(self) -> list[Term]:
        """The numbers behind a figure, without the placebos' paths, which are too many to read."""
        return [_term(row) for row in self.row.get("terms") or () if not row["term"].startswith(PLACEBO)]

    @property
    def hidden_terms(self) -> int:
        """How many numbers are in the files only."""
        return len(self.row.get("terms") or ()) - len(self.terms)


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to keep in mind, and the ids of the estimates it is about."""

    text: str
    about: list[str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing from the vault; its numbers stand in the tables."""

    name: str
    title: str
    svg: SafeString


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the design in words."""

    name: str
    row: Row

    @property
    def statistic(self) -> str:
        return number(self.row.get("statistic"))

    @property
    def p_value(self) -> str:
        return p_text(self.row.get("p_value"))

    @property
    def table(self) -> tuple[list[str], list[list[str]]]:
        """The check's rows as headings and cells, a column for each key that any of them has."""
        rows = (self.row.get("rows") or [])[:MOST_ROWS]
        keys = list(dict.fromkeys(key for row in rows for key in row))
        headings = [key.replace("_", " ").capitalize() for key in keys]
        return headings, [[_cell(row.get(key)) for key in keys] for row in rows]

    @property
    def verdict(self) -> str:
        return str(self.row.get("verdict", "")).replace("_", " ").capitalize()

    @property
    def colour(self) -> str:
        return {"ok": "green", "red": "red"}.get(str(self.row.get("verdict")), "grey")


@dataclass(frozen=True, slots=True)
class Published:
    """One release with what it says."""

    release: Release
    estimates: list[Estimate]
    figures: list[Figure]
    kept: list[Kept]


def estimates(rows: Iterable[Row], protocol: Protocol) -> list[Estimate]:
    """Return each row of a result document in numbers and in a sentence."""
    return [_estimate(row, protocol.outcome_of_column(row["outcome"])) for row in rows]


def cautions(found: Iterable[Estimate]) -> list[Caution]:
    """Return what to keep in mind, each thing once, with the estimates it is about."""
    by_text: dict[str, list[str]] = {}
    for estimate in found:
        for text in estimate.warnings:
            by_text.setdefault(text, []).append(str(estimate.row["id"]))
    return [Caution(text, ids) for text, ids in by_text.items()]


def released(release: Release) -> list[Estimate]:
    """Return what a release says: the rounded numbers, never the exact ones behind them."""
    return estimates(release.document.get("estimates", ()), release.analysis.registration.frozen_protocol)


def figures(files: Iterable[AnalysisFile | ReleaseFile]) -> list[Figure]:
    """Return the drawings among some files. The engine made them; nobody uploads an SVG."""
    made = []
    for file in files:
        if file.media_type == SVG and vault.exists(file.sha256):
            drawing = mark_safe(vault.read(file.sha256).decode())  # noqa: S308  drawn by our own engine
            made.append(Figure(file.name, _title(file.name), drawing))
    return made


_TITLES = {
    "event-study-": "effect by time since the start of treatment, with its intervals",
    "synthetic-control-": "the treated beside its synthetic control",
    "placebo-gaps-": "gap to the synthetic control, beside those of placebos",
    "balance": "how far the arms were apart before the trial, covariate by covariate",
    "bacon-": "the comparisons inside a two-way estimate",
    "honest-did-relative-magnitude-": "how far trends may differ, relative to those seen before the start",
    "honest-did-smoothness-": "how far the trend may bend",
}


def _title(name: str) -> str:
    for start, words in _TITLES.items():
        if name.startswith(start):
            of = name.removeprefix(start).removesuffix(".svg")
            return f"{of}: {words}" if of else f"{words[:1].upper()}{words[1:]}"
    return "Estimates with their intervals"


def published(trial: Trial) -> list[Published]:
    """Return what is out: what was promised first, then the rest, each newest first."""
    found = trial.releases.published().select_related("analysis__registration").prefetch_related("files")
    ordered = sorted(found, key=lambda one: not one.analysis.is_registered)
    return [Published(one, released(one), figures(one.files.all()), kept(one)) for one in ordered]


def checks(document: Row) -> list[Check]:
    """Return the checks of a result document."""
    return [
        Check(CHECKS.get(name, name.replace("_", " ").capitalize()), row)
        for name, row in (document.get("checks") or {}).items()
    ]


def provenance(document: Row) -> list[tuple[str, str]]:
    """Return where a result comes from, as rows."""
    known, data = document.get("provenance") or {}, document.get("data") or {}
    packages = ", ".join(f"{name} {version}" for name, version in (known.get("packages") or {}).items())
    dropped = "; ".join(f"{whole(one['count'])} ({one['reason']})" for one in data.get("rows_dropped") or ())
    rows = [
        ("Rows in the data", whole(data.get("rows"))),
        ("Rows used", whole(data.get("rows_used"))),
        ("Rows left out", dropped),
        ("Engine", str(known.get("engine_version") or "")),
        ("Packages", packages),
        ("Seed", str(known.get("seed", ""))),
        ("Seconds", number(known.get("seconds"))),
    ]
    return [(label, value) for label, value in rows if value]


def _estimate(row: Row, measured: Outcome | None) -> Estimate:
    name = measured.name if measured else row["outcome"]
    if row["status"] != "ok" or row["estimate"] is None:
        return Estimate(row, name, f"No estimate: {row.get('reason') or 'not released'}")
    direction, unit = (measured.direction_of_benefit, measured.unit) if measured else (None, "")
    ratio = RATIOS.get(row["scale"])
    shift = _ratio(row) if ratio else _difference(row, unit)
    value = number(exp(row["estimate"]) if ratio else row["estimate"])
    ends = [exp(end) if ratio and end is not None else end for end in (row["conf_low"], row["conf_high"])]
    return Estimate(row, name, f"{shift} {_meaning(row, direction)}".strip(), value, span(*ends))


def _ratio(row: Row) -> str:
    low, shift, high = ((exp(end) - 1) * 100 if end is not None else None for end in _ends(row))
    return f"{percent(abs(shift or 0))} {_side(shift or 0)} with the treatment{_spread(row, low, high, '%')}."


def _difference(row: Row, unit: str) -> str:
    low, shift, high = _ends(row)
    units = f", in {unit[0].lower()}{unit[1:]}" if unit else ""
    return f"{number(abs(shift))} {_side(shift)} with the treatment{units}{_spread(row, low, high)}."


def _ends(row: Row) -> tuple[Any, Any, Any]:
    return row["conf_low"], row["estimate"], row["conf_high"]


def _side(shift: float) -> str:
    return "lower" if shift < 0 else "higher"


def _level(row: Row) -> str:
    return f"{(row.get('conf_level') or 0.95) * 100:.0f}% interval"


def _spread(row: Row, low: float | None, high: float | None, unit: str = "") -> str:
    """Say an interval as two sizes and their side, so that nobody has to read a minus sign."""
    if low is None or high is None:
        return ""
    level, digits = _level(row), 2 if unit else 3
    first, last = (f"{number(abs(end), digits)}{unit}" for end in (low, high))
    if low * high > 0:
        near, far = (first, last) if low > 0 else (last, first)
        return f" ({level} {near} to {far} {_side(low)})"
    return f" ({level} {first} lower to {last} higher)"


def _meaning(row: Row, direction: Direction | None) -> str:
    low, high = row["conf_low"], row["conf_high"]
    if low is None or high is None or direction is None:
        return ""
    if low <= 0 <= high:
        return ALIKE
    is_better = (high < 0) == (direction is Direction.LOWER)
    return f"The whole interval is on the {'better' if is_better else 'worse'} side."


def _term(row: Row) -> Term:
    name = "As if looked at once, at the end" if row["term"] == "unadjusted" else str(row["term"])
    name = name.replace("event_time=", "Time since start ")
    name = CARRY_OVER.get(name, name)
    name = name.replace("time_weight=", "Weight of time ").replace("weight=", "Weight of ")
    name = name.replace("g=", "Start ").replace(",t=", ", at ").replace("t=", "At ")
    if row.get("estimate") is None:
        return Term(name, f"None: {row.get('reason') or 'not shown'}", "", "")
    ends = [(row.get(f"{kind}_low"), row.get(f"{kind}_high")) for kind in ("conf", "band")]
    return Term(name, number(row["estimate"]), *(span(low, high) for low, high in ends))


def _cell(value: object) -> str:
    """Write one number or word of a check."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value).replace("_", " ")
    return number(value)

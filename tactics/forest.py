"""The forest plot: its rows, and where each mark stands. Pure; templates draw the SVG and the table."""

from dataclasses import dataclass
from math import ceil, expm1, floor, log1p
from typing import Any

from tactics.rating import RATIO_METRICS, RatedTrial, RatingResult
from tactics.synthesis import Effect, Summary, summarise

Document = dict[str, Any]


def document(result: RatingResult) -> Document:
    """Return the rows of the plot: trials that are pooled, the summary, and trials that are only listed.

    Every estimate is oriented: below 0 is a benefit.
    """
    weights = result.summary.weights if result.summary else ()
    pooled = [
        _row(trial, weight=weight)
        for trial, weight in zip(result.eligible, weights or [None] * result.k, strict=True)
    ]
    listed = [_row(one.trial, reason=one.reason) for one in result.listed]
    return {
        "metric": result.metric or (result.listed[0].trial.metric if result.listed else ""),
        "k": result.k,
        "rows": pooled + listed,
        "summary": result.summary.as_json() if result.summary else None,
        "cumulative": cumulative(result),
        "leave_one_out": leave_one_out(result),
    }


def cumulative(result: RatingResult) -> list[Document]:
    """Return what the trials said together after each of them, oldest first; nothing for a single trial.

    What could not be pooled has its reason: a number that does not exist is not drawn.
    """
    if result.k < 2:
        return []
    effects = _effects(result)
    return [_told(trial, summarise(effects[:k])) for k, trial in enumerate(result.eligible, start=1)]


def leave_one_out(result: RatingResult) -> list[Document]:
    """Return what the others say together without each trial in turn; nothing for fewer than three trials."""
    if result.k < 3:
        return []
    effects = _effects(result)
    return [
        _told(trial, summarise(effects[:at] + effects[at + 1 :])) for at, trial in enumerate(result.eligible)
    ]


def _effects(result: RatingResult) -> list[Effect]:
    return [Effect(t.study, t.yi, t.vi, t.conf_low, t.conf_high) for t in result.eligible]


def _told(trial: RatedTrial, together: Summary) -> Document:
    return {
        "study": trial.study,
        "finding": trial.ref,
        "completed_on": trial.completed_on.isoformat() if trial.completed_on else None,
        "k": together.k,
        "estimate": together.estimate,
        "conf_low": together.conf_low,
        "conf_high": together.conf_high,
        "prediction_low": together.prediction_low,
        "prediction_high": together.prediction_high,
        "i2": together.i2,
        "reason": together.reasons.get("estimate", ""),
    }


def _row(trial: RatedTrial, *, weight: float | None = None, reason: str = "") -> Document:
    return {
        "finding": trial.ref,
        "study": trial.study,
        "metric": trial.metric,
        "yi": trial.yi,
        "vi": trial.vi,
        "conf_low": trial.conf_low,
        "conf_high": trial.conf_high,
        "weight": weight,
        "security": trial.security,
        "pooled": not reason,
        "reason": reason,
    }


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the plot, in drawing units: `y_text` is its label's baseline, `y` that of its mark."""

    label: str
    note: str
    y_text: float
    y: float
    x: float
    x_low: float
    x_high: float
    half: float
    is_summary: bool
    is_pooled: bool
    cut_low: bool
    cut_high: bool

    @property
    def square_x(self) -> float:
        """Return the left edge of the square."""
        return round(self.x - self.half, 2)

    @property
    def square_y(self) -> float:
        """Return the upper edge of the square."""
        return round(self.y - self.half, 2)

    @property
    def side(self) -> float:
        """Return the length of the square's side."""
        return round(2 * self.half, 2)

    @property
    def diamond(self) -> str:
        """Return the corners of the summary's diamond."""
        return f"{self.x_low},{self.y} {self.x},{self.y - 8} {self.x_high},{self.y} {self.x},{self.y + 8}"


@dataclass(frozen=True, slots=True)
class Tick:
    """One value on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """The whole plot, in drawing units."""

    width: int
    height: int
    axis_y: float
    zero_x: float
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    prediction: tuple[float, float, float] | None
    left_words: str
    right_words: str

    @property
    def tick_y(self) -> float:
        """Return the lower end of a tick."""
        return self.axis_y + 5

    @property
    def label_y(self) -> float:
        """Return the baseline of the ticks' values."""
        return self.axis_y + 21

    @property
    def words_y(self) -> float:
        """Return the baseline of "Better" and "Worse"."""
        return self.axis_y + 46

    @property
    def right_x(self) -> int:
        """Return the right end of the words at the right."""
        return self.width - 4


ROW, TOP, MARGIN, FOOT = 44, 8, 14, 56
LETTER = 7  # mean width of a letter at 14 px
CLIP = (
    3.0  # a scale wider than this (a ratio of 20) would squeeze everything else: longer lines end in an arrow
)


def plot(doc: Document, *, width: int, higher_is_better: bool = False) -> Plot | None:
    """Return the plot at a width in drawing units; None where there is nothing to draw.

    The plot turns the oriented estimates back, so that its axis reads as the outcome does. Trials measured
    on another scale are in the table only.
    """
    sign = -1 if higher_is_better else 1
    rows = [_turned(row, sign) for row in doc["rows"] if row["metric"] == doc["metric"]]
    if not rows:
        return None
    pooled = doc["k"] > 1 and doc["summary"] and doc["summary"]["estimate"] is not None
    summary = _turned(doc["summary"], sign) if pooled else None
    low, high = _range(rows, summary)
    inner = width - 2 * MARGIN

    def x(value: float) -> float:
        return round(MARGIN + inner * (min(max(value, low), high) - low) / (high - low), 2)

    marks = [_mark(row, number, x, (low, high), width) for number, row in enumerate(rows)]
    if summary:
        marks.append(_summary(summary, len(rows), x, low, high))
    axis = TOP + ROW * len(marks) + 6
    return Plot(
        width=width,
        height=axis + FOOT,
        axis_y=axis,
        zero_x=x(0),
        marks=tuple(marks),
        ticks=_ticks(doc["metric"], low, high, x, few=width < 500),
        prediction=_prediction(summary, marks, x),
        left_words="Worse" if higher_is_better else "Better",
        right_words="Better" if higher_is_better else "Worse",
    )


def cumulative_plot(doc: Document, *, width: int, higher_is_better: bool = False) -> Plot | None:
    """Return the cumulative plot: a line for what all trials up to each one said together."""
    rows = [
        {
            "study": ("First, " if row["k"] == 1 else "With ") + row["study"],
            "metric": doc["metric"],
            "yi": row["estimate"],
            "conf_low": row["conf_low"],
            "conf_high": row["conf_high"],
            "weight": None,
            "pooled": True,
            "note": "1 trial" if row["k"] == 1 else f"{row['k']} trials",
        }
        for row in doc.get("cumulative", ())
        if row["estimate"] is not None
    ]
    drawn = {"metric": doc["metric"], "k": 0, "rows": rows, "summary": None}
    return plot(drawn, width=width, higher_is_better=higher_is_better)


def _turned(row: Document, sign: int) -> Document:
    """Return the row with its numbers on the outcome's own direction."""
    if sign == 1:
        return row
    turned = dict(row)
    for name in ("yi", "estimate"):
        if name in row:
            turned[name] = -row[name]
    for low, high in (("conf_low", "conf_high"), ("prediction_low", "prediction_high")):
        if row.get(low) is not None:
            turned[low], turned[high] = -row[high], -row[low]
    return turned


def _range(rows: list[Document], summary: Document | None) -> tuple[float, float]:
    ends = [0.0]
    for row in (*rows, *([summary] if summary else [])):
        ends += [row["conf_low"], row["conf_high"]]
    if summary and summary["prediction_low"] is not None:
        ends += [summary["prediction_low"], summary["prediction_high"]]
    low, high = max(min(ends), -CLIP), min(max(ends), CLIP)
    pad = 0.06 * (high - low) or 0.1
    return low - pad, high + pad


def _mark(row: Document, number: int, x: Any, ends: tuple[float, float], width: int) -> Mark:
    note = row.get("note") or _security_note(row)
    return Mark(
        label=_fitted(row["study"], width // LETTER - len(note) - 4),
        note=note,
        y_text=TOP + ROW * number + 15,
        y=TOP + ROW * number + 30,
        x=x(row["yi"]),
        x_low=x(row["conf_low"]),
        x_high=x(row["conf_high"]),
        half=round(4 + 6 * (row["weight"] or 0) ** 0.5, 2),
        is_summary=False,
        is_pooled=row["pooled"],
        cut_low=row["conf_low"] < ends[0],
        cut_high=row["conf_high"] > ends[1],
    )


def _security_note(row: Document) -> str:
    security = "not rated" if row["security"] is None else f"security {row['security']}"
    return security if row["pooled"] else f"{security}, not pooled"


def _fitted(label: str, letters: int) -> str:
    """Return the label, cut where it would run out of the drawing: the table has it whole."""
    return label if len(label) <= letters else label[: letters - 1].rstrip() + "…"


def _summary(summary: Document, number: int, x: Any, low: float, high: float) -> Mark:
    return Mark(
        label=f"All {summary['k']} trials together",
        note="",
        y_text=TOP + ROW * number + 15,
        y=TOP + ROW * number + 30,
        x=x(summary["estimate"]),
        x_low=x(summary["conf_low"]),
        x_high=x(summary["conf_high"]),
        half=8,
        is_summary=True,
        is_pooled=True,
        cut_low=summary["conf_low"] < low,
        cut_high=summary["conf_high"] > high,
    )


def _prediction(summary: Document | None, marks: list[Mark], x: Any) -> tuple[float, float, float] | None:
    if not summary or summary["prediction_low"] is None:
        return None
    return x(summary["prediction_low"]), x(summary["prediction_high"]), marks[-1].y + 14


def _ticks(metric: str, low: float, high: float, x: Any, *, few: bool) -> tuple[Tick, ...]:
    """Return round values: per cent changes for ratios, plain numbers otherwise."""
    ratio = metric in RATIO_METRICS
    first, last = (expm1(low), expm1(high)) if ratio else (low, high)
    step = _step((last - first) / (5 if few else 9))
    values = [number * step for number in range(ceil(first / step - 1e-9), floor(last / step + 1e-9) + 1)]
    return tuple(Tick(x(log1p(value) if ratio else value), _axis_label(value, ratio)) for value in values)


def _step(rough: float) -> float:
    steps = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5)
    return next((step for step in steps if step >= rough), steps[-1])


def _axis_label(value: float, ratio: bool) -> str:
    if abs(value) < 1e-9:
        return "0"
    return f"{round(100 * value):+d}%" if ratio else f"{value:+.2g}"

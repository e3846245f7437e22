"""Shapes of a drawing: axes, lines, words, and the frame with its title and description.

Presentation attributes only: no style attribute, no class, no script, so that a strict
Content-Security-Policy lets them be part of a page. Lines and text take ``currentColor``. A drawing is
320 units wide where nothing else is said, so that its 12-unit text is 12 pixels on the narrowest screen.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 320
TEXT = 12


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear axis from data to drawing units."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> str:
        """The place of a value, as a short number."""
        share = (value - self.low) / (self.high - self.low)
        return f"{self.start + share * (self.end - self.start):.1f}"


def value_axis(up: Axis, left: float, right: float, low: float, high: float) -> list[str]:
    parts = []
    for tick in ticks(low, high, 5):
        y = up.at(tick)
        strength = "0.6" if tick == 0 else "0.2"
        parts.append(line(f"{left:.1f}", y, f"{right:.1f}", y, f'stroke-opacity="{strength}"'))
        parts.append(words_at(left - 6, float(y) + 4, number(tick), anchor="end"))
    return parts


def svg(
    height: float, name: str, title: str, described: str, parts: Sequence[str], *, width: float = WIDTH
) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="sans-serif" font-size="{TEXT}" '
        'color="#0b0c0c">'
    )
    words = (
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(described)}</desc>'
    )
    return "\n".join([head, words, *(part for part in parts if part), "</svg>"]) + "\n"


def line(x1: str, y1: str, x2: str, y2: str, more: str = "") -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="currentColor" {more}'.rstrip() + "/>"


def words_at(x: float, y: float, words: str, *, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor">{escape(words)}</text>'


def padded(low: float, high: float) -> tuple[float, float]:
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` + 1 round numbers inside the range."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)
    return [number * step for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def whole_ticks(times: Sequence[float]) -> list[int]:
    """Whole event times, at most eleven of them; 0 is always one."""
    span = max(times) - min(times)
    step = next(
        (size for size in (1, 2, 5, 6, 10, 12, 20, 24, 50, 100) if span / size <= 10), math.ceil(span / 10)
    )
    return [tick for tick in range(math.ceil(min(times)), math.floor(max(times)) + 1) if tick % step == 0]


def number(value: float) -> str:
    """Three significant figures, with a true minus and no power of ten."""
    rounded = float(f"{value:.3g}")
    plain = f"{value:,.0f}" if abs(rounded) >= 1_000 else f"{rounded:.10f}".rstrip("0").rstrip(".")
    return plain.replace("-", "−") if rounded else "0"


def per_cent(level: float) -> str:
    return f"{100 * level:.3g} %"


def cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "estimate"

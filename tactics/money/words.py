"""An appraisal in plain words, by rule."""

from collections.abc import Mapping
from typing import Any

MILLION = 1_000_000


def futures(share: float) -> str:
    """Return the headline: in how many of 100 simulated futures the benefit is larger than the cost."""
    if share >= 0.995:
        count = "nearly all come out ahead"
    elif share <= 0.005:
        count = "hardly any comes out ahead"
    else:
        number = round(100 * share)
        count = f"about {number} come{'s' if number == 1 else ''} out ahead"
    return f"In 100 simulated futures, {count}."


def short(share: float) -> str:
    """Return the same for a table."""
    if share >= 0.995:
        return "Nearly all of 100 futures come out ahead"
    if share <= 0.005:
        return "Hardly any of 100 futures comes out ahead"
    return f"About {round(100 * share)} of 100 futures come out ahead"


def pounds(value: float) -> str:
    """Return an amount to three figures: "£381,000", "−£1.24 million"."""
    size = abs(value)
    if size >= 999_500:
        text = f"£{float(f'{size:.3g}') / MILLION:,.10g} million"
    elif size >= 100:
        text = f"£{float(f'{size:.3g}'):,.0f}"
    else:
        text = f"£{size:.2f}" if size % 1 else f"£{size:.0f}"
    return f"−{text}" if value < 0 and float(f"{size:.3g}") else text


def ratio(value: float) -> str:
    """Return a ratio of benefit to cost: "£2.40 for each £1"."""
    return f"−£{abs(value):,.2f} for each £1" if value < 0 else f"£{value:,.2f} for each £1"


def row(figures: Mapping[str, Any] | None, write: Any = pounds) -> dict[str, str] | None:
    """Return the figures of one quantity in words; None where there are none. The error is that of the median."""
    if figures is None:
        return None
    return {
        "mean": "–" if figures["mean"] is None else write(figures["mean"]),
        "median": write(figures["median"]),
        "low": write(figures["conf_low"]),
        "high": write(figures["conf_high"]),
        "error": write(figures["median_error"]),
    }


def prevented(result: Mapping[str, Any], years: int, counted_as: str) -> str:
    """Return how many incidents fewer or more in a sentence."""
    figures = result["incidents_prevented"]
    what = counted_as or "incidents"
    span = f"over {years} year{'' if years == 1 else 's'} of effect, later years counting a little less"
    low, high = _fewer(figures["conf_low"]), _fewer(figures["conf_high"])
    return f"{_fewer(figures['median'], what)} {span}: 95 of 100 futures lie between {low} and {high}."


def _fewer(count: float, what: str = "") -> str:
    size = f"{abs(count):,.0f}" if abs(count) >= 10 else f"{abs(count):.1f}"
    number = f"About {size} {what}" if what else size
    return f"{number} {'more' if count < 0 else 'fewer'}"


def verdict(result: Mapping[str, Any]) -> str:
    """Return the middle future in a sentence."""
    net = result["net_benefit"]["median"]
    middle = (
        f"In the middle one, the benefit is {pounds(net)} more than the cost"
        if net > 0
        else f"In the middle one, the benefit is {pounds(-net)} less than the cost"
    )
    low, high = (pounds(result["net_benefit"][end]) for end in ("conf_low", "conf_high"))
    return f"{middle}; 95 of 100 lie between {low} and {high}."

"""A treated unit beside its synthetic control, and its gap beside those of the placebos."""

from collections.abc import Mapping, Sequence
from typing import Any

from centre.drawing import Axis, line, padded, slug, svg, value_axis, whole_ticks, words_at
from experiments.stats.figures.event_study import event_times

TREATED, SYNTHETIC, PLACEBO = "treated,t=", "synthetic,t=", "placebo="
BOX = (28.0, 206.0, 52.0, 312.0)


def has_paths(estimate: Mapping[str, Any]) -> bool:
    """Whether an estimate has a treated and a synthetic path among its terms."""
    return bool(_path(estimate, TREATED) and _path(estimate, SYNTHETIC))


def paths(estimate: Mapping[str, Any]) -> str:
    """The outcome of the treated as a line, that of its synthetic control dashed.

    Parameters
    ----------
    estimate : one member of ``estimates`` with the terms of a synthetic control.
    """
    top, bottom, left, right = BOX
    treated, synthetic = _path(estimate, TREATED), _path(estimate, SYNTHETIC)
    times = [time for time, _ in event_times(estimate)]
    low, high = padded(min(*treated, *synthetic), max(*treated, *synthetic))
    up, across = Axis(low, high, bottom, top), Axis(min(times), max(times), left, right)
    parts = [words_at(left, 14, str(estimate["outcome"]), anchor="start")]
    parts += value_axis(up, left, right, low, high)
    parts.append(_polyline(times, synthetic, across, up, 'stroke-width="1.5" stroke-dasharray="5 3"'))
    parts.append(_polyline(times, treated, across, up, 'stroke-width="2"'))
    parts += _times(times, across)
    for number, (words, dash) in enumerate(
        (("treated", ""), ("synthetic control", 'stroke-dasharray="5 3"'))
    ):
        x, y = left + 100 * number, bottom + 52
        parts.append(line(f"{x:.1f}", f"{y - 4:.1f}", f"{x + 20:.1f}", f"{y - 4:.1f}", dash))
        parts.append(words_at(x + 26, y, words, anchor="start"))
    described = (
        "The full line is the treated unit, the dashed one the weighted mean of controls. The upright line is the "
        "start: how close they are before it is how well the control fits, and the gap after it is the estimate."
    )
    name = f"synthetic-control-{slug(estimate['id'])}"
    return svg(266, name, f"{estimate['outcome']}: treated and synthetic control", described, parts)


def gaps(estimate: Mapping[str, Any]) -> str:
    """The gap of the treated as a heavy line, those of the placebos as faint ones.

    Parameters
    ----------
    estimate : as in :func:`paths`.
    """
    top, bottom, left, right = BOX
    points = event_times(estimate)
    times, own = [time for time, _ in points], [term["estimate"] for _, term in points]
    others = _placebos(estimate)
    values = [*own, *(value for path in others for value in path), 0.0]
    low, high = padded(min(values), max(values))
    up, across = Axis(low, high, bottom, top), Axis(min(times), max(times), left, right)
    parts = [words_at(left, 14, f"Gap in {estimate['outcome']}", anchor="start")]
    parts += value_axis(up, left, right, low, high)
    parts += [_polyline(times, path, across, up, 'stroke-opacity="0.25"') for path in others]
    parts.append(_polyline(times, own, across, up, 'stroke-width="2.5"'))
    parts += _times(times, across)
    described = (
        f"The heavy line is the treated unit less its synthetic control; {len(others)} faint lines are the same for "
        "each control, where nothing was done. An effect stands out from them after the upright line."
    )
    name = f"placebo-gaps-{slug(estimate['id'])}"
    return svg(
        248, name, f"{estimate['outcome']}: gap to the synthetic control, and placebos", described, parts
    )


def _times(times: Sequence[float], across: Axis) -> list[str]:
    """The upright line of the start and the labels under the axis."""
    top, bottom, left, right = BOX
    parts = []
    if min(times) < 0 <= max(times):
        edge = across.at(-0.5)
        parts.append(
            line(edge, f"{top:.1f}", edge, f"{bottom:.1f}", 'stroke-dasharray="4 3" stroke-opacity="0.6"')
        )
    for tick in whole_ticks(times):
        parts.append(words_at(float(across.at(tick)), bottom + 16, str(tick).replace("-", "−")))
    parts.append(words_at((left + right) / 2, bottom + 34, "Periods since first treatment"))
    return parts


def _polyline(times: Sequence[float], values: Sequence[float], across: Axis, up: Axis, more: str) -> str:
    points = " ".join(f"{across.at(time)},{up.at(value)}" for time, value in zip(times, values, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="currentColor" {more}/>'


def _path(estimate: Mapping[str, Any], prefix: str) -> list[float]:
    return [term["estimate"] for term in estimate["terms"] if term["term"].startswith(prefix)]


def _placebos(estimate: Mapping[str, Any]) -> list[list[float]]:
    found: dict[str, list[float]] = {}
    for term in estimate["terms"]:
        name, _, _ = term["term"].partition(",t=")
        if name.startswith(PLACEBO):
            found.setdefault(name, []).append(term["estimate"])
    return list(found.values())

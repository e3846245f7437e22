"""Power by size, with the power that was asked for."""

from collections.abc import Sequence

from centre.drawing import Axis, line, number, svg, ticks, words_at


def power_curve(
    sizes: Sequence[int], powers: Sequence[float], *, chosen: int, wanted: float | None, unit: str
) -> str:
    """A line of power over sizes, a point at the size of the answer, a dashed line at the power asked for.

    Parameters
    ----------
    sizes, powers : in the order of size; powers from 0 to 1.
    chosen : the size of the answer, one of `sizes`.
    wanted : the power asked for, if any.
    unit : what the sizes count, for the axis.
    """
    height, top, bottom, left, right = 262.0, 28.0, 206.0, 52.0, 304.0
    across, up = Axis(min(sizes), max(sizes), left, right), Axis(0.0, 1.0, bottom, top)
    parts = [words_at(left, 14, "Chance of finding the effect", anchor="start")]
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        y = up.at(tick)
        parts.append(line(f"{left}", y, f"{right}", y, f'stroke-opacity="{0.6 if tick == 0 else 0.2}"'))
        parts.append(words_at(left - 6, float(y) + 4, f"{100 * tick:.0f}%", anchor="end"))
    if wanted is not None:
        y = up.at(wanted)
        parts.append(line(f"{left}", y, f"{right}", y, 'stroke-dasharray="4 3"'))
    path = " ".join(f"{across.at(size)},{up.at(power)}" for size, power in zip(sizes, powers, strict=True))
    parts.append(f'<polyline points="{path}" fill="none" stroke="currentColor" stroke-width="2"/>')
    here = powers[list(sizes).index(chosen)]
    parts.append(f'<circle cx="{across.at(chosen)}" cy="{up.at(here)}" r="5" fill="currentColor"/>')
    for tick in ticks(min(sizes), max(sizes), 5):
        parts.append(words_at(float(across.at(tick)), bottom + 16, number(tick)))
    parts.append(words_at((left + right) / 2, bottom + 36, unit))
    described = (
        f"The chance rises from {100 * powers[0]:.0f}% at {sizes[0]:,} to {100 * powers[-1]:.0f}% at {sizes[-1]:,}. "
        f"The point is at {chosen:,}, {100 * here:.0f}%."
    )
    return svg(height, "power-curve", f"Power by {unit[0].lower()}{unit[1:]}", described, parts)

"""Numbers as people read them: a real minus sign, few digits, no powers of ten."""


def number(value: float | None, digits: int = 3) -> str:
    """Return a number to so many significant digits; nothing where there is none."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits}g}")
    text = f"{value:,.0f}" if abs(rounded) >= 1000 else f"{rounded:.10f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def whole(value: int | None) -> str:
    """Return a count."""
    return "" if value is None else f"{value:,}"


def percent(value: float) -> str:
    """Return a percentage to two digits."""
    return f"{number(value, 2)}%"


def span(low: float | None, high: float | None) -> str:
    """Return an interval."""
    return "" if low is None or high is None else f"{number(low)} to {number(high)}"


def p_text(value: float | None) -> str:
    """Return a p value as papers print it."""
    if value is None:
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"

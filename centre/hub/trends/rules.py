"""What is asked of a series before it is judged, and of a month before it is shown. Ours, and not official."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rules:
    """The cut-offs of a scan of many monthly series; they are kept with each scan."""

    version: str = "RISING-1.1"
    months: int = 3  # that are judged: the newest, and those before it for who sends late
    years: int = 5  # back, at most; a trend is looked for from three
    half_window: int = 1
    parts: int = 4  # of a year, of which the season is one
    same_season: int = 2  # counts of it that are needed
    alpha: float = 0.05  # of the bound of each series alone
    false_discovery_rate: float = 0.05
    min_effect: float = 0.1
    chart_from: int = 13  # earlier counts that a control chart needs, and their mean
    chart_mean: float = 8.0
    ears_baseline: int = 7  # months
    cusum_months: int = 12  # whose excesses are added up, at most
    cusum_most: float = 2.0  # of one month, so that one high month alone is no lasting rise
    cusum_k: float = 0.5
    cusum_h: float = 3.5
    watched_by_chance: float = 0.006  # of the series in which nothing happens, measured: docs/trends.md

    def as_json(self) -> dict[str, Any]:
        """Return the rules as plain JSON values."""
        return asdict(self)

"""How a trend is refused: the file or the options are wrong, or one point cannot be judged."""

from centre.csv_lines import LinesRefused


class TrendsRefused(LinesRefused):
    """The data or the options cannot be used; each problem is one line."""


class NotEstimable(Exception):
    """One point of one series cannot be judged; `reason` says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

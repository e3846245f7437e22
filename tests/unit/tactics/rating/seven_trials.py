"""The seven trials of the pooling golden test, as rated trials."""

from datetime import date
from math import log

from tactics.rating import RatedTrial

COUNTS = {
    "Finckenauer 1982": (19, 46, 4, 35),
    "GERP&DC 1979": (16, 94, 8, 67),
    "Lewis 1983": (43, 53, 37, 55),
    "Michigan DOC 1967": (12, 28, 5, 30),
    "Orchowsky & Taylor 1981": (16, 39, 16, 41),
    "Vreeland 1981": (14, 39, 11, 40),
    "Yarborough 1979": (27, 137, 17, 90),
}


def scared_straight() -> list[RatedTrial]:
    """Return the trials on the log odds ratio scale; their own intervals are normal, as printed."""
    found = []
    for study, (a, n, c, m) in COUNTS.items():
        y = log(a / (n - a) / (c / (m - c)))
        v = 1 / a + 1 / (n - a) + 1 / c + 1 / (m - c)
        half = 1.959963984540054 * v**0.5
        found.append(
            RatedTrial(
                study=study,
                metric="log_odds_ratio",
                yi=y,
                vi=v,
                conf_low=y - half,
                conf_high=y + half,
                security=2,
                is_randomised=True,
                sms=5,
                forces=frozenset({study}),
                evaluator=study,
                completed_on=date(int(study[-4:]), 1, 1),
                country="United States",
                n_events=a + c,
            )
        )
    return found

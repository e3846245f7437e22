"""Two judgements side by side: a finding went, stayed or is new, and a month may be compared or not."""

from centre.hub.quality.findings import Dimension, Finding, Severity
from centre.hub.quality.remeasured import Fate, MonthPair, months, pairs
from centre.hub.quality.scorecard import Tier, scorecards
from tests.unit.centre.hub.test_quality import findings, series


def found(check: str, *on: str) -> Finding:
    return Finding(check, Dimension.VALIDITY, Severity.WARN, "testshire", on, f"{check} in {on}", "Look")


def test_what_went_what_stayed_and_what_is_new() -> None:
    gone, kept = found("blank_street", "2024-01"), found("no_location", "2024-01", "2024-02")
    grown, new = found("no_location", "2024-02", "2024-03"), found("blank_street", "2024-05")
    made = pairs([gone, kept], [grown, new])
    assert [(one.before, one.now, one.fate) for one in made] == [
        (gone, (), Fate.WENT),
        (kept, (grown,), Fate.STAYED),
        (None, (new,), Fate.NEW),
    ]


def test_a_stretch_that_splits_or_joins_stays() -> None:
    whole = found("blank_street", "2024-01", "2024-02", "2024-03")
    parts = [found("blank_street", "2024-01"), found("blank_street", "2024-03")]
    (split,) = pairs([whole], parts)
    assert (split.now, split.fate) == (tuple(parts), Fate.STAYED)
    assert [one.now for one in pairs(parts, [whole])] == [(whole,), (whole,)]


def test_months_of_which_the_same_may_be_said_are_left_out() -> None:
    cards = [
        scorecards(one, findings(one))
        for one in (series((5, {"codes_only_2011": 4}), (8, {"blank_street": 170})), series())
    ]
    cards[0] = cards[0][:-1]
    assert months(*cards) == [
        MonthPair("2023-12", Tier.NOT, Tier.COMPARE),
        MonthPair("2024-03", Tier.WITH_NOTE, Tier.COMPARE),
        MonthPair("2024-06", None, Tier.COMPARE),
    ]

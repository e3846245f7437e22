"""The list of words that mean the same."""

from tactics.searching import stems
from tactics.synonyms import KINDS, known, same


def test_every_line_is_whole_and_there_once() -> None:
    lines = known()
    assert len({(stems(one.words), stems(one.means)) for one in lines}) == len(lines)
    for one in lines:
        assert one.words.strip() == one.words, one
        assert one.means, one
        assert one.source, one
        assert one.kind in KINDS, one
        assert stems(one.words) != stems(one.means), one


def test_the_abbreviations_that_forces_use_are_known() -> None:
    for short in ("DA", "RVR", "ASB", "ANPR", "BWV", "VAWG", "POP", "IOM", "MARAC"):
        assert stems(short) in same(), short


def test_same_goes_both_ways_and_includes_goes_one() -> None:
    assert "domestic violence" in same()[stems("domestic abuse")]
    assert {"domestic abuse", "DA"} <= set(same()[stems("domestic violence")])
    assert "redaction" in same()[stems("paperwork")]
    assert "paperwork" not in same().get(stems("redaction"), ())


def test_no_word_means_itself() -> None:
    for key, others in same().items():
        assert key not in [stems(other) for other in others]

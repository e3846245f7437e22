"""The effects file is read strictly: each refusal names its place."""

import pytest

from tactics.effects_file import EffectsRefused, read

GOOD = b"study,yi,sei,year\nA,-0.2,0.1,2001\nB, 0.1 ,0.2,2002\n"


def test_reads_standard_errors_and_moderators() -> None:
    effects = read(GOOD, ["year"])
    assert effects.yi == [-0.2, 0.1]
    assert effects.vi == pytest.approx([0.01, 0.04])
    assert effects.studies == ["A", "B"]
    assert effects.moderators == {"year": [2001, 2002]}
    assert effects.lines == [2, 3]


def test_byte_order_mark_blank_lines_and_windows_line_ends_are_fine() -> None:
    effects = read(b"\xef\xbb\xbfyi,vi\r\n\r\n1e-3,.5\r\n-.25,1.\r\n")
    assert (effects.yi, effects.vi, effects.studies) == ([0.001, -0.25], [0.5, 1.0], ["1", "2"])


def test_reads_counts() -> None:
    effects = read(b"study,ai,n1i,ci,n2i\nA,1,10,2,12\n")
    assert effects.counts == [(1, 10, 2, 12)]
    assert (effects.yi, effects.vi, effects.studies) == ([], [], ["A"])


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "the file is empty"),
        (b"yi,vi\n", "the file has a header and no rows"),
        (b"\xff\xfey\x00i\x00", "the file is not UTF-8"),
        (b"yi,vi\n1,\x00", "NUL"),
        (b"yi,vi\n1,2,3\n", "line 2: 3 fields; the header has 2"),
        (b"yi,vi\n1\n", "line 2: 1 fields; the header has 2"),
        (b"yi,yi,vi\n1,1,1\n", "line 1: column yi appears twice"),
        (b"yi,vi,colour\n1,1,1\n", "line 1: unknown column colour; name it in --moderators"),
        (b"yi\n1\n", "give one of the columns vi"),
        (b"yi,vi,sei\n1,1,1\n", "give one of the columns vi"),
        (b"vi\n1\n", "line 1: column yi is missing"),
        (b"yi,vi\nNaN,1\n", "line 2, column yi: expected a plain number"),
        (b"yi,vi\ninf,1\n", "line 2, column yi: expected a plain number"),
        (b"yi,vi\n1_0,1\n", "line 2, column yi: expected a plain number"),
        (b"yi,vi\n1e400,1\n", "line 2, column yi: expected a plain number"),
        (b"yi,vi\n,1\n", "line 2, column yi: expected a plain number"),
        (b'yi,vi\n"1,5",1\n', "line 2, column yi: expected a plain number"),
        (b"yi,vi\n1,0\n", "line 2, column vi: must be above 0"),
        (b"yi,vi\n1,-1\n", "line 2, column vi: must be above 0"),
        (b"yi,sei\n1,1e-200\n", "line 2, column sei: must be above 0"),
        (b"yi,vi,weight\n1,1,-1\n", "line 2, column weight: must be 0 or more"),
        (b'yi,vi\n"1,1\n', "line 2: unexpected end of data"),
        (b"ai,n1i,ci,n2i\n6,5,1,5\n", "line 2, column ai: more events than there are people in n1i"),
        (b"ai,n1i,ci,n2i\n0,0,1,5\n", "line 2, column n1i: must be 1 or more"),
        (b"ai,n1i,ci,n2i\n-1,4,1,5\n", "line 2, column ai: must be a whole number"),
        (b"yi,vi,ai\n1,1,1\n", "line 1: unknown column ai"),
    ],
)
def test_refusals_name_their_place(raw: bytes, message: str) -> None:
    with pytest.raises(EffectsRefused) as refusal:
        read(raw)
    assert message in str(refusal.value)


def test_missing_moderator_is_named() -> None:
    with pytest.raises(EffectsRefused, match="column age is missing"):
        read(b"yi,vi\n1,1\n", ["age"])

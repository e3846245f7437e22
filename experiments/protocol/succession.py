"""Which trial follows which, by number: a line that never comes back to where it began."""

from collections.abc import Collection, Mapping


def comes_back(first: str, own: str, line: Mapping[str, Collection[str]]) -> bool:
    """Return whether `first` is `own` or follows it, where `line` has the numbers that each trial follows.

    A circle that is there already, and does not lead to `own`, is walked once.
    """
    known: set[str] = set()
    ahead = {first}
    while ahead:
        if own in ahead:
            return True
        known |= ahead
        ahead = {before for number in ahead for before in line.get(number, ())} - known
    return False

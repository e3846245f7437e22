"""Which known words a misspelt one may have meant. Pure.

The distance is the number of letters put in, left out or changed, or of neighbours that changed places (optimal
string alignment). One such slip is forgiven in words of four letters or more, two from eight letters. A word that
begins a known one is no slip: "burgl" means all words that begin so.
"""

from collections.abc import Iterable

SHORTEST = 4
LONG = 8
OFFERED = 3
BEGUN = 5


def slips(word: str) -> int:
    """Return how many slips are forgiven in a word; in one with a digit, none."""
    if len(word) < SHORTEST or not word.isalpha():
        return 0
    return 2 if len(word) >= LONG else 1


def distance(first: str, second: str, most: int) -> int:
    """Return the slips between two words, or `most + 1` where there are more."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        before, last, row = row, before, [i]
        for j, other in enumerate(second, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                steps = min(steps, last[j - 2] + 1)
            row.append(steps)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words within the slips that are forgiven, the likeliest first.

    Fewer slips come first, then the same first letter (people seldom miss it), then the alphabet.
    """
    most = slips(word)
    if not most:
        return []
    near = {other: distance(word, other, most) for other in set(known)}
    kept = [other for other, steps in near.items() if 0 < steps <= most]
    return sorted(kept, key=lambda other: (near[other], other[0] != word[0], other))[:OFFERED]


def begun(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that begin with a part that was typed, the shortest first."""
    if len(word) < SHORTEST:
        return []
    kept = {other for other in known if other.startswith(word) and other != word}
    return sorted(kept, key=lambda other: (len(other), other))[:BEGUN]

"""How hard a summary is to read: its words and the length of its sentences. The limits are the Centre's own."""

import re

MOST_WORDS = 250
LONG_SENTENCE = 25  # words, on average
_WORD = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")
_SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)|\n+")


def word_count(text: str) -> int:
    """Return how many words a text has."""
    return len(_WORD.findall(text))


def sentence_length(text: str) -> float:
    """Return the mean number of words in a sentence; 0 for a text without words."""
    counts = [count for part in _SENTENCE.split(text) if (count := word_count(part))]
    return sum(counts) / len(counts) if counts else 0.0

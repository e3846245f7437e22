"""What people type into the search box, as words to look for. Pure.

Kept simple and portable on purpose: case-insensitive, plain plurals, and the few words that police and
public use differently.
"""

import re

LIMIT = 8
STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "at",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "how",
        "i",
        "in",
        "is",
        "it",
        "my",
        "of",
        "on",
        "or",
        "our",
        "that",
        "the",
        "to",
        "we",
        "what",
        "which",
        "with",
        "works",
        "work",
        "best",
        "stop",
        "stopping",
        "reduce",
        "reducing",
        "prevent",
        "preventing",
        "cut",
        "cutting",
        "problem",
    ]
)
SYNONYMS: dict[str, tuple[str, ...]] = {
    "dv": ("domestic abuse",),
    "da": ("domestic abuse",),
    "asb": ("anti-social behaviour",),
    "antisocial": ("anti-social",),
    "break-in": ("burglary",),
    "burgled": ("burglary",),
    "knives": ("knife", "serious violence"),
    "stabbing": ("knife", "serious violence"),
    "shoplifting": ("shop theft",),
    "lfr": ("facial recognition",),
    "bwv": ("body-worn",),
    "bodycam": ("body-worn",),
    "ai": ("artificial intelligence", "AI-"),
    "misper": ("missing",),
    "car": ("vehicle",),
    "paperwork": ("paperwork", "redaction", "disclosure"),
}


def terms(text: str) -> list[tuple[str, ...]]:
    """Return the words worth searching for, each with the forms that count as a match."""
    words = re.findall(r"\w[\w'&-]*", text.casefold())
    kept = [word for word in dict.fromkeys(words) if word not in STOP]
    return [_forms(word) for word in kept[:LIMIT]]


def _forms(word: str) -> tuple[str, ...]:
    forms = [word]
    if len(word) > 4 and word.endswith("ies"):
        forms.append(word[:-3] + "y")
    elif len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        forms.append(word[:-1])
    extra = [synonym for form in forms for synonym in SYNONYMS.get(form, ())]
    # A two-letter abbreviation would match inside ordinary words: only what it stands for counts.
    return tuple(extra) if extra and len(word) <= 2 else tuple(dict.fromkeys(forms + extra))

"""E, M, M, I, E as a page shows them: what is written, how well it is founded, and what is empty."""

from typing import Any

from tactics.emmie import BEST, DIMENSIONS, WORKING_TEXT, Standing
from tactics.models import Rating, Tactic

# The eight levels of the Crime Reduction Toolkit's effect scale, in our words: + is for the better.
CODE_WORDS = {
    "+3": "for the better overall",
    "+2": "for the better overall, with some evidence for the worse",
    "+1": "some evidence for the better, none overall",
    "0x": "some evidence both ways, none overall",
    "0": "no evidence of a change",
    "-1": "some evidence for the worse, none overall",
    "-2": "for the worse overall, with some evidence for the better",
    "-3": "for the worse overall",
}
NOBODY = "Nobody has written this yet"


def parts(tactic: Tactic, rating: Rating | None, found: dict[str, Standing]) -> list[dict[str, Any]]:
    """Return the five parts in order. `level` is 0 to 4 (0 to 5 for Effect), or None where nothing is known."""
    return [_effect(tactic, rating), *(_part(tactic, name, one) for name, one in found.items())]


def _effect(tactic: Tactic, rating: Rating | None) -> dict[str, Any]:
    shown = {"letter": "E", "name": "Effect", "is_computed": True, "best": 5, "level": None}
    if rating is None or tactic.is_known_elsewhere or not rating.k:
        return {**shown, "words": "No trial is rated here yet", "is_written": False}
    meaning = CODE_WORDS.get(rating.crt_code)
    code = f"; {meaning} (code {rating.crt_code} of the toolkit's scale)" if meaning else ""
    words = f"Strength {rating.strength} of 5{code}"
    return {**shown, "level": rating.strength, "words": words, "is_written": True}


def _part(tactic: Tactic, name: str, now: Standing) -> dict[str, Any]:
    is_written = bool(getattr(tactic, name))
    agreed = now.agreed
    if agreed is not None:
        words = f"Quality {agreed.score} of {BEST}: {WORKING_TEXT[name][agreed.score].lower()}"
        words += "" if is_written else f". {NOBODY} on this page"
    else:
        words = "Written, not scored yet" if is_written else NOBODY
    return {
        "letter": DIMENSIONS[name][0],
        "name": DIMENSIONS[name],
        "is_computed": False,
        "best": BEST,
        "level": agreed.score if agreed else None,
        "words": words,
        "is_written": is_written,
    }


def as_json(tactic: Tactic, rating: Rating | None, found: dict[str, Standing]) -> list[dict[str, Any]]:
    """Return the same for programs."""
    return [
        {
            "part": part["name"].lower(),
            "is_written": part["is_written"],
            "is_computed": part["is_computed"],
            "score": part["level"],
            "of": part["best"],
            "crt_code": rating.crt_code if part["is_computed"] and rating and part["is_written"] else None,
            "words": part["words"],
        }
        for part in parts(tactic, rating, found)
    ]

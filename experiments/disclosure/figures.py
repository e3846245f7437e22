"""Figures: drawn from the released table, with nothing hidden in the file."""

from __future__ import annotations

import re

from experiments.disclosure.policy import Concern

# Where a drawing can carry more than it shows, or fetch and run something.
HIDDEN = {
    "metadata": rb"<(?:\w+:)?metadata\b",
    "a comment": rb"<!--",
    "a script": rb"<(?:\w+:)?script\b|\son\w+\s*=",
    "an image": rb"<(?:\w+:)?(?:image|foreignObject)\b",
    "an outside address": rb"(?:href|src)\s*=\s*[\"'](?!#)",
    "an entity": rb"<!(?:ENTITY|DOCTYPE)",
    "data attributes": rb"\sdata-[\w-]+\s*=",
}


def check_figure(svg: bytes, *, where: str) -> list[Concern]:
    """Find what an SVG file carries besides its drawing."""
    return [
        Concern("figure-hidden", where, f"The figure contains {what}", blocks=True)
        for what, pattern in HIDDEN.items()
        if re.search(pattern, svg, re.IGNORECASE)
    ]

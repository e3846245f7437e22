"""Invented forces for funnels."""

from collections.abc import Sequence

import numpy as np

from centre.hub.standards.funnel import Figure


def figures(counts: Sequence[float], denominators: Sequence[float]) -> list[Figure]:
    """Return a figure for each force, named f0, f1, …"""
    pairs = zip(counts, denominators, strict=True)
    return [Figure(f"f{at}", float(count), float(n)) for at, (count, n) in enumerate(pairs)]


def residents(n: int = 43, seed: int = 1) -> np.ndarray:
    """Return residents of as many forces, from some 400,000 to some 9 million."""
    return np.round(np.exp(np.random.default_rng(seed).uniform(np.log(4e5), np.log(9e6), n)))

"""Allocation of units to arms: drawn by a method that anyone can replay.

``draw(units, scheme, seed)`` is the whole of it; `experiments/verify_allocation.py` replays its record with
Python alone. Pure: no database, no clock, no generator of random numbers.
"""

from experiments.randomise.draws import Draw, allocation_sha256, draw, problems
from experiments.randomise.engine import ALGORITHM_ID, ALGORITHM_VERSION
from experiments.randomise.fit import constrained_set, prepared
from experiments.randomise.options import Arm, Constraint, Crossover, Factor, Wedge
from experiments.randomise.scheme import METHODS, Method, Scheme
from experiments.randomise.seeds import commitment, new_secret, reveal, seed_text
from experiments.randomise.units import DrawRefused, Problem, Unit, canonical_csv, list_sha256

__all__ = [
    "ALGORITHM_ID",
    "ALGORITHM_VERSION",
    "METHODS",
    "Arm",
    "Constraint",
    "Crossover",
    "Draw",
    "DrawRefused",
    "Factor",
    "Method",
    "Problem",
    "Scheme",
    "Unit",
    "Wedge",
    "allocation_sha256",
    "canonical_csv",
    "commitment",
    "constrained_set",
    "draw",
    "list_sha256",
    "new_secret",
    "prepared",
    "problems",
    "reveal",
    "seed_text",
]

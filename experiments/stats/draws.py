"""Random draws that cannot depend on order, ``--only`` or the number of workers.

Each block of draws has its own PCG64, seeded from SHA-256 of (plan seed, estimate id, purpose, block
number). Numbers are made from the raw 64-bit output with our own mapping, because NumPy promises bit
generators across versions and not the methods of ``Generator``.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from centre.distributions import normal_from_uniform, uniform_from_raw

BLOCK = 500  # draws in one block, whatever the number of workers


def stream(seed: int, estimate_id: str, purpose: str, block: int = 0) -> np.random.PCG64:
    """The bit generator of one block of draws for one purpose of one estimate."""
    key = "\x1f".join((str(seed), estimate_id, purpose, str(block)))
    return np.random.PCG64(int.from_bytes(hashlib.sha256(key.encode()).digest(), "big"))


def uniforms(bits: np.random.PCG64, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Uniform on the open interval (0, 1), from the top 53 bits."""
    return uniform_from_raw(_raw(bits, shape)).reshape(shape)


def standard_normals(bits: np.random.PCG64, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Standard normals by inversion, one raw number each."""
    return normal_from_uniform(uniforms(bits, shape))


def signs(bits: np.random.PCG64, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Rademacher draws, -1 or 1, from the top bit."""
    return np.where(_raw(bits, shape) >> np.uint64(63), 1.0, -1.0).reshape(shape)


def keys(bits: np.random.PCG64, shape: tuple[int, ...]) -> NDArray[np.uint64]:
    """Raw 64-bit numbers, to sort by."""
    return _raw(bits, shape).reshape(shape)


def permutation(bits: np.random.PCG64, count: int) -> NDArray[np.int64]:
    """A random order of 0..count-1: raw keys sorted, the index as tie-break."""
    return np.argsort(_raw(bits, (count,)), kind="stable").astype(np.int64)


def _raw(bits: np.random.PCG64, shape: tuple[int, ...]) -> NDArray[np.uint64]:
    return np.asarray(bits.random_raw(int(np.prod(shape))), dtype=np.uint64)

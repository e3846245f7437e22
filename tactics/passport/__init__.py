"""PURE: the evidence passport, as data and as a PDF, sealed and checked. Knows no Django."""

from tactics.passport.seal import PASSPORT_VERSION, Key, Verified, open_sealed, sealed

__all__ = ["PASSPORT_VERSION", "Key", "Verified", "open_sealed", "sealed"]

"""Backups: the database of one moment, every file that it refers to, and a manifest that says what must come back.

A folder holds many of them. Files of the vault are kept once for all, under their hash; each backup is a folder of
its own, which has its name only once everything in it is written.
"""

from centre.backups.making import make
from centre.backups.manifest import Incomplete, Manifest, newest
from centre.backups.restoring import NotEmpty, restore

__all__ = ["Incomplete", "Manifest", "NotEmpty", "make", "newest", "restore"]

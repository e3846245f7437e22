"""What a snapshot of the whole public registry holds, and how it describes itself: pure, without rows."""

from experiments.snapshots.describing import Part, checksums, descriptor, readme
from experiments.snapshots.tables import ESTIMATE_KEY, PROTOCOLS, TABLES, Table

__all__ = ["ESTIMATE_KEY", "PROTOCOLS", "TABLES", "Part", "Table", "checksums", "descriptor", "readme"]

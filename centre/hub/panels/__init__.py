"""PURE: national panels: counts of many areas by months, read as a stream and kept as columns."""

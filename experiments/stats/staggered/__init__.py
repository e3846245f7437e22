"""Panels in which units start treatment at different times: comparisons by group and time, and their sums."""

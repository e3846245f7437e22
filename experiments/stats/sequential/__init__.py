"""Interim looks: boundaries that spend the error rate, what may be said at the end, and intervals that always hold."""

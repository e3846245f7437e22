"""Checks of a design: a function on plain arrays, and the adapter that the engine calls."""

"""PURE: how good monthly files are: checks, findings, scorecards, and what a version that is sent again changes."""

"""Forms of the trial pages."""

"""Pages of the trial registry and of the trial workspace."""

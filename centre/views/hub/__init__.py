"""Pages of the data hub."""

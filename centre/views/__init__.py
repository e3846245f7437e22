"""Pages of the Centre itself."""

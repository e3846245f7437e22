"""PURE: how good a force's data are: findings by the six dimensions of the Government Data Quality Framework (2020)."""

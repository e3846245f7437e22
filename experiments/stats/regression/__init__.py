"""Least squares, two-way fixed effects, and the covariances of their coefficients."""

"""Small data sets made by formula, whose estimates were computed with named packages (R clubSandwich, did, …)."""

import numpy as np
import pandas as pd


def panel() -> pd.DataFrame:
    """Vector A: 24 units, 8 periods, adoption never or at 4, 6 or 7, twelve clusters; sums 437.48 and 990."""
    rows = []
    for i in range(24):
        first = (0, 4, 6, 7)[i % 4]
        for t in range(1, 9):
            treated = bool(first) and t >= first
            x = ((13 * i) % 7) / 3 - 1
            effect = 0.5 * (1 + 0.1 * (t - first)) if treated else 0.0
            noise = ((17 * i**2 + 29 * i * t + 11 * t**2 + 7 * i + 3 * t) % 101) / 50 - 1
            y = i / 10 + t / 5 + effect + 0.05 * x * t + noise
            count = 2 + ((5 * i + 3 * t + i * t) % 7) - int(treated) * ((i + t) % 2)
            rows.append((i, t, first, i % 12, x, float(treated), y, count))
    return pd.DataFrame(rows, columns=["unit", "period", "first", "cluster", "x", "treated", "y", "count"])


def rows() -> pd.DataFrame:
    """Vector R: 60 units by 8 periods, less every row a formula names: an unbalanced panel, or cross-sections.

    Adoption never or at 4, 6 or 7, twelve clusters that each start at one date, weights fixed by unit, a covariate
    that moves with the period; 378 rows whose outcome sums to 804.15333.
    """
    made = []
    for i in range(60):
        first = (0, 4, 6, 7)[i % 4]
        for t in range(1, 9):
            if (5 * i**2 + 3 * t**2 + 2 * i * t) % 13 < 2:
                continue
            x = ((13 * i + 5 * t + i**2 * t) % 7) / 3 - 1
            effect = 0.5 * (1 + 0.1 * (t - first)) if first and t >= first else 0.0
            noise = ((17 * i**2 + 29 * i * t + 11 * t**2 + 7 * i + 3 * t) % 101) / 50 - 1
            y = i / 30 + t / 5 + effect + 0.3 * x + 0.05 * x * t + noise
            made.append((i, t, first, i % 12, x, 1 + (i % 3) / 2, y))
    return pd.DataFrame(made, columns=["unit", "period", "first", "cluster", "x", "w", "y"])


def clusters() -> pd.DataFrame:
    """Vector B: 10 clusters of 3 to 6, half of them treated; N = 43 and the outcome sums to 34.8021978022."""
    rows = []
    for q in range(10):
        for j in range(3 + q % 4):
            z = float(q in (0, 3, 4, 7, 9))
            x = ((3 * q + 7 * j) % 5) / 2 - 1
            y = 0.5 * z + ((5 * q**2) % 7) / 7 + ((11 * q + 17 * j**2 + 5 * j * q) % 13) / 6.5 - 1
            rows.append((f"{q}-{j}", q, "treatment" if z else "control", z, x, y))
    frame = pd.DataFrame(rows, columns=["unit", "cluster", "arm", "z", "x", "y"])
    return frame.assign(
        count=lambda table: (4 * (table.y + 2)).astype(int), exposure=lambda table: 1.5 + table.x
    )


def arrays(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, treatment, the covariate as a matrix, and clusters of vector B."""
    return frame.y.to_numpy(), frame.z.to_numpy(), frame[["x"]].to_numpy(), frame.cluster.to_numpy()

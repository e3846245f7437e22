"""The codebook: every column of every table, for people and as a table of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from experiments.packages.columns import CODEBOOK, ESTIMATES, Column
from experiments.packages.tabular import as_csv
from experiments.packages.tidy import TIDY

TABLES: Mapping[str, tuple[Column, ...]] = {"tidy": TIDY, "estimates": ESTIMATES, "codebook": CODEBOOK}


def codebook_csv() -> bytes:
    """Return the codebook as CSV."""
    return as_csv(CODEBOOK, list(_rows()))


def codebook_text() -> bytes:
    """Return the codebook as Markdown, one table for each table."""
    lines = ["# Codebook", ""]
    for name, columns in TABLES.items():
        lines += [
            f"## {name}",
            "",
            "| column | type | unit | what it says | words |",
            "|---|---|---|---|---|",
        ]
        for column in columns:
            words = ", ".join(dict.fromkeys(column.words))
            lines.append(f"| `{column.name}` | {column.type} | {column.unit} | {column.meaning} | {words} |")
        lines.append("")
    lines += [
        "A blank cell is a missing value, but for `term`, where it stands for the estimate itself.",
        "A Parquet file holds the same rows and numbers as the CSV file of its name.",
        "",
    ]
    return "\n".join(lines).encode()


def _rows() -> Iterator[dict[str, Any]]:
    for name, columns in TABLES.items():
        for column in columns:
            yield {
                "table": name,
                "column": column.name,
                "type": column.type,
                "unit": column.unit,
                "words": "|".join(dict.fromkeys(column.words)),
                "required": column.is_required,
                "meaning": column.meaning,
            }

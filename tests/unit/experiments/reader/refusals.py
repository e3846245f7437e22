"""What the tests of the reader share: a small panel, and what is said about a file."""

from __future__ import annotations

import pytest

from experiments.reader import ColumnSpec, FileRefused, Panel, Problem, read_upload

SCHEMA = [ColumnSpec("unit", "text"), ColumnSpec("week", "period"), ColumnSpec("calls", "count")]
PANEL = Panel("unit", "week", period_noun="week")
GOOD = "unit,week,calls\nHS-001,1,4\nHS-001,2,0\nHS-002,1,7\nHS-002,2,12\n"


def problems(content: bytes | str, schema: list[ColumnSpec] = SCHEMA, **options: object) -> list[Problem]:
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(FileRefused) as caught:
        read_upload(raw, schema, **options)  # type: ignore[arg-type]
    assert caught.value.total >= len(caught.value.problems)
    return list(caught.value.problems)


def messages(content: bytes | str, schema: list[ColumnSpec] = SCHEMA, **options: object) -> list[str]:
    return [problem.message for problem in problems(content, schema, **options)]


def one_column(kind: str, *values: str, **bounds: object) -> list[Problem]:
    """Problems of a column "x" with these values."""
    spec = ColumnSpec("x", kind, **bounds)  # type: ignore[arg-type]
    return problems(
        "unit,x\n" + "".join(f"u,{value}\n" for value in values), [ColumnSpec("unit", "text"), spec]
    )


def values_of(kind: str, *values: str, **bounds: object) -> list[object]:
    spec = ColumnSpec("x", kind, **bounds)  # type: ignore[arg-type]
    text = "unit,x\n" + "".join(f"u,{value}\n" for value in values)
    return read_upload(text.encode(), [spec]).table["x"].to_pylist()

"""Canonical JSON after RFC 8785, and the result document's bytes."""

import numpy as np
import pytest

from centre.canonical import canonical_json, document_json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"),
        (0.05, "0.05"),
        (1e-5, "0.00001"),
        (1.5e-7, "1.5e-7"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (-0.0, "0"),
        (123456789.125, "123456789.125"),
        (True, "true"),
        (None, "null"),
        ("é\n", '"é\\n"'),
        ({"b": 1, "a": [1.0, 2]}, '{"a":[1,2],"b":1}'),
    ],
)
def test_values_are_written_as_rfc_8785_writes_them(value: object, text: str) -> None:
    assert canonical_json(value).decode() == text


def test_keys_are_sorted_by_utf_16_code_units() -> None:
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2}).decode() == '{"\U0001f600":2,"\ufb33":1}'


def test_the_document_has_no_negative_zero_and_no_numpy() -> None:
    text = document_json({"a": -0.0, "b": np.float64(0.1), "c": (np.int64(3), None)}).decode()
    assert text == '{\n  "a": 0.0,\n  "b": 0.1,\n  "c": [\n    3,\n    null\n  ]\n}\n'


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_never_written(value: float) -> None:
    with pytest.raises(ValueError, match=r"Out of range|no NaN"):
        document_json({"a": value})
    with pytest.raises(ValueError, match="no NaN"):
        canonical_json({"a": value})

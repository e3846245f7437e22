"""JSON as bytes that do not depend on the machine: the plan's canonical form, and the result document's.

Canonical form follows RFC 8785: keys sorted by UTF-16 code units, no spaces, numbers as ECMAScript prints
them (so 5 and 5.0 are one plan). The result document keeps the contract's order of keys and Python's
shortest round-trip floats.
"""

import hashlib
import json
import math
from typing import Any

import numpy as np


def canonical_json(value: Any) -> bytes:
    """`value` (plain JSON objects) in RFC 8785 form."""
    return _canonical(value).encode()


def digest(value: Any) -> str:
    """The SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def document_json(document: Any) -> bytes:
    """`document` as indented JSON in its own key order, one final newline; refuses NaN and infinity."""
    text = json.dumps(plain(document), ensure_ascii=False, allow_nan=False, indent=2)
    return text.encode() + b"\n"


def plain(value: Any) -> Any:
    """`value` with NumPy scalars and tuples turned into JSON's own types and -0.0 into 0.0."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    # Adding zero turns -0.0 into 0.0 and leaves every other float alone.
    return value + 0.0 if isinstance(value, float) else value


def _canonical(value: Any) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(key)}:{_canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    return _text(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _number(value: float) -> str:
    """A float as ECMAScript's Number::toString prints it."""
    if not math.isfinite(value):
        raise ValueError("canonical JSON has no NaN or infinity")
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        # repr switches to an exponent below 1e-4, ECMAScript below 1e-6; both print the same shortest digits.
        return mantissa
    power = int(exponent)
    if -7 < power < 0:
        sign, digits = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
        return f"{sign}0.{'0' * (-power - 1)}{digits.replace('.', '')}"
    return f"{mantissa.removesuffix('.0')}e{'+' if power > 0 else '-'}{abs(power)}"

import pytest

from centre.api.strict_json import MAX_DEPTH, BadJSON, loads


@pytest.mark.parametrize(
    ("raw", "message", "pointer"),
    [
        (b"[" * 50_000, "JSON nested too deeply", ""),
        (b"[" * 50_000 + b"]" * 50_000, "JSON nested too deeply", ""),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "JSON nested too deeply", ""),
        (b'{"a": 1, "a": 2}', "Key 'a' appears twice.", ""),
        (b'{"a": NaN}', "NaN is not a number", ""),
        (b'{"a": -Infinity}', "-Infinity is not a number", ""),
        (b'{"a": 1e400}', "A number is too large.", ""),
        (b'{"a": ' + b"9" * 5000 + b"}", "out of range", "/a"),
        (
            b'{"a": [1000000000000000000000000000000]}',
            "use -9223372036854775808 to 18446744073709551615",
            "/a/0",
        ),
        (b'{"a": -9223372036854775809}', "out of range", "/a"),
        (b'{"a": {"b/c": ["x", "y\\u0000"]}}', "U+0000", "/a/b~1c/1"),
        (b'{"a": "\\ud800"}', "U+D800", "/a"),
        (b'{"a\\u0000": 1}', "U+0000", ""),
        (b'{"a": 1', "This is not JSON: line 1, column 8", ""),
        (b"\xff\xfe{}", "UTF-8; byte 1", ""),
        (b"", "This is not JSON", ""),
    ],
)
def test_loads_refuses_and_names_the_place(raw, message, pointer):
    with pytest.raises(BadJSON) as refusal:
        loads(raw)
    assert message in refusal.value.message
    assert refusal.value.pointer == pointer


def test_loads_takes_ordinary_json():
    assert loads('\ufeff{"a": [1, -2.5, "é😀", null, true]}'.encode()) == {"a": [1, -2.5, "é😀", None, True]}


def test_loads_takes_depth_up_to_the_limit():
    assert loads(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None
